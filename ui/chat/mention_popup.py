"""The list over the composer while something is being named after an at sign."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QListView, QVBoxLayout, QWidget

from ui.chat.composer_edit import ComposerEdit
from ui.chat.mention_delegate import MentionDelegate, RowRole
from ui.chat.mention_rows import MentionRow
from ui.theme import Theme
from ui.widgets.labels import make_label

_WIDTH_STEPS = 140
_MOST_ROWS_SHOWN = 8
_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -7, Qt.Key.Key_PageDown: 7}
_ACCEPTING = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})


class MentionPopup(QFrame):
    """The keyboard stays in the text; while rows are shown, the keys that choose are theirs.

    Signals:
        accepted(object): A MentionRow was chosen.
        dismissed(): It was closed with Escape.
    """

    accepted = Signal(object)
    dismissed = Signal()

    def __init__(self, theme: Theme, edit: ComposerEdit, anchor: QWidget) -> None:
        """Build the list; it stands above ``anchor``."""
        super().__init__(anchor.window())
        self._theme = theme
        self._edit = edit
        self._anchor = anchor
        self._model = QStandardItemModel(self)
        self._list = QListView()
        self._hint = make_label("", "small")
        self.setObjectName("mention_popup")
        self.setAccessibleName("What to point at")
        self.setProperty("role", "popover")
        self._list.setObjectName("mention_list")
        self._list.setAccessibleName("Files, folders and the selection")
        self._list.setModel(self._model)
        self._list.setItemDelegate(MentionDelegate(theme, self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setUniformItemSizes(True)
        self._list.setMouseTracking(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.clicked.connect(self._on_list_clicked)
        layout = QVBoxLayout(self)
        space = theme.space
        layout.setContentsMargins(space(1.5), space(1.5), space(1.5), space(1.5))
        layout.setSpacing(space(1))
        layout.addWidget(self._list)
        layout.addWidget(self._hint)
        self._hint.setContentsMargins(space(2), 0, space(2), space(0.5))
        self.hide()

    @property
    def rows(self) -> tuple[MentionRow, ...]:
        """What is listed, top to bottom."""
        return tuple(self._model.item(row).data(RowRole) for row in range(self._model.rowCount()))

    @property
    def current(self) -> MentionRow | None:
        """The row that Enter takes."""
        index = self._list.currentIndex()
        row: MentionRow | None = index.data(RowRole) if self.isVisible() and index.isValid() else None
        return row

    def show_rows(self, rows: Sequence[MentionRow], hint: str = "") -> None:
        """List these, the first one chosen unless another was and is still there; with nothing to say, close."""
        chosen = self.current
        self._model.clear()
        for row in rows:
            item = QStandardItem(row.title)
            item.setData(row, RowRole)
            item.setData(f"{row.title}, {row.place}, {row.note}", Qt.ItemDataRole.AccessibleTextRole)
            self._model.appendRow(item)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._list.setVisible(bool(rows))
        if not (rows or hint):
            self.hide()
            return
        places = [place for place, row in enumerate(rows) if chosen and row.reference == chosen.reference]
        self._list.setCurrentIndex(self._model.index(places[0] if places else 0, 0))
        self._place()
        self.show()
        self.raise_()

    # --- inside -----------------------------------------------------------------------------------------

    def _on_list_clicked(self, index: QModelIndex) -> None:
        self.accepted.emit(index.data(RowRole))

    def _move(self, rows: int) -> None:
        count = self._model.rowCount()
        if not count:
            return
        row = self._list.currentIndex().row() + rows
        row = row % count if abs(rows) == 1 else max(0, min(count - 1, row))
        self._list.setCurrentIndex(self._model.index(row, 0))

    def _place(self) -> None:
        space, window = self._theme.space, self.window()
        rows = min(self._model.rowCount(), _MOST_ROWS_SHOWN)
        self._list.setFixedHeight(rows * max(self._list.sizeHintForRow(0), 1) + 2)
        left = self._anchor.mapTo(window, QPoint(0, 0))
        self.setFixedWidth(min(space(_WIDTH_STEPS), self._anchor.width()))
        layout = self.layout()
        if layout is not None:
            layout.activate()
        self.adjustSize()
        above = left.y() - self.height() - space(1)
        self.move(left.x(), above if above >= 0 else left.y() + self._anchor.height() + space(1))

    # --- Qt ---------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Listen to keys and to the window's size while on show only."""
        self._edit.installEventFilter(self)
        self._anchor.installEventFilter(self)
        self.window().installEventFilter(self)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        for widget in (self._edit, self._anchor, self.window()):
            widget.removeEventFilter(self)
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is not self._edit:
            self._place()
        is_key = watched is self._edit and event.type() == QEvent.Type.KeyPress and not self._edit.is_composing
        if is_key and isinstance(event, QKeyEvent) and self._take_key(event):
            return True
        return super().eventFilter(watched, event)

    def _take_key(self, event: QKeyEvent) -> bool:
        """Do what a key means here; False where it means nothing."""
        key = Qt.Key(event.key())
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if key == Qt.Key.Key_Escape:
            self.dismissed.emit()
        elif key in _MOVES:
            self._move(_MOVES[key])
        elif key in _ACCEPTING and self.current is not None:
            self.accepted.emit(self.current)
        else:
            return False
        return True
