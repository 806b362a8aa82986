"""A push button that shortens its text to the room there is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ui.theme import Theme

_LEAST_STEPS = 24
_MOST_STEPS = 80


class ElidedButton(QPushButton):
    """Asks for room for its whole text, and makes do with less."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._whole = text
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._show()

    def set_text(self, text: str) -> None:
        """Show another text."""
        if text != self._whole:
            self._whole = text
            self.updateGeometry()
            self._show()

    def whole_text(self) -> str:
        """Return the text before it is shortened."""
        return self._whole

    def _show(self) -> None:
        room = self.width() - self._furniture()
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, max(0, room))
        self.setText(" " + shown.replace("&", "&&"))

    def _furniture(self) -> int:
        """Return the width of what stands beside the text: icon, gap, padding."""
        return self.iconSize().width() + self._theme.space(11)

    def sizeHint(self) -> QSize:
        """Ask for the whole text, within reason."""
        wanted = self.fontMetrics().horizontalAdvance(self._whole) + self._furniture() + 2
        return QSize(min(wanted, self._theme.space(_MOST_STEPS)), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Make do with a few characters."""
        return QSize(self._theme.space(_LEAST_STEPS), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten anew."""
        super().resizeEvent(event)
        self._show()
