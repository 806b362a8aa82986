"""The review of one run: its files, what stands in them, and writing them as the person wants them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from app.agent.trace import Run
from app.errors import AppError
from app.tools.tool import FileChange, RunFile, Wanted
from ui.tools.comment_words import Comment

if TYPE_CHECKING:
    from app.files.hunks import Hunk

OnFailed = Callable[[AppError], None]
#: The contents asked for, in their order; None where they are no longer kept.
OnRead = Callable[[Sequence[bytes | None] | AppError], None]


class ChangeStore(Protocol):
    """Answers what the checkpoint store holds. Verbs return at once; one of their callbacks comes, once."""

    def changes(
        self, workspace: str, run_key: str, on_done: Callable[[tuple[FileChange, ...]], None], on_failed: OnFailed
    ) -> None:
        """List what a run changed and was not taken back, step by step."""
        ...

    def files(
        self, workspace: str, run_key: str, on_done: Callable[[tuple[RunFile, ...]], None], on_failed: OnFailed
    ) -> None:
        """List the files that a run changed, with what they are now."""
        ...

    def contents(self, workspace: str, name: str, on_done: Callable[[bytes | None], None], on_failed: OnFailed) -> None:
        """Read a file's contents; None where they are no longer kept."""
        ...

    def review(
        self,
        workspace: str,
        run_key: str,
        path: str,
        now: str | None,
        wanted: Wanted,
        on_done: Callable[[RunFile], None],
        on_failed: OnFailed,
    ) -> None:
        """Write one of the files, if what stands there is still what the person saw."""
        ...


@dataclass
class Decisions:
    """What a person decided and said about a file.

    Attributes:
        accepted: Hunks that were looked at and found good.
        rejected: Hunks that are not in the file, as far as was seen.
        comments: What was said about hunks.
        is_accepted: The file was accepted whole.
    """

    accepted: set[Hunk] = field(default_factory=set)
    rejected: set[Hunk] = field(default_factory=set)
    comments: dict[Hunk, str] = field(default_factory=dict)
    is_accepted: bool = False


class RunReview(QObject):
    """Signals: listed(): The files are others; changed(str): one was written, or could not be; failed(object): why."""

    listed = Signal()
    changed = Signal(str)
    failed = Signal(object)

    def __init__(self, store: ChangeStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._run: Run | None = None
        self._question = 0
        self._decisions: dict[tuple[str, str], Decisions] = {}
        self._waiting: dict[str, Wanted] = {}
        self._busy: set[str] = set()
        self.files: dict[str, RunFile] = {}
        self.changes: tuple[FileChange, ...] = ()

    @property
    def run(self) -> Run | None:
        """The run that is reviewed."""
        return self._run

    def open(self, run: Run, on_done: Callable[[], None] = lambda: None) -> None:
        """Review a run; ``on_done`` hears when its files are known."""
        if self._run is None or self._run.key != run.key:
            self._waiting, self._busy = {}, set()
        self._run = run
        self.refresh(on_done)

    def refresh(self, on_done: Callable[[], None] = lambda: None) -> None:
        """List the files anew."""
        run = self._run
        if run is None:
            return
        self._question += 1
        question = self._question

        def take_files(files: tuple[RunFile, ...]) -> None:
            if question == self._question:
                self.files = {file.path: file for file in files}
                self._store.changes(run.workspace, run.key, take_changes, self.failed.emit)

        def take_changes(changes: tuple[FileChange, ...]) -> None:
            if question == self._question:
                self.changes = changes
                self.listed.emit()
                on_done()

        self._store.files(run.workspace, run.key, take_files, self.failed.emit)

    def decisions(self, path: str) -> Decisions:
        """Return what was decided about a file, to be changed in place."""
        key = self._run.key if self._run is not None else ""
        return self._decisions.setdefault((key, path), Decisions())

    def is_busy(self, path: str) -> bool:
        """Whether a file is being written."""
        return path in self._busy

    def comments(self) -> list[Comment]:
        """Return what was said about this run's hunks, in the order of the files."""
        return [
            Comment(path, hunk, text, hunk in decisions.rejected or file.state == "before")
            for path, file in self.files.items()
            for decisions in [self.decisions(path)]
            for hunk, text in sorted(decisions.comments.items(), key=lambda item: item[0].before_start)
            if text.strip()
        ]

    def forget_comments(self) -> None:
        """They were handed on."""
        for path in self.files:
            self.decisions(path).comments.clear()

    def read(self, names: Sequence[str | None], on_done: OnRead) -> None:
        """Read contents by name, None for no file (which reads as empty); answered once."""
        run = self._run
        found: dict[str, bytes | None] = {}
        wanted = {name for name in names if name is not None}
        is_over = False

        def done() -> None:
            nonlocal is_over
            if not is_over and len(found) == len(wanted):
                is_over = True
                on_done([b"" if name is None else found[name] for name in names])

        def fail(error: AppError) -> None:
            nonlocal is_over
            if not is_over:
                is_over = True
                on_done(error)

        def ask(name: str) -> None:
            def take(data: bytes | None) -> None:
                found[name] = data
                done()

            if run is not None:
                self._store.contents(run.workspace, name, take, fail)

        for name in sorted(wanted):
            ask(name)
        if not wanted:
            done()

    def write(self, path: str, wanted: Wanted) -> None:
        """Have a file written; what is asked for meanwhile is written after that."""
        self._waiting[path] = wanted
        if path not in self._busy:
            self._send(path)

    def _send(self, path: str) -> None:
        run, file = self._run, self.files.get(path)
        wanted = self._waiting.pop(path, None)
        if run is None or file is None or wanted is None or wanted == file.state:
            return
        self._busy.add(path)

        def take(written: RunFile) -> None:
            if self._run is run:
                known = self.files.get(path, written)
                self.files[path] = RunFile(
                    path=path, before=written.before, after=written.after, now=written.now, state=written.state,
                    is_text=written.is_text, added=known.added, removed=known.removed,
                )  # fmt: skip
                self._busy.discard(path)
                self.changed.emit(path)
                self._send(path)

        def fail(error: AppError) -> None:
            if self._run is run:
                self._busy.discard(path)
                self._waiting.pop(path, None)
                self.failed.emit(error)
                self.refresh(lambda: self.changed.emit(path))

        self._store.review(run.workspace, run.key, path, file.now, wanted, take, fail)
