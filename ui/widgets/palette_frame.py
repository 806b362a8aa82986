"""A field and a list over the top of the window: the frame of the command palette and of go to file."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from ui.theme import Theme
from ui.widgets.escape import keeps_escape
from ui.widgets.labels import make_label, make_line

_WIDTH_STEPS = 140
_MOST_ROWS_SHOWN = 10
_TOP_STEPS = 16
_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}


class PaletteFrame(QFrame):
    """The keyboard stays in the field; arrows move in the list; Escape, or a focus that goes elsewhere, closes it.

    What it lists, and what choosing does, is its heir's: ``show_matches`` and ``choose``.
    """

    def __init__(self, theme: Theme, window: QWidget, name: str, spoken: str) -> None:
        super().__init__(window)
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setProperty("role", "popover")
        self._theme = theme
        self._window = window
        self._focus_before: QWidget | None = None
        self._field = QLineEdit()
        self._list = QListView()
        self._rows = QVBoxLayout(self)
        self._nothing = make_label("", "muted")
        self.hide()

    def open(self) -> None:
        """Show it with an empty field, in place of another one of its kind."""
        for other in self._window.children():
            if isinstance(other, PaletteFrame) and other is not self:
                other.close_palette()
        if not self.isVisible():
            self._focus_before = QApplication.focusWidget()
        self._field.clear()
        self.show_matches("")
        self.show()
        self._place()
        self.raise_()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_palette(self) -> None:
        """Hide it and give the focus back to where it was."""
        if self.isVisible():
            before, self._focus_before = self._focus_before, None  # hiding gives the focus to just anybody
            self.hide()
            if before is not None and before.isVisible():
                before.setFocus(Qt.FocusReason.PopupFocusReason)

    # --- what an heir says --------------------------------------------------------------------------------

    def show_matches(self, query: str) -> None:
        """List what fits; ends with ``listed``."""
        raise NotImplementedError

    def choose(self, index: QModelIndex, modifiers: Qt.KeyboardModifier) -> None:
        """Do what a row stands for."""
        raise NotImplementedError

    def choose_current(self, modifiers: Qt.KeyboardModifier) -> None:
        """Choose the current row, if there is one."""
        index = self._list.currentIndex()
        if index.isValid() and self._list.model().rowCount():
            self.choose(index, modifiers)

    def furnish(self, model: QAbstractItemModel, delegate: QStyledItemDelegate, field_words: str, nothing: str) -> None:
        """Put in what is listed and how, and the words of the empty field and of the empty list."""
        theme = self._theme
        name = self.objectName()
        self._field.setObjectName(f"{name}_field")
        self._field.setAccessibleName(field_words)
        self._field.setPlaceholderText(field_words)
        self._field.setProperty("role", "plain")
        self._field.textChanged.connect(self.show_matches)
        self._field.installEventFilter(self)
        self._list.setObjectName(f"{name}_list")
        self._list.setAccessibleName(self.accessibleName())
        self._list.setModel(model)
        self._list.setItemDelegate(delegate)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.clicked.connect(lambda index: self.choose(index, QApplication.keyboardModifiers()))
        self._nothing.setText(nothing)
        self._nothing.setContentsMargins(*(theme.space(3),) * 4)
        layout = self._rows
        layout.setContentsMargins(theme.space(2), theme.space(2), theme.space(2), theme.space(2))
        layout.setSpacing(theme.space(2))
        self._field.setTextMargins(theme.space(2), 0, theme.space(2), 0)
        for widget in (self._field, make_line(), self._list, self._nothing):
            layout.addWidget(widget)

    def listed(self) -> None:
        """Say that the list is another: its first row is the current one."""
        model = self._list.model()
        found = model.rowCount()
        self._list.setVisible(found > 0)
        self._nothing.setVisible(found == 0)
        if found:
            self._list.setCurrentIndex(model.index(0, 0))
            self._list.scrollToTop()
        self._place()

    # --- how ----------------------------------------------------------------------------------------------

    def _move(self, rows: int) -> None:
        count = self._list.model().rowCount()
        if count:
            row = self._list.currentIndex().row() + rows
            row = row % count if abs(rows) == 1 else max(0, min(count - 1, row))
            self._list.setCurrentIndex(self._list.model().index(row, 0))

    def _place(self) -> None:
        theme = self._theme
        width = min(theme.space(_WIDTH_STEPS), self._window.width() - theme.space(8))
        rows = min(self._list.model().rowCount(), _MOST_ROWS_SHOWN)
        if rows:
            self._list.setFixedHeight(rows * max(self._list.sizeHintForRow(0), 1) + theme.space(1))
        self.setFixedWidth(width)
        self._rows.activate()
        self.adjustSize()
        self.move((self._window.width() - width) // 2, theme.space(_TOP_STEPS))

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the window's size while on show; a filter in Python is felt at every frame."""
        self._window.installEventFilter(self)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave the window's events alone."""
        self._window.removeEventFilter(self)
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list from the field, and leave with Escape or when the focus goes elsewhere."""
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        if watched is self._field and keeps_escape(event):
            return True
        if watched is self._field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            if key == Qt.Key.Key_Escape:
                self.close_palette()
                return True
            if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self.choose_current(event.modifiers())
                return True
            if key in _MOVES:
                self._move(_MOVES[key])
                return True
        if watched is self._field and isinstance(event, QFocusEvent) and _left_for_good(event):
            self._focus_before = None
            self.close_palette()
        return super().eventFilter(watched, event)


def _left_for_good(event: QFocusEvent) -> bool:
    """Say whether the focus went to another widget, not to another window that gives it back."""
    stays = {Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason}
    return event.lostFocus() and event.reason() not in stays
