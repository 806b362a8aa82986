"""The strip left of the text: line numbers, and a bar beside lines that were changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, Protocol

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPolygon, QTextBlock, QWheelEvent
from PySide6.QtWidgets import QWidget

from ui.theme import Theme

Mark = Literal["added", "changed", "removed", "model"]
#: Mark -> colour token of its bar.
MARK_COLORS: Mapping[Mark, str] = {"added": "success", "changed": "warning", "removed": "danger", "model": "accent"}
MIN_DIGITS = 3


class GutterHost(Protocol):
    """What the gutter asks of the text beside it."""

    def visible_lines(self) -> Iterator[tuple[QTextBlock, QRect]]:
        """Yield the lines in view and their places in the viewport."""
        ...

    def current_line(self) -> int:
        """Return the cursor's line, from 0."""
        ...

    def line_height(self) -> int:
        """Return the height of one row, in pixels."""
        ...

    def ascent(self) -> int:
        """Return how far below its top a row's text stands, in pixels."""
        ...

    def has_hidden(self, block: QTextBlock) -> bool:
        """Tell whether a line contains characters that cannot be seen."""
        ...


class LineMarks:
    """Which lines are marked; they keep their places while lines come and go."""

    def __init__(self) -> None:
        self._lines: dict[Mark, set[int]] = {mark: set() for mark in MARK_COLORS}

    def set(self, mark: Mark, lines: Iterable[int]) -> None:
        """Mark these lines, from 0, and no others."""
        self._lines[mark] = set(lines)

    def lines(self, mark: Mark) -> frozenset[int]:
        """Return the lines with a mark, from 0."""
        return frozenset(self._lines[mark])

    def of(self, line: int) -> list[Mark]:
        """Return a line's marks."""
        return [mark for mark, lines in self._lines.items() if line in lines]

    def shift(self, line: int, delta: int) -> None:
        """Take over that behind ``line`` so many lines came, or went if negative."""
        for mark, lines in self._lines.items():
            if lines:
                kept = (one for one in lines if one <= line or one > line - min(delta, 0))
                self._lines[mark] = {one if one <= line else one + delta for one in kept}


class Gutter(QWidget):
    """Draws; nothing in it can be selected, so that copied lines are without numbers.

    Signals:
        line_clicked(line, extends): A number was clicked, from 0; with Shift, the selection goes on to it.
    """

    line_clicked = Signal(int, bool)

    def __init__(self, theme: Theme, host: GutterHost, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._host = host
        self.marks = LineMarks()
        self.setObjectName("editor_gutter")
        self.setAccessibleName("Line numbers")
        self.setCursor(Qt.CursorShape.ArrowCursor)

    def width_for(self, lines: int) -> int:
        """Return the pixels that numbers up to ``lines`` need."""
        digits = max(MIN_DIGITS, len(str(lines)))
        return self.fontMetrics().horizontalAdvance("0") * digits + self._theme.space(7)

    def sizeHint(self) -> QSize:
        return QSize(self.width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, host = self._theme, self._host
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("code.background"))
        painter.setFont(self.font())
        current = host.current_line()
        for block, place in host.visible_lines():
            if place.bottom() < event.rect().top() or place.top() > event.rect().bottom():
                continue
            number = block.blockNumber()
            painter.setPen(theme.color("text" if number == current else "text.faint"))
            words = str(number + 1)
            right = self.width() - theme.space(4) - painter.fontMetrics().horizontalAdvance(words)
            painter.drawText(right, place.top() + host.ascent(), words)
            self._paint_marks(painter, number, place)
            if host.has_hidden(block):
                self._paint_warning(painter, place)
        painter.end()

    def _paint_marks(self, painter: QPainter, number: int, place: QRect) -> None:
        bar = self._theme.space(0.75)
        left = self.width() - self._theme.space(2)
        for mark in self.marks.of(number):
            color = self._theme.color(MARK_COLORS[mark])
            if mark == "removed":  # lines were here: a wedge between two lines
                half = self._theme.space(1)
                points = [QPoint(left, place.top() - half), QPoint(left + half + 1, place.top())]
                self._fill(painter, QPolygon([*points, QPoint(left, place.top() + half)]), color)
            else:
                painter.fillRect(QRect(left, place.top(), bar, place.height()), color)

    def _paint_warning(self, painter: QPainter, place: QRect) -> None:
        side = self._theme.space(1.5)
        area = QRect(self._theme.space(1), place.top() + (self._host.line_height() - side) // 2, side, side)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("warning"))
        painter.drawEllipse(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _fill(self, painter: QPainter, polygon: QPolygon, color: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawPolygon(polygon)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._click(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._click(event, extends=True)

    def _click(self, event: QMouseEvent, *, extends: bool = False) -> None:
        if extends or event.button() == Qt.MouseButton.LeftButton:
            y = round(event.position().y())
            is_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            for block, place in self._host.visible_lines():
                if place.top() <= y <= place.bottom():
                    self.line_clicked.emit(block.blockNumber(), extends or is_shift)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the text scrolls
