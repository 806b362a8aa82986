"""What a run changed and the way back: counts it, shows it for review, undoes it and says what came of that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.agent.port import AgentPort
from app.agent.trace import Run
from app.errors import AppError
from app.tools.names import meant
from app.tools.tool import FileChange, UndoOutcome
from ui.editor.diff_look import DiffLook
from ui.theme import Theme
from ui.tools.change_list import outcome_words
from ui.tools.comment_words import message_of
from ui.tools.run_review import ChangeStore, RunReview
from ui.tools.run_words import ACTIVE
from ui.widgets.notice import Notice, NoticeAction
from ui.widgets.notices import Notices

if TYPE_CHECKING:
    from ui.tools.changes_dialog import ChangesDialog


class RunChanges(QObject):
    """Follows one run; any run can be reviewed and undone.

    Signals:
        changed(): Another number of files is counted.
        files_written(object): Absolute paths, a tuple: a review or an undo wrote or deleted them.
        comments_ready(int, str): The id of a conversation, and a message about what its run changed.
    """

    changed = Signal()
    files_written = Signal(object)
    comments_ready = Signal(int, str)

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        port: AgentPort,
        store: ChangeStore,
        look: DiffLook,
        notices: Notices,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._window = window
        self._port = port
        self._store = store
        self._look = look
        self._notices = notices
        self._run: Run | None = None
        self._review = RunReview(store, self)
        self._review.changed.connect(self._on_review_changed)
        self._review.failed.connect(notices.show_error)
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

        if self._is_reviewed(run):
            self._review.refresh()
        # A folder that is gone is said when somebody asks to see its changes.
        self._store.changes(run.workspace, run.key, take, lambda _error: None)

    def review(self, run: Run, titles: Mapping[str, str], *, ask_undo: bool = False) -> None:
        """Show what a run changed; ``titles`` says what each step was, ``ask_undo`` asks about all of it at once."""
        self._titles = titles
        dialog = self._made_dialog()

        def show() -> None:
            dialog.open()
            if ask_undo and self._review.changes:
                dialog.ask_for_run()

        self._review.open(run, show)

    def undo(self, run: Run, steps: tuple[str, ...], titles: Mapping[str, str], *, force: bool = False) -> None:
        """Take back steps of a run, all without ``steps``, and say what came of it."""

        def take(answer: UndoOutcome | AppError) -> None:
            if isinstance(answer, AppError):
                self._notices.show_error(answer)
                return
            self._tell(run, steps, titles, answer)
            self.files_written.emit(tuple(_place(run, path) for path in answer.restored))
            if self._run is not None and self._run.key == run.key:
                self.recount()

        self._port.undo(run.key, steps, take, force=force)

    def close(self) -> None:
        """Close the dialog."""
        if self._dialog is not None:
            self._dialog.stop()
            self._dialog.close()

    # --- how --------------------------------------------------------------------------------------------

    def _made_dialog(self) -> ChangesDialog:
        if self._dialog is None:
            from ui.tools.changes_dialog import ChangesDialog  # noqa: PLC0415 - a start has no use for it

            self._dialog = ChangesDialog(self._theme, self._look, self._review, self._window)
            self._dialog.undo_requested.connect(self._on_dialog_undo_requested)
            self._dialog.send_requested.connect(self._on_dialog_send_requested)
            self._dialog.returned.connect(self._review.refresh)
        run = self._port.run
        self._dialog.expect(self._titles, can_undo=run is None or run.state not in ACTIVE)
        return self._dialog

    def _is_reviewed(self, run: Run) -> bool:
        """Whether a run is being looked at."""
        shown = self._review.run
        is_open = self._dialog is not None and self._dialog.isVisible()
        return is_open and shown is not None and shown.key == run.key

    def _tell(self, run: Run, steps: tuple[str, ...], titles: Mapping[str, str], outcome: UndoOutcome) -> None:
        is_reviewed = self._is_reviewed(run)
        title, message = outcome_words(outcome)
        if is_reviewed:
            self._list_anew(steps, outcome)
        if not outcome.conflicts:
            self._notices.show_info(title, message)
        elif not is_reviewed:
            look = NoticeAction("Review…", lambda: self._review_conflicts(run, steps, titles, outcome))
            self._notices.show_notice(Notice("warning", title, message, actions=(look,)))

    def _review_conflicts(
        self, run: Run, steps: tuple[str, ...], titles: Mapping[str, str], outcome: UndoOutcome
    ) -> None:
        self._titles = titles
        dialog = self._made_dialog()

        def show() -> None:
            dialog.open()
            dialog.show_outcome(steps, outcome)

        self._review.open(run, show)

    def _list_anew(self, steps: tuple[str, ...], outcome: UndoOutcome) -> None:
        dialog = self._made_dialog()
        self._review.refresh(lambda: dialog.show_outcome(steps, outcome))

    def _on_dialog_undo_requested(self, steps: tuple[str, ...], force: bool) -> None:
        if self._review.run is not None:
            self.undo(self._review.run, steps, self._titles, force=force)

    def _on_dialog_send_requested(self) -> None:
        run, review = self._review.run, self._review
        if run is None:
            return
        message = message_of(review.comments())
        review.forget_comments()
        dialog = self._made_dialog()
        dialog.comments_sent()
        dialog.close()  # the message is below it, and waits to be sent
        self._window.activateWindow()
        self.comments_ready.emit(run.conversation_id, message)

    def _on_review_changed(self, path: str) -> None:
        run = self._review.run
        if run is not None:
            self.files_written.emit((_place(run, path),))


def _place(run: Run, path: str) -> str:
    """Return where a file of a run is; ``path`` is as it is shown."""
    return str(Path(run.workspace) / meant(path))
