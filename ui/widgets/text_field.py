"""A field for several lines that says when the cursor left it, so that nothing typed waits any longer."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPlainTextEdit


class TextField(QPlainTextEdit):
    """Signals: focus_lost() when the keyboard went elsewhere."""

    focus_lost = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say it, after Qt has done its own."""
        super().focusOutEvent(event)
        self.focus_lost.emit()
