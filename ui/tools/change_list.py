"""What a run changed, by file: what it was, what it is, and the steps between. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.tools.tool import FileChange, UndoOutcome
from ui.tools.run_words import files_words

_NAMED = 5

ChangeKind = Literal["added", "changed", "deleted", "gone"]
_KIND_WORDS = {"added": "Added", "changed": "Changed", "deleted": "Deleted", "gone": "Added, then deleted"}
_ICONS = {
    "added": ("file-plus", "success"),
    "changed": ("pencil", "accent"),
    "deleted": ("trash-2", "danger"),
    "gone": ("minus", "text.muted"),
}


@dataclass(frozen=True)
class ShownChange:
    """One file between two moments.

    Attributes:
        before, after: Names of its contents; None: there was no file.
        steps: The steps that made the change, in order.
        title: What stands in the list.
    """

    path: str
    before: str | None
    after: str | None
    steps: tuple[str, ...]
    is_text: bool
    title: str

    @property
    def kind(self) -> ChangeKind:
        """What became of it."""
        if self.before is None:
            return "gone" if self.after is None else "added"
        return "deleted" if self.after is None else "changed"

    @property
    def kind_words(self) -> str:
        """What became of it, in words."""
        return _KIND_WORDS[self.kind]

    @property
    def icon(self) -> tuple[str, str]:
        """Its icon and the icon's colour token."""
        return _ICONS[self.kind]


@dataclass(frozen=True)
class ChangedFile:
    """A file with its whole change and, where there are several, that of each step."""

    whole: ShownChange
    steps: tuple[ShownChange, ...]


def files_of(changes: Iterable[FileChange], titles: dict[str, str]) -> list[ChangedFile]:
    """Return changes by file, in the order in which the files were first changed; ``titles`` by step."""
    by_path: dict[str, list[FileChange]] = {}
    for change in changes:
        by_path.setdefault(change.path, []).append(change)
    return [_file_of(path, own, titles) for path, own in by_path.items()]


def _file_of(path: str, changes: Sequence[FileChange], titles: dict[str, str]) -> ChangedFile:
    names = tuple(dict.fromkeys(change.step for change in changes))
    is_text = all(change.is_text for change in changes)
    whole = ShownChange(path, changes[0].before, changes[-1].after, names, is_text, path)
    steps = tuple(
        ShownChange(path, change.before, change.after, (change.step,), change.is_text, titles.get(change.step, "Step"))
        for change in changes
    )
    return ChangedFile(whole, steps if len(names) > 1 else ())


def paths_of(changes: Iterable[FileChange], steps: Sequence[str]) -> list[str]:
    """Return the files that taking back these steps touches; all without steps."""
    return list(dict.fromkeys(change.path for change in changes if not steps or change.step in steps))


def listed(paths: Sequence[str]) -> str:
    """Return the first few paths, and how many more there are."""
    more = len(paths) - _NAMED
    return ", ".join(paths[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def question_words(paths: Sequence[str], *, is_run: bool, force: bool) -> str:
    """Return what is asked before something is taken back."""
    what = "the whole run" if is_run else "this"
    words = f"Undo {what}? {files_words(len(paths))} will be as before: {listed(paths)}."
    return f"{words} What was changed there since is lost." if force else words


def outcome_words(outcome: UndoOutcome) -> tuple[str, str]:
    """Return the title and the message of what an undo did."""
    restored, conflicts = len(outcome.restored), len(outcome.conflicts)
    title = f"{files_words(restored)} as before" if restored else "Nothing was undone"
    if conflicts:
        verb = "was" if conflicts == 1 else "were"
        return title, f"{files_words(conflicts)} {verb} changed since and left alone: {listed(outcome.conflicts)}."
    return title, listed(outcome.restored) if restored else "All of it was undone already."
