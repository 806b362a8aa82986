"""A list with a field to narrow it down, for choices too many for a menu."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ui.theme import Theme

_WIDTH_STEPS = 70
_HEIGHT_STEPS = 80
_ROW_STEPS = 7


class ChoicePopup(QFrame):
    """Goes away with a choice, with Escape and with a click elsewhere, and is deleted then.

    Signals:
        chosen(str): What was chosen of the values given.
    """

    chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        name: str,
        hint: str,
        choices: Sequence[tuple[str, str]],
        current: str,
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName(name)
        self.setAccessibleName(hint)
        self.setProperty("role", "popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._row = QSize(0, theme.space(_ROW_STEPS))
        self._choices = list(choices)
        self._current = current
        self.field = QLineEdit()
        self.field.setObjectName(f"{name}_field")
        self.field.setAccessibleName(hint)
        self.field.setPlaceholderText(hint)
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName(f"{name}_list")
        self.list.setAccessibleName(hint)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.itemClicked.connect(self._take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.space(2),) * 4)
        layout.setSpacing(theme.space(1.5))
        layout.addWidget(self.field)
        layout.addWidget(self.list, 1)
        self.resize(theme.space(_WIDTH_STEPS), theme.space(_HEIGHT_STEPS))
        self._fill("")

    def open_above(self, widget: QWidget) -> None:
        """Show it above a widget, their right ends in line."""
        corner = widget.mapToGlobal(QPoint(widget.width() - self.width(), -self.height()))
        area = widget.screen().availableGeometry()
        self.move(max(area.left(), corner.x()), max(area.top(), corner.y()))
        self.show()
        self.field.setFocus()

    def _fill(self, typed: str) -> None:
        words = typed.casefold().split()
        self.list.clear()
        for text, value in self._matches(" ".join(words)):
            item = QListWidgetItem(text, self.list)
            item.setData(Qt.ItemDataRole.UserRole, value)
            item.setSizeHint(self._row)
            if value == self._current and not words:
                self.list.setCurrentItem(item)
        if self.list.currentRow() < 0 and self.list.count():
            self.list.setCurrentRow(0)
        self.list.scrollToItem(self.list.currentItem(), QListWidget.ScrollHint.PositionAtCenter)

    def _matches(self, typed: str) -> list[tuple[str, str]]:
        """Return the choices with all that was typed in them; those that begin with it first, then shorter ones."""
        found = [one for one in self._choices if all(word in one[0].casefold() for word in typed.split())]
        if typed:
            found.sort(key=lambda one: (not one[0].casefold().startswith(typed), len(one[0])))
        return found

    def _take(self, item: QListWidgetItem) -> None:
        value = item.data(Qt.ItemDataRole.UserRole)
        self.close()
        self.chosen.emit(value)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        moves = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}
        key = Qt.Key(event.key())
        if key in moves and self.list.count():
            row = self.list.currentRow() + moves[key]
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, row)))
            return True
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            item = self.list.currentItem()
            if item is not None:
                self._take(item)
            return True
        return False

    def hideEvent(self, event: QHideEvent) -> None:
        """Go for good, however it was closed."""
        super().hideEvent(event)
        self.deleteLater()
