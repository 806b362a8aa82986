"""A push button that shortens its text to the room there is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ui.theme import Theme

_LEAST_STEPS = 24
_MOST_STEPS = 80


class ElidedButton(QPushButton):
    """Asks for room for its whole text, and makes do with less: with other words, where it was given any."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._whole = text
        self._short = ""
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._show()

    def set_text(self, text: str, short: str = "") -> None:
        """Show another text; ``short`` stands for it where it does not fit, and always has room."""
        if (text, short) != (self._whole, self._short):
            self._whole, self._short = text, short
            self.updateGeometry()
            self._show()

    def whole_text(self) -> str:
        """Return the text before it is shortened."""
        return self._whole

    def _show(self) -> None:
        room, metrics = self.width() - self._furniture(), self.fontMetrics()
        text = self._short if self._short and metrics.horizontalAdvance(self._whole) > room else self._whole
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, max(0, room))
        self.setText(" " + shown.replace("&", "&&"))

    def _furniture(self) -> int:
        """Return the width of what stands beside the text: icon, gap, padding."""
        return self.iconSize().width() + self._theme.space(11)

    def sizeHint(self) -> QSize:
        """Ask for the whole text, within reason."""
        return QSize(min(self._width_of(self._whole), self._theme.space(_MOST_STEPS)), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Make do with a few characters."""
        least = max(self._theme.space(_LEAST_STEPS), self._width_of(self._short) if self._short else 0)
        return QSize(least, super().minimumSizeHint().height())

    def _width_of(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text) + self._furniture() + 2

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten anew."""
        super().resizeEvent(event)
        self._show()
