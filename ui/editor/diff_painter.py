"""Draws the rows of a diff: grounds, numbers, signs, coloured text with the changed words marked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pygments.token import _TokenType
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextCharFormat, QTextLayout, QTextOption

from app.tools.line_diff import Spans, word_spans
from ui.chat.highlight import format_range, utf16_length
from ui.editor.diff_colours import DiffColours
from ui.editor.diff_rows import Cell, LineRow
from ui.theme import Theme
from ui.tools.lines_pane import MARKS, TONES

#: What became of a hunk.
HunkState = Literal["", "accepted", "rejected"]
#: Comparing words may take so long in one painting; the rest is marked in the next.
_MARK_SECONDS = 0.003
_MOST_LAYOUTS = 3000
_SIGNS = {"added": "+", "removed": "\u2212"}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Selected:
    """Characters of a cell that are selected, in UTF-16 units."""

    begin: int
    end: int


class DiffPainter:
    """Knows fonts, widths and what was laid out already."""

    def __init__(self, theme: Theme, before: DiffColours, after: DiffColours) -> None:
        self._theme = theme
        self._colours = (before, after)
        self._formats: dict[_TokenType, QTextCharFormat] = {}
        self._layouts: dict[tuple[object, ...], QTextLayout] = {}
        self._spans: dict[tuple[str, str], tuple[Spans, Spans]] = {}
        self._deadline = 0.0
        self.is_split = False
        self.digits = 2
        #: Words are still to be marked in what was painted last.
        self.is_unfinished = False
        self.restyle()

    def restyle(self) -> None:
        """Take the theme's fonts and colours."""
        self.font: QFont = self._theme.font("mono")
        metrics = QFontMetrics(self.font)
        self.advance = metrics.horizontalAdvance("0")
        self.row_height = metrics.height() + self._theme.space(1)
        self._option = QTextOption()
        self._option.setTextDirection(Qt.LayoutDirection.LeftToRight)
        self._option.setWrapMode(QTextOption.WrapMode.NoWrap)
        self._option.setTabStopDistance(4 * self.advance)
        self._formats.clear()
        self.forget()

    def forget(self) -> None:
        """Lay all out again when it is next seen."""
        self._layouts.clear()

    def begin(self) -> None:
        """Begin a painting."""
        self._deadline = time.monotonic() + _MARK_SECONDS
        self.is_unfinished = False
        if len(self._layouts) > _MOST_LAYOUTS:
            self.forget()

    # --- where things are -----------------------------------------------------------------------------------

    @property
    def number_width(self) -> int:
        """The room of one column of numbers."""
        return self.digits * self.advance + self._theme.space(3)

    @property
    def gutter_width(self) -> int:
        """The room left of a text: numbers and the sign."""
        columns = 1 if self.is_split else 2
        return columns * self.number_width + 3 * self.advance

    def sides(self, row: LineRow, width: int) -> Iterator[tuple[Cell | None, bool, int, int]]:
        """Yield the cells of a row: the cell, whether it is of the text after, and its left and right edge."""
        if self.is_split:
            middle = width // 2
            yield row.left, False, 0, middle
            yield row.right, True, middle, width
        else:
            yield row.left or row.right, row.left is None, 0, width

    def layout(self, cell: Cell, *, is_after: bool, is_dim: bool) -> QTextLayout:
        """Return a cell's text, laid out."""
        spans = self._marks(cell)
        tokens = self._colours[is_after].of(cell.number - 1)
        key = (is_after, cell.number, cell.tone, is_dim, bool(tokens), spans is not None)
        known = self._layouts.get(key)
        if known is not None and known.text() == cell.text:
            return known
        layout = QTextLayout(cell.text, self.font)
        layout.setTextOption(self._option)
        layout.setCacheEnabled(True)
        ascii_text = cell.text.isascii()

        def place(at: int) -> int:
            return at if ascii_text else utf16_length(cell.text[:at])

        ranges = [
            format_range(place(begin), place(begin + length) - place(begin), self._format(kind))
            for begin, length, kind in tokens
            if begin < len(cell.text)
        ]
        if is_dim:
            form = QTextCharFormat()
            form.setForeground(self._theme.color("text.faint"))
            form.setFontStrikeOut(cell.tone == "added")
            ranges = [format_range(0, place(len(cell.text)), form)]
        else:
            for begin, end in spans or ():
                form = QTextCharFormat()
                form.setBackground(self._theme.color(MARKS[cell.tone][0]))
                ranges.append(format_range(place(begin), place(end) - place(begin), form))
        layout.setFormats(ranges)
        layout.beginLayout()
        layout.createLine()
        layout.endLayout()
        self._layouts[key] = layout
        return layout

    # --- painting -------------------------------------------------------------------------------------------

    def paint_row(
        self,
        painter: QPainter,
        row: LineRow,
        place: QRect,
        shift: int,
        state: HunkState,
        selected: dict[bool, Selected],
    ) -> None:
        """Draw a row of text.

        Args:
            place: Where; ``shift`` is how far the text is scrolled to the left.
            selected: What is selected, by whether it is in the text after.
        """
        for cell, is_after, left, right in self.sides(row, place.width()):
            area = QRect(place.left() + left, place.top(), right - left, place.height())
            if cell is None:
                painter.fillRect(area, self._theme.color("surface.sunken"))
                continue
            is_dim = state == "rejected" and cell.tone != "same"
            tone = "" if cell.tone == "same" or is_dim else cell.tone
            ground = TONES[tone][0]
            if ground:
                painter.fillRect(area, self._theme.color(ground))
            self._paint_gutter(painter, row, cell, area, self._theme.color(TONES[tone][1]))
            text_area = area.adjusted(self.gutter_width, 0, 0, 0)
            if text_area.width() > 0:
                painter.save()
                painter.setClipRect(text_area)
                self._paint_text(painter, cell, text_area, shift, is_after, is_dim, selected.get(is_after))
                painter.restore()
        if self.is_split:
            middle = place.left() + place.width() // 2
            painter.fillRect(QRect(middle, place.top(), 1, place.height()), self._theme.color("border"))

    def _paint_gutter(self, painter: QPainter, row: LineRow, cell: Cell, area: QRect, color: QColor) -> None:
        painter.setFont(self.font)
        painter.setPen(color)
        numbers = [cell] if self.is_split else [row.left, row.right]
        left = area.left()
        for number in numbers:
            box = QRect(left, area.top(), self.number_width - self.advance // 2, area.height())
            if number is not None:
                painter.drawText(box, _RIGHT, str(number.number))
            left += self.number_width
        painter.drawText(QRect(left + self.advance // 2, area.top(), 2 * self.advance, area.height()), _LEFT,
                         _SIGNS.get(cell.tone, ""))  # fmt: skip

    def _paint_text(
        self, painter: QPainter, cell: Cell, area: QRect, shift: int, is_after: bool, is_dim: bool,
        selected: Selected | None,
    ) -> None:  # fmt: skip
        layout = self.layout(cell, is_after=is_after, is_dim=is_dim)
        line = layout.lineAt(0)
        origin = QPointF(area.left() - shift, area.top() + (area.height() - line.height()) / 2)
        ranges = []
        if selected is not None:
            form = QTextCharFormat()
            form.setBackground(self._theme.color("selection"))
            ranges.append(format_range(selected.begin, selected.end - selected.begin, form))
        painter.setPen(self._theme.color("text"))
        layout.draw(painter, origin, ranges, QRectF(area))
        if cell.note:
            painter.setPen(self._theme.color("text.faint"))
            end = origin.x() + line.naturalTextWidth() + 2 * self.advance
            painter.drawText(QRectF(end, area.top(), area.width(), area.height()), _LEFT, cell.note)

    def _marks(self, cell: Cell) -> Spans | None:
        """Return the words that changed; None while there was no time to compare."""
        if cell.partner is None:
            return ()
        pair = (cell.text, cell.partner) if cell.tone == "removed" else (cell.partner, cell.text)
        known = self._spans.get(pair)
        if known is None:
            if time.monotonic() > self._deadline:
                self.is_unfinished = True
                return None
            known = self._spans[pair] = word_spans(*pair)
        return known[0 if cell.tone == "removed" else 1]

    def _format(self, kind: _TokenType) -> QTextCharFormat:
        known = self._formats.get(kind)
        if known is None:
            style = self._theme.code_style()[kind]
            known = QTextCharFormat()
            known.setForeground(style.color)
            if style.bold:
                known.setFontWeight(QFont.Weight.Bold)
            known.setFontItalic(style.italic)
            self._formats[kind] = known
        return known
