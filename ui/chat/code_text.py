"""Read-only text in the code font, as it stands in code blocks and tool cards."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from ui.theme import Theme

#: Qt lays out wrapped lines in quadratic time; longer ones are never wrapped.
MAX_WRAPPED_CHARACTERS = 20_000


class CodeText(QPlainTextEdit):
    """Lets the wheel scroll the transcript unless it has lines of its own to scroll."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(theme.font("mono"))
        self.setProperty("role", "plain")
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUndoRedoEnabled(False)
        self.document().setDocumentMargin(0)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        # Characters that turn text around do not do so in code.
        option = self.document().defaultTextOption()
        option.setTextDirection(Qt.LayoutDirection.LeftToRight)
        option.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self.document().setDefaultTextOption(option)

    def line_height(self) -> float:
        """Return pixels as the document lays them out; the font's line spacing says less."""
        first = self.document().firstBlock()
        height = self.document().documentLayout().blockBoundingRect(first).height()
        return height / max(1, first.layout().lineCount())

    # --- Qt ---------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        sideways = abs(event.angleDelta().x()) > abs(event.angleDelta().y())
        bar = self.verticalScrollBar()
        down = event.angleDelta().y() < 0
        at_end = bar.value() == (bar.maximum() if down else bar.minimum())
        if not sideways and (bar.maximum() == 0 or at_end):
            event.ignore()
        else:
            super().wheelEvent(event)
