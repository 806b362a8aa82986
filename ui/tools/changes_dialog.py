"""The review of a run: its files and steps, each file hunk by hunk, comments for the model, and the way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QSplitter, QTreeView, QVBoxLayout, QWidget

from app.tools.tool import UndoOutcome
from ui.editor.diff_look import DiffLook
from ui.theme import Theme
from ui.tools.change_list import ChangedFile, ShownChange, files_of, listed, paths_of, question_words
from ui.tools.change_row import COUNTS, STATE, STATES, ChangeRow
from ui.tools.comment_words import count_words
from ui.tools.review_pane import ReviewPane
from ui.tools.run_review import RunReview
from ui.tools.run_words import files_words
from ui.widgets.labels import make_button, make_label, make_line, plain_tip

_SIZE = QSize(1180, 760)
_LIST_STEPS = 78
_ROW_STEPS = 8
_CHANGE = Qt.ItemDataRole.UserRole


class ChangesDialog(QDialog):
    """Not modal. A rejected hunk is taken back at once, and can be accepted again.

    Nothing is undone before a second click, and Enter is none.

    Signals:
        undo_requested(object, bool): Steps, a tuple (empty: the whole run), and whether files that somebody
            changed since are taken back too.
        send_requested(): The comments are to go to the model.
        returned(): The person came back to it from another window, where files may have been changed.
    """

    undo_requested = Signal(object, bool)
    send_requested = Signal()
    returned = Signal()

    def __init__(self, theme: Theme, look: DiffLook, review: RunReview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._review = review
        self._titles: Mapping[str, str] = {}
        self._asked: tuple[tuple[str, ...], bool] = ((), False)
        self._last_steps: tuple[str, ...] = ()
        self._can_undo = True
        self._is_listing = False
        self.setObjectName("changes_dialog")
        self.setAccessibleName("Changes of the run")
        self.setWindowTitle("Changes of the run")
        self.resize(_SIZE)
        self._model = QStandardItemModel(self)
        self._list = QTreeView()
        self._summary = make_label("", "strong")
        self._counts = make_label("", "muted")
        self._view = ReviewPane(theme, look, review)
        self._view.undo_step.clicked.connect(self._on_undo_step_clicked)
        self._accept_run = make_button("Accept all", "", self.accept_run, "accept_run_button")
        self._reject_run = make_button("Reject all", "", self.reject_run, "reject_run_button")
        self._undo_run = make_button("Undo the whole run…", "danger", self.ask_for_run, "undo_run_button")
        self._send = make_button("Send comments", "primary", self.send_requested.emit, "send_comments_button")
        self._comments = make_label("", "muted")
        self._comments.setObjectName("comment_count")
        self._words = make_label("", wrap=True)
        self._words.setObjectName("changes_question")
        self._yes = make_button("Undo", "danger", self._on_yes_clicked, "undo_yes_button")
        self._no = make_button("Cancel", "", self._leave_question, "undo_no_button")
        self._question = QFrame()
        self._conflict_words = make_label("", wrap=True)
        self._conflict_words.setObjectName("changes_conflicts")
        self._force = make_button("Undo these too…", "", self._on_force_clicked, "undo_force_button")
        self._conflicts = QFrame()
        self._build()
        theme.changed.connect(self._draw_icons)
        review.listed.connect(self._on_review_listed)
        review.changed.connect(self._show_state_of)
        self._view.decided.connect(self._show_state_of)
        self._view.commented.connect(self._count_comments)
        self._view.pane.listen_in(self)

    # --- what is shown ----------------------------------------------------------------------------------

    def expect(self, titles: Mapping[str, str], *, can_undo: bool = True) -> None:
        """Say before the files are listed what each step was, and that the run has ended (``can_undo``)."""
        self._titles, self._can_undo = titles, can_undo

    def comments_sent(self) -> None:
        """Show that no comment waits any more."""
        self._count_comments()
        self._view.drop_comments()

    def show_outcome(self, steps: tuple[str, ...], outcome: UndoOutcome) -> None:
        """Say which files an undo of these steps left alone, and offer them."""
        self._last_steps = steps
        count = len(outcome.conflicts)
        self._conflicts.setVisible(bool(count))
        verb = "was" if count == 1 else "were"
        self._conflict_words.setText(
            f"{files_words(count)} {verb} changed after the run and left alone: {listed(outcome.conflicts)}."
        )

    def ask_for_run(self) -> None:
        """Ask whether the whole run is to be undone."""
        self._ask((), force=False)

    def accept_run(self) -> None:
        """Take every file as the run left it; those that somebody changed since stay as they are."""
        for file in self._files():
            self._review.decisions(file.path).is_accepted = True
            for one in file.files:
                if one.state == "before":
                    self._review.write(one.path, "after")
            self._show_state_of(file.path)
        self._view.show_decisions()

    def reject_run(self) -> None:
        """Have every file as before the run, but for those that are neither that nor as the run left them."""
        for file in self._files():
            self._review.decisions(file.path).is_accepted = False
            for one in file.files:
                if one.state == "after":
                    self._review.write(one.path, "before")
        self._view.show_decisions()

    def open(self) -> None:
        """Show the dialog and come to the front."""
        self._conflicts.hide()
        self._leave_question()
        self.show()
        self.raise_()
        self.activateWindow()
        self._list.setFocus()  # a key pressed without a look must not reject anything

    def stop(self) -> None:
        """Work at nothing any more."""
        self._view.stop()

    # --- how it is put together -------------------------------------------------------------------------

    def _build(self) -> None:
        space = self._theme.space
        self._list.setObjectName("changes_list")
        self._list.setAccessibleName("Changed files")
        self._list.setModel(self._model)
        self._list.setItemDelegate(ChangeRow(self._theme, self._list))
        self._list.setHeaderHidden(True)
        self._list.setIndentation(space(4))
        self._list.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self._list.setContentsMargins(space(2), space(2), space(2), space(2))
        self._list.selectionModel().currentChanged.connect(self._on_list_current_changed)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setObjectName("changes_splitter")
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._list)
        splitter.addWidget(self._view)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([space(_LIST_STEPS), _SIZE.width() - space(_LIST_STEPS)])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._row(self._summary, self._counts, None, self._reject_run, self._accept_run))
        layout.addWidget(make_line())
        layout.addWidget(splitter, 1)
        layout.addWidget(self._callout(self._conflicts, "warning", self._conflict_words, self._force))
        layout.addWidget(self._callout(self._question, "error", self._words, self._no, self._yes))
        layout.addWidget(make_line())
        close = make_button("Close", "", self.close, "changes_close_button")
        layout.addLayout(self._row(self._undo_run, None, self._comments, self._send, close))

    def _row(self, *widgets: QWidget | None) -> QHBoxLayout:
        space = self._theme.space
        row = QHBoxLayout()
        row.setContentsMargins(space(4), space(3), space(4), space(3))
        row.setSpacing(space(2))
        for widget in widgets:
            if widget is None:
                row.addStretch(1)
            else:
                row.addWidget(widget)
        return row

    def _callout(self, frame: QFrame, level: str, words: QWidget, *buttons: QWidget) -> QFrame:
        space = self._theme.space
        frame.setProperty("role", "callout")
        frame.setProperty("level", level)
        row = QHBoxLayout(frame)
        row.setContentsMargins(space(4), space(2), space(4), space(2))
        row.setSpacing(space(2))
        row.addWidget(words, 1)
        for button in buttons:
            row.addWidget(button)
        frame.hide()
        return frame

    def _item(self, change: ChangedFile | ShownChange) -> QStandardItem:
        item = QStandardItem(self._icon(change), change.title)
        item.setSizeHint(QSize(0, self._theme.space(_ROW_STEPS)))
        item.setData(change, _CHANGE)
        item.setToolTip(plain_tip(change.title))
        item.setEditable(False)
        return item

    def _icon(self, change: ChangedFile | ShownChange) -> QIcon:
        name, color = change.icon
        return self._theme.icon(name, color, color)  # the view shows an open row's icon as if it were on

    def _draw_icons(self) -> None:
        for top in self._tops():
            for item in (top, *(top.child(place) for place in range(top.rowCount()))):
                item.setIcon(self._icon(item.data(_CHANGE)))

    # --- files ------------------------------------------------------------------------------------------

    def _tops(self) -> Iterator[QStandardItem]:
        for row in range(self._model.rowCount()):
            yield self._model.item(row)

    def _files(self) -> list[ChangedFile]:
        """Return the files as they are now."""
        return files_of(tuple(self._review.files.values()), self._review.changes, self._titles)

    def _on_review_listed(self) -> None:
        kept = self._chosen()
        self._is_listing = True
        self._model.clear()
        files = self._files()
        for file in files:
            item = self._item(file)
            item.setData((file.file.added, file.file.removed) if file.origin is None else (-1, -1), COUNTS)
            for step in file.steps:
                item.appendRow(self._item(step))
            self._model.appendRow(item)
            self._show_state_of(file.path)
        self._list.expandAll()
        self._summary.setText(files_words(len(files)) if files else "Nothing of this run is left to undo.")
        added = sum(max(0, file.file.added) for file in files)
        removed = sum(max(0, file.file.removed) for file in files)
        self._counts.setText(f"+{added:,} \u2212{removed:,}" if files else "")
        for button in (self._undo_run, self._accept_run, self._reject_run):
            button.setEnabled(bool(files))
        self._undo_run.setEnabled(bool(files) and self._can_undo)
        self._undo_run.setToolTip("" if self._can_undo else "The run has to end first")
        self._choose(kept.path if kept else "")
        self._is_listing = False
        self._show_chosen()
        self._count_comments()
        self._renew_question()

    def _show_state_of(self, path: str) -> None:
        file = self._review.files.get(path)
        if file is None:
            return
        is_accepted = self._review.decisions(path).is_accepted
        state = {"before": "rejected", "after": "accepted" if is_accepted else "", "other": "other"}[file.state]
        for item in self._tops():
            change = item.data(_CHANGE)
            if change.path == path:
                item.setData(state, STATE)
                words = f"{change.title}, {STATES[state][2]}" if state else change.title
                item.setData(words, Qt.ItemDataRole.AccessibleTextRole)
                item.setToolTip(plain_tip(words))

    def _count_comments(self) -> None:
        count = len(self._review.comments())
        self._comments.setText(count_words(count) if count else "")
        self._send.setVisible(count > 0)

    # --- choosing ---------------------------------------------------------------------------------------

    def _choose(self, path: str) -> None:
        rows = [row for row, item in enumerate(self._tops()) if item.data(_CHANGE).path == path]
        self._list.setCurrentIndex(self._model.index(rows[0] if rows else 0, 0))

    def _chosen(self) -> ChangedFile | ShownChange | None:
        index = self._list.currentIndex()
        change = index.data(_CHANGE) if index.isValid() else None
        return change if isinstance(change, ChangedFile | ShownChange) else None

    def _show_chosen(self) -> None:
        change = self._chosen()
        if isinstance(change, ShownChange):
            self._view.show_step(change)
            self._view.undo_step.setEnabled(self._can_undo)
        else:
            now = next((file for file in self._files() if change is not None and file.path == change.path), None)
            self._view.show_file(now)

    def _on_list_current_changed(self, _current: QModelIndex, _previous: QModelIndex) -> None:
        if not self._is_listing:
            self._leave_question()
            self._show_chosen()

    # --- asking -----------------------------------------------------------------------------------------

    def _ask(self, steps: tuple[str, ...], *, force: bool) -> None:
        self._asked = (steps, force)
        paths = paths_of(self._review.changes, steps)
        self._words.setText(question_words(paths, is_run=not steps, force=force))
        self._conflicts.hide()
        self._question.show()
        self._no.setFocus()

    def _renew_question(self) -> None:
        """Keep a question that was asked before the files were listed anew, which coming to the window does."""
        steps, force = self._asked
        paths = paths_of(self._review.changes, steps)
        if paths:
            self._words.setText(question_words(paths, is_run=not steps, force=force))
        else:
            self._leave_question()

    def _leave_question(self) -> None:
        self._question.hide()

    def _on_undo_step_clicked(self) -> None:
        change = self._chosen()
        if isinstance(change, ShownChange):
            self._ask(change.steps, force=False)

    def _on_force_clicked(self) -> None:
        self._ask(self._last_steps, force=True)

    def _on_yes_clicked(self) -> None:
        self._leave_question()
        self.undo_requested.emit(*self._asked)

    # --- Qt ---------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.returned.emit()
