"""A strip beside a diff that shows where its changes are, and goes there when clicked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.files.hunks import Hunk
from ui.editor.diff_painter import HunkState
from ui.editor.diff_rows import BarRow, LineRow
from ui.editor.row_list import RowList
from ui.theme import Theme

WIDTH = 10
_LEAST = 3


class DiffOverview(QWidget):
    """The left half is red where lines went, the right half green where lines came; rejected ones are pale.

    Signals:
        clicked(float): A height was clicked, from 0 at the top to 1.
    """

    clicked = Signal(float)

    def __init__(self, theme: Theme, rows: RowList, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows = rows
        self._hunks: Sequence[Hunk] = ()
        self._states: Sequence[HunkState] = ()
        #: (hunk, its top, its bottom), as far as its rows are there.
        self._places: list[tuple[int, int, int]] = []
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        rows.moved.connect(self._find)
        rows.grown.connect(self._find)

    def show_hunks(self, hunks: Sequence[Hunk], states: Sequence[HunkState]) -> None:
        """Show these hunks, and what became of them."""
        self._hunks, self._states = hunks, states
        self.update()

    def _find(self) -> None:
        if self._rows.is_growing:
            return  # once, at the end: a strip that fills by and by tells nothing
        places: dict[int, tuple[int, int]] = {}
        for row, top, bottom in zip(self._rows.rows, self._rows.tops, self._rows.tops[1:], strict=False):
            if isinstance(row, BarRow | LineRow) and row.hunk >= 0:
                places[row.hunk] = (places.get(row.hunk, (top, 0))[0], bottom)
        self._places = [(hunk, *place) for hunk, place in places.items()]
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme, whole = self._theme, max(1, self.height(), self._rows.height)
        painter.fillRect(self.rect(), theme.color("surface"))
        painter.fillRect(0, 0, 1, self.height(), theme.color("border"))
        half = (WIDTH - 2) // 2
        for number, top, bottom in self._places:
            if number >= len(self._hunks):
                break
            y = top * self.height() // whole
            height = max(_LEAST, (bottom - top) * self.height() // whole)
            is_pale = number < len(self._states) and self._states[number] == "rejected"
            hunk = self._hunks[number]
            for lines, color, x in ((hunk.before, "diff.removed", 2), (hunk.after, "diff.added", 2 + half)):
                if lines:
                    painter.fillRect(x, y, half, height, theme.color("border" if is_pale else color))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.height():
            self.clicked.emit(event.position().y() / self.height())
