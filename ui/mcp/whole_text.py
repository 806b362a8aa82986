"""Text of which nothing may stay unseen: it breaks anywhere, is as tall as it needs, and can be copied."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ui.theme import Theme

_MOST_LINES = 24
_LONG_WORD = re.compile(r"\S{40}(?=\S)")


class WholeText(QPlainTextEdit):
    """Read-only; from two dozen lines on it scrolls."""

    def __init__(self, theme: Theme, text: str, name: str, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setProperty("role", "code")
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        document = self.document()
        lines = max(1.0, document.size().height())  # a plain text's height is in lines
        # Twice the margin below: with less, Qt takes the last line for one that has to be scrolled to.
        height = self.blockBoundingGeometry(document.lastBlock()).bottom() + 2 * document.documentMargin()
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if lines > _MOST_LINES:
            height *= _MOST_LINES / lines
            policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(policy)
        self.setFixedHeight(math.ceil(height + self.height() - self.viewport().height()))


def breakable(text: str) -> str:
    """Return text that a label can break even where it has no spaces, so that none of it is cut off."""
    return _LONG_WORD.sub(lambda match: match[0] + "\u200b", text)
