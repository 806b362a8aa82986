"""Stands in a dock for what is made when it is first seen, so that a start does not wait for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget


class LazyPanel(QWidget):
    """Has no content until it is shown.

    Args:
        make: Makes the content, or returns it if somebody needed it before; it may have this panel as its parent.
        parent: Qt's owner.
    """

    def __init__(self, make: Callable[[], QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._is_made = False
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def showEvent(self, event: QShowEvent) -> None:
        """Make the content before it is painted."""
        if not self._is_made:
            self._is_made = True
            content = self._make()
            self._layout.addWidget(content)
            content.show()  # the children were shown already
        super().showEvent(event)
