"""What a run changed, file by file and step by step, and the way back from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QSplitter, QTreeView, QVBoxLayout, QWidget

from app.tools.tool import FileChange, UndoOutcome
from ui.theme import Theme
from ui.tools.change_list import ShownChange, files_of, listed, paths_of, question_words
from ui.tools.change_view import ChangeView, MakeDiff, ReadContents
from ui.tools.run_words import files_words
from ui.widgets.labels import make_button, make_label, plain_tip

_SIZE = QSize(1040, 680)
_LIST_STEPS = 72
_ROW_STEPS = 7
_CHANGE = Qt.ItemDataRole.UserRole


class ChangesDialog(QDialog):
    """Not modal. Nothing is taken back before a second click, and Enter is none.

    Signals:
        undo_requested(object, bool): Steps, a tuple (empty: the whole run), and whether files that somebody
            changed since are taken back too.
    """

    undo_requested = Signal(object, bool)

    def __init__(
        self, theme: Theme, read_contents: ReadContents, make_diff: MakeDiff, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._changes: tuple[FileChange, ...] = ()
        self._asked: tuple[tuple[str, ...], bool] = ((), False)
        self._last_steps: tuple[str, ...] = ()
        self._can_undo = True
        self.setObjectName("changes_dialog")
        self.setAccessibleName("Changes of the run")
        self.setWindowTitle("Changes of the run")
        self.resize(_SIZE)
        self._model = QStandardItemModel(self)
        self._list = QTreeView()
        self._summary = make_label("", "muted")
        self._view = ChangeView(theme, read_contents, make_diff)
        self._undo_one = make_button("Undo this file…", "", self._on_undo_one_clicked, "undo_file_button")
        self._undo_run = make_button("Undo the whole run…", "danger", self.ask_for_run, "undo_run_button")
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

    # --- what is shown ----------------------------------------------------------------------------------

    def show_changes(self, changes: Sequence[FileChange], titles: Mapping[str, str], *, can_undo: bool = True) -> None:
        """List changes in order; ``titles`` says what a step was, ``can_undo`` that the run has ended."""
        kept = self._chosen()
        self._changes = tuple(changes)
        self._can_undo = can_undo
        self._leave_question()
        self._model.clear()
        files = files_of(self._changes, dict(titles))
        for file in files:
            item = self._item(file.whole)
            for step in file.steps:
                item.appendRow(self._item(step))
            self._model.appendRow(item)
        self._list.expandAll()
        count = files_words(len(files))
        self._summary.setText(f"{count}, in the order of the run" if files else "Nothing of this run is left to undo.")
        self._undo_run.setEnabled(bool(files) and can_undo)
        self._undo_run.setToolTip("" if can_undo else "The run has to end first")
        self._choose(kept.path if kept else "")

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

    def open(self) -> None:
        """Show the dialog and come to the front."""
        self._conflicts.hide()
        self._leave_question()
        self.show()
        self.raise_()
        self.activateWindow()

    # --- how it is put together -------------------------------------------------------------------------

    def _build(self) -> None:
        space = self._theme.space
        self._list.setObjectName("changes_list")
        self._list.setAccessibleName("Changed files")
        self._list.setModel(self._model)
        self._list.setHeaderHidden(True)
        self._list.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._list.selectionModel().currentChanged.connect(self._on_list_current_changed)
        self._view.head.addWidget(self._undo_one)
        right = QWidget()
        inner = QVBoxLayout(right)
        inner.setContentsMargins(space(4), 0, 0, 0)
        inner.addWidget(self._view)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._list)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([space(_LIST_STEPS), _SIZE.width() - space(_LIST_STEPS)])
        foot = QHBoxLayout()
        foot.addWidget(self._undo_run)
        foot.addStretch(1)
        foot.addWidget(make_button("Close", "", self.close, "changes_close_button"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(space(5),) * 4)
        layout.setSpacing(space(3))
        layout.addWidget(self._summary)
        layout.addWidget(splitter, 1)
        layout.addWidget(self._callout(self._conflicts, "warning", self._conflict_words, self._force))
        layout.addWidget(self._callout(self._question, "error", self._words, self._no, self._yes))
        layout.addLayout(foot)

    def _callout(self, frame: QFrame, level: str, words: QWidget, *buttons: QWidget) -> QFrame:
        space = self._theme.space
        frame.setProperty("role", "callout")
        frame.setProperty("level", level)
        row = QHBoxLayout(frame)
        row.setContentsMargins(space(3), space(2), space(2), space(2))
        row.setSpacing(space(2))
        row.addWidget(words, 1)
        for button in buttons:
            row.addWidget(button)
        frame.hide()
        return frame

    def _item(self, change: ShownChange) -> QStandardItem:
        item = QStandardItem(self._icon(change), change.title)
        item.setSizeHint(QSize(0, self._theme.space(_ROW_STEPS)))
        item.setData(change, _CHANGE)
        item.setToolTip(plain_tip(change.path))
        item.setEditable(False)
        return item

    def _icon(self, change: ShownChange) -> QIcon:
        name, color = change.icon
        return self._theme.icon(name, color, color)  # the view shows an open row's icon as if it were on

    def _draw_icons(self) -> None:
        for row in range(self._model.rowCount()):
            top = self._model.item(row)
            for item in (top, *(top.child(place) for place in range(top.rowCount()))):
                item.setIcon(self._icon(item.data(_CHANGE)))
        self._view.show_change(self._chosen())

    # --- choosing ---------------------------------------------------------------------------------------

    def _choose(self, path: str) -> None:
        rows = [row for row in range(self._model.rowCount()) if self._model.item(row).data(_CHANGE).path == path]
        index = self._model.index(rows[0] if rows else 0, 0)
        self._list.setCurrentIndex(index)
        self._show_chosen()

    def _chosen(self) -> ShownChange | None:
        index = self._list.currentIndex()
        change = index.data(_CHANGE) if index.isValid() else None
        return change if isinstance(change, ShownChange) else None

    def _show_chosen(self) -> None:
        change = self._chosen()
        self._view.show_change(change)
        words = "Undo this step…" if self._list.currentIndex().parent().isValid() else "Undo this file…"
        self._undo_one.setText(words)
        self._undo_one.setAccessibleName(words)
        self._undo_one.setVisible(change is not None)
        self._undo_one.setEnabled(self._can_undo)

    def _on_list_current_changed(self, _current: QModelIndex, _previous: QModelIndex) -> None:
        self._leave_question()
        self._show_chosen()

    # --- asking -----------------------------------------------------------------------------------------

    def _ask(self, steps: tuple[str, ...], *, force: bool) -> None:
        self._asked = (steps, force)
        paths = paths_of(self._changes, steps)
        self._words.setText(question_words(paths, is_run=not steps, force=force))
        self._conflicts.hide()
        self._question.show()
        self._no.setFocus()

    def _leave_question(self) -> None:
        self._question.hide()

    def _on_undo_one_clicked(self) -> None:
        change = self._chosen()
        if change is not None:
            self._ask(change.steps, force=False)

    def _on_force_clicked(self) -> None:
        self._ask(self._last_steps, force=True)

    def _on_yes_clicked(self) -> None:
        self._leave_question()
        self.undo_requested.emit(*self._asked)
