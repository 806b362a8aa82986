"""Text that is only proposed: drawn at the cursor, part neither of the document nor of what can be undone."""

from __future__ import annotations

import re

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QTextBlock

_WORD = re.compile(r"\s*(?:\w+|[^\w\s]+)|\s+")


def first_word(text: str) -> str:
    """Return a text up to the end of its first word, blanks before it included."""
    match = _WORD.match(text)
    return match[0] if match else text


class GhostLayer:
    """Knows the proposal and how to draw it; the editor moves the lines below it down while it is there."""

    def __init__(self) -> None:
        self.text = ""

    @property
    def extra_lines(self) -> int:
        """Rows it takes below the cursor's."""
        return self.text.count("\n")

    def paint(
        self,
        painter: QPainter,
        block: QTextBlock,
        column: int,
        origin: QPointF,
        row_height: int,
        right: int,
        color: QColor,
        ground: QColor,
        font: QFont,
        tab: str,
    ) -> None:
        """Draw it over a text that is painted already.

        Args:
            painter: Paints the viewport.
            block: The cursor's line, and ``column`` the place in it.
            column: See ``block``.
            origin: Where the line's layout begins in the viewport.
            row_height: Of one row, in pixels.
            right: The viewport's right edge.
            color: Of the words.
            ground: What is behind them.
            font: The editor's.
            tab: Spaces that are as wide as a tab.
        """
        layout = block.layout()
        row = layout.lineForTextPosition(column)
        if not row.isValid():
            return
        rows = self.text.replace("\t", tab).split("\n")
        at = self._x(row.cursorToX(column))
        left, top = origin.x() + self._x(row.cursorToX(0)), origin.y() + row.y()
        below = origin.y() + layout.boundingRect().height()
        painter.setFont(font)
        # The cursor itself, one pixel wide, stays to be seen.
        painter.fillRect(QRectF(origin.x() + at + 1, top, right, row_height), ground)
        painter.setPen(color)
        self._draw(painter, rows[0], QRect(round(origin.x() + at), round(top), right, row_height))
        for number, text in enumerate(rows[1:]):
            self._draw(painter, text, QRect(round(left), round(below) + number * row_height, right, row_height))
        if column < block.length() - 1:  # what is behind the cursor moves behind the proposal
            end = painter.fontMetrics().horizontalAdvance(rows[-1])
            is_inline = len(rows) == 1
            x = origin.x() + at + end if is_inline else left + end
            y = origin.y() if is_inline else below - row.y() + (len(rows) - 2) * row_height
            painter.save()
            painter.setClipRect(QRectF(x, y + row.y(), right, row_height))
            layout.draw(painter, QPointF(x - at, y))
            painter.restore()

    def _draw(self, painter: QPainter, text: str, place: QRect) -> None:
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(place, flags, text)

    def _x(self, answer: object) -> float:
        """Return the x of ``cursorToX``, which PySide gives out with the column it took."""
        return float(answer[0]) if isinstance(answer, tuple) else float(answer)  # type: ignore[arg-type]
