"""What is painted under and over the text: the cursor's line, hits, brackets, blanks and what cannot be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTextBlock

from app.files.inner_text import outer_character
from app.tools.visible import is_hidden
from ui.theme import Theme

#: Longer lines are not searched for blanks and hidden characters at each painting.
MAX_CHARACTERS = 20_000


@lru_cache(maxsize=1024)
def hidden_places(text: str) -> tuple[tuple[int, str], ...]:
    """Return where a line has characters that cannot be seen, in UTF-16 units, and which they are in the file."""
    if (text.isascii() and text.replace("\t", " ").isprintable()) or len(text) > MAX_CHARACTERS:
        return ()
    found, place = [], 0
    for one in text:
        outer = outer_character(one)
        if outer != one or is_hidden(one):
            found.append((place, outer))
        place += 2 if one > "\uffff" else 1
    return tuple(found)


def spans_of(block: QTextBlock, place: QRect, begin: int, end: int) -> Iterator[QRectF]:
    """Yield where characters of a line stand, row by row.

    Args:
        block: The line.
        place: Its place in the viewport.
        begin: First character, in UTF-16 units.
        end: One past the last.
    """
    layout = block.layout()
    for number in range(layout.lineCount()):
        row = layout.lineAt(number)
        first, last = max(begin, row.textStart()), min(end, row.textStart() + row.textLength())
        if first < last or (begin == end == first <= last):
            left, right = x_of(row.cursorToX(first)), x_of(row.cursorToX(last))
            top = place.top() + row.y()
            yield QRectF(place.left() + min(left, right), top, abs(right - left), row.height())


def x_of(answer: object) -> float:
    """Return the x of ``cursorToX``, which PySide gives out together with the column it took."""
    return float(answer[0]) if isinstance(answer, tuple) else float(answer)  # type: ignore[arg-type]


class Surface:
    """Paints; what it paints is given to it."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self.shows_blanks = False
        #: Returns the hits of a search between two places.
        self.find_hits: Callable[[int, int], Iterable[tuple[int, int]]] = lambda _begin, _end: ()
        #: Line and column of a bracket and its partner, in UTF-16 units.
        self.brackets: Sequence[tuple[int, int]] = ()

    def paint_under(self, painter: QPainter, block: QTextBlock, place: QRect, selection: int) -> None:
        """Paint what stands behind a line's text; the hit where the selection begins is the current one."""
        begin = block.position()
        for first, last in self.find_hits(begin, begin + block.length()):
            for span in spans_of(block, place, first - begin, last - begin):
                self._paint_hit(painter, span, is_current=first == selection)
        number = block.blockNumber()
        for line, column in self.brackets:
            if line == number:
                for span in spans_of(block, place, column, column + 1):
                    painter.fillRect(span, self._theme.color("accent.soft"))
                    painter.setPen(self._theme.color("accent"))
                    painter.drawRect(span.adjusted(0, 0, -1, -1))

    def _paint_hit(self, painter: QPainter, span: QRectF, *, is_current: bool) -> None:
        theme = self._theme
        painter.fillRect(span, theme.color("warning.soft"))
        if is_current:
            painter.setPen(theme.color("warning"))
            painter.drawRect(span.adjusted(0, 0, -1, -1))

    def paint_over(self, painter: QPainter, block: QTextBlock, place: QRect) -> None:
        """Paint marks over a line's text."""
        text = block.text()
        if self.shows_blanks and len(text) <= MAX_CHARACTERS:
            self._paint_blanks(painter, block, text, place)
        for at, _ in hidden_places(text):
            for span in spans_of(block, place, at, at + 1):
                # One that turns the text reaches from one end of what it turns to the other: its own place is meant.
                is_turn = span.width() > span.height()
                self._paint_hidden(painter, next(spans_of(block, place, at, at), span) if is_turn else span)

    def _paint_blanks(self, painter: QPainter, block: QTextBlock, text: str, place: QRect) -> None:
        color = self._theme.color("border.strong")
        dots = []
        for at, one in enumerate(text if text.isascii() else text.encode("utf-16-le", "replace").decode("utf-16-le")):
            if one == " ":
                dots += [span.center() for span in spans_of(block, place, at, at + 1)]
            elif one == "\t":
                for span in spans_of(block, place, at, at + 1):
                    self._paint_tab(painter, span, color)
        painter.setPen(QPen(color, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(dots)

    def _paint_tab(self, painter: QPainter, span: QRectF, color: QColor) -> None:
        painter.setPen(color)
        middle, left, right = span.center().y(), span.left() + 2, span.right() - 3
        painter.drawLine(QPointF(left, middle), QPointF(right, middle))
        painter.drawLine(QPointF(right - 3, middle - 3), QPointF(right, middle))
        painter.drawLine(QPointF(right - 3, middle + 3), QPointF(right, middle))

    def _paint_hidden(self, painter: QPainter, span: QRectF) -> None:
        """Paint a box where nothing would be seen, wide enough to be noticed."""
        box = QRectF(
            span.left() - (0 if span.width() >= 3 else 1), span.top() + 1, max(3.0, span.width()), span.height() - 2
        )
        ground = self._theme.color("warning")
        ground.setAlpha(90)
        painter.fillRect(box, ground)
        painter.setPen(self._theme.color("warning"))
        painter.drawRect(box.adjusted(0, 0, -1, -1))
