"""An icon that is not a button, in a theme's colour."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QWidget

from ui.theme import Theme


class IconLabel(QLabel):
    """Shows an icon; says nothing to screen readers, for the words stand beside it."""

    def __init__(
        self, theme: Theme, icon_name: str, color: str = "text.muted", size: int = 16, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon_name = icon_name
        self._color = color
        self._size = size
        self._drawn_at = 0.0
        self.setFixedSize(size, size)
        self._draw()
        theme.changed.connect(self._draw)

    def set_icon(self, icon_name: str, color: str) -> None:
        """Show another icon, or the same in another colour token."""
        if (icon_name, color) != (self._icon_name, self._color):
            self._icon_name = icon_name
            self._color = color
            self._draw()

    def _draw(self) -> None:
        self._drawn_at = self.devicePixelRatioF()
        icon = self._theme.icon(self._icon_name, self._color)
        self.setPixmap(icon.pixmap(self.size(), self._drawn_at))

    def showEvent(self, event: QShowEvent) -> None:
        """Draw again at the scale of the screen it is shown on."""
        super().showEvent(event)
        if self.devicePixelRatioF() != self._drawn_at:
            self._draw()
