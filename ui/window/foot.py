"""The place of the status bar."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStatusBar, QWidget


class Foot(QStatusBar):
    """Lays one widget over its whole length, without the gaps of QStatusBar's own layout."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        content.setParent(self)
        self.setSizeGripEnabled(False)
        self.setFixedHeight(content.maximumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the widget as long as the bar."""
        super().resizeEvent(event)
        self._content.setGeometry(self.rect())
