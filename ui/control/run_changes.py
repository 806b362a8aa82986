"""What a run changed and the way back: counts it, shows it for review, undoes it and says what came of that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.agent.port import AgentPort
from app.agent.trace import Run
from app.errors import AppError
from app.tools.tool import FileChange, UndoOutcome
from ui.theme import Theme
from ui.tools.change_list import outcome_words
from ui.tools.run_words import ACTIVE
from ui.widgets.notice import Notice, NoticeAction
from ui.widgets.notices import Notices

if TYPE_CHECKING:
    from ui.tools.change_view import MakeDiff
    from ui.tools.changes_dialog import ChangesDialog


class ChangeStore(Protocol):
    """Answers what the checkpoint store holds. Verbs return at once; one of their callbacks comes, once."""

    def changes(
        self,
        workspace: str,
        run_key: str,
        on_done: Callable[[tuple[FileChange, ...]], None],
        on_failed: Callable[[AppError], None],
    ) -> None:
        """List what a run changed and was not taken back, in order."""
        ...

    def contents(
        self,
        workspace: str,
        name: str,
        on_done: Callable[[bytes | None], None],
        on_failed: Callable[[AppError], None],
    ) -> None:
        """Read a file's contents; None where they are no longer kept."""
        ...


class RunChanges(QObject):
    """Follows one run; any run can be reviewed and undone.

    Signals:
        changed(): Another number of files is counted.
    """

    changed = Signal()

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        port: AgentPort,
        store: ChangeStore,
        make_diff: MakeDiff,
        notices: Notices,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._window = window
        self._port = port
        self._store = store
        self._make_diff = make_diff
        self._notices = notices
        self._run: Run | None = None
        self._reviewed: Run | None = None
        self._titles: Mapping[str, str] = {}
        self._dialog: ChangesDialog | None = None
        #: Files that the run followed has changed, as far as is known.
        self.files = 0

    def follow(self, run: Run | None, *, has_steps: bool) -> None:
        """Count what a run changed; ``has_steps``: something of it was kept in the store."""
        if run is None or self._run is None or run.key != self._run.key:
            self.files = 0
        self._run = run
        if has_steps:
            self.recount()

    def recount(self) -> None:
        """Count anew what the run followed has changed."""
        run = self._run
        if run is None:
            return

        def take(changes: tuple[FileChange, ...]) -> None:
            if self._run is not None and self._run.key == run.key:
                self.files = len({change.path for change in changes})
                self.changed.emit()

        # A folder that is gone is said when somebody asks to see its changes.
        self._store.changes(run.workspace, run.key, take, lambda _error: None)

    def review(self, run: Run, titles: Mapping[str, str], *, ask_undo: bool = False) -> None:
        """Show what a run changed; ``titles`` says what each step was, ``ask_undo`` asks about all of it at once."""
        self._reviewed, self._titles = run, titles

        def take(changes: tuple[FileChange, ...]) -> None:
            self._show(changes)
            dialog = self._made_dialog()
            dialog.open()
            if ask_undo and changes:
                dialog.ask_for_run()

        self._store.changes(run.workspace, run.key, take, self._notices.show_error)

    def undo(self, run: Run, steps: tuple[str, ...], titles: Mapping[str, str], *, force: bool = False) -> None:
        """Take back steps of a run, all without ``steps``, and say what came of it."""

        def take(answer: UndoOutcome | AppError) -> None:
            if isinstance(answer, AppError):
                self._notices.show_error(answer)
                return
            self._tell(run, steps, titles, answer)
            if self._run is not None and self._run.key == run.key:
                self.recount()

        self._port.undo(run.key, steps, take, force=force)

    def close(self) -> None:
        """Close the dialog."""
        if self._dialog is not None:
            self._dialog.close()

    # --- how --------------------------------------------------------------------------------------------

    def _made_dialog(self) -> ChangesDialog:
        if self._dialog is None:
            from ui.tools.changes_dialog import ChangesDialog  # noqa: PLC0415 - a start has no use for it

            self._dialog = ChangesDialog(self._theme, self._read, self._make_diff, self._window)
            self._dialog.undo_requested.connect(self._on_dialog_undo_requested)
        return self._dialog

    def _show(self, changes: tuple[FileChange, ...]) -> None:
        run = self._port.run
        is_active = run is not None and run.state in ACTIVE
        self._made_dialog().show_changes(changes, self._titles, can_undo=not is_active)

    def _read(self, name: str, on_done: Callable[[bytes | AppError | None], None]) -> None:
        if self._reviewed is not None:
            self._store.contents(self._reviewed.workspace, name, on_done, on_done)

    def _tell(self, run: Run, steps: tuple[str, ...], titles: Mapping[str, str], outcome: UndoOutcome) -> None:
        is_reviewed = self._dialog is not None and self._dialog.isVisible() and self._reviewed is run
        title, message = outcome_words(outcome)
        if is_reviewed:
            self._list_anew(run, steps, outcome)
        if not outcome.conflicts:
            self._notices.show_info(title, message)
        elif not is_reviewed:
            look = NoticeAction("Review…", lambda: self._review_conflicts(run, steps, titles, outcome))
            self._notices.show_notice(Notice("warning", title, message, actions=(look,)))

    def _review_conflicts(
        self, run: Run, steps: tuple[str, ...], titles: Mapping[str, str], outcome: UndoOutcome
    ) -> None:
        self._reviewed, self._titles = run, titles
        self._made_dialog().open()
        self._list_anew(run, steps, outcome)

    def _list_anew(self, run: Run, steps: tuple[str, ...], outcome: UndoOutcome) -> None:
        def take(changes: tuple[FileChange, ...]) -> None:
            self._show(changes)
            self._made_dialog().show_outcome(steps, outcome)

        self._store.changes(run.workspace, run.key, take, self._notices.show_error)

    def _on_dialog_undo_requested(self, steps: tuple[str, ...], force: bool) -> None:
        if self._reviewed is not None:
            self.undo(self._reviewed, steps, self._titles, force=force)
