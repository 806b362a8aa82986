"""What a run changed, by file: what it was, what it is, and the steps between. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.tools.tool import FileChange, RunFile, UndoOutcome
from ui.tools.run_words import files_words

_NAMED = 5

ChangeKind = Literal["added", "changed", "deleted", "gone", "renamed"]
_KIND_WORDS = {
    "added": "Added",
    "changed": "Changed",
    "deleted": "Deleted",
    "gone": "Added, then deleted",
    "renamed": "Renamed",
}
_ICONS = {
    "added": ("file-plus", "success"),
    "changed": ("pencil", "accent"),
    "deleted": ("trash-2", "danger"),
    "gone": ("minus", "text.muted"),
    "renamed": ("arrow-right", "accent"),
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
    def icon(self) -> tuple[str, str]:
        """Its icon and the icon's colour token."""
        return _ICONS[self.kind]


@dataclass(frozen=True)
class ChangedFile:
    """A file with its whole change and, where there are several, that of each step.

    Attributes:
        origin: Of a renamed file, the one with its old name.
    """

    file: RunFile
    steps: tuple[ShownChange, ...] = ()
    origin: RunFile | None = None

    @property
    def path(self) -> str:
        """Its name now."""
        return self.file.path

    @property
    def files(self) -> tuple[RunFile, ...]:
        """What is written when it is taken or taken back whole."""
        return (self.file,) if self.origin is None else (self.origin, self.file)

    @property
    def kind(self) -> ChangeKind:
        """What became of it."""
        if self.origin is not None:
            return "renamed"
        if self.file.before is None:
            return "gone" if self.file.after is None else "added"
        return "deleted" if self.file.after is None else "changed"

    @property
    def kind_words(self) -> str:
        """What became of it, in words."""
        return _KIND_WORDS[self.kind]

    @property
    def icon(self) -> tuple[str, str]:
        """Its icon and the icon's colour token."""
        return _ICONS[self.kind]

    @property
    def title(self) -> str:
        """What stands in the list."""
        return self.path if self.origin is None else f"{self.origin.path} \u2192 {self.path}"


def files_of(files: Sequence[RunFile], changes: Iterable[FileChange], titles: Mapping[str, str]) -> list[ChangedFile]:
    """Return the files of a run in its order, a renamed one once, with their steps where there are several.

    Args:
        changes: The steps' doings; those of a person's review are left out.
        titles: What each step was.
    """
    by_path: dict[str, list[FileChange]] = {}
    for change in changes:
        if not change.is_review:
            by_path.setdefault(change.path, []).append(change)
    origins = _origins(files)
    moved = {origin.path for origin in origins.values()}
    return [
        ChangedFile(file, _steps_of(by_path.get(file.path, []), titles), origins.get(file.path))
        for file in files
        if file.path not in moved
    ]


def _origins(files: Sequence[RunFile]) -> dict[str, RunFile]:
    """Return, by new name, the files that are only elsewhere: deleted under one name, added under another."""
    gone: dict[str | None, list[RunFile]] = {}
    for file in files:
        if file.before is not None and file.after is None:
            gone.setdefault(file.before, []).append(file)
    found = {}
    for file in files:
        if file.before is None and file.after is not None and gone.get(file.after):
            found[file.path] = gone[file.after].pop(0)
    return found


def _steps_of(changes: Sequence[FileChange], titles: Mapping[str, str]) -> tuple[ShownChange, ...]:
    if len({change.step for change in changes}) < 2:
        return ()
    return tuple(
        ShownChange(
            change.path,
            change.before,
            change.after,
            (change.step,),
            change.is_text,
            titles.get(change.step, "Step"),
        )
        for change in changes
    )


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
