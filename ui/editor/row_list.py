"""The rows of a diff and where each stands; made a few milliseconds at a time, so that no diff is too long."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer, Signal

from ui.editor.diff_rows import BarRow, FoldRow, LineRow, Row, RowMaker

SLICE_SECONDS = 0.004
#: Rows between two looks at the clock.
_STEP = 50


class RowList(QObject):
    """Signals: grown(): There are more rows; moved(): Rows stand elsewhere, or are others."""

    grown = Signal()
    moved = Signal()

    def __init__(self, height_of: Callable[[Row], int], parent: QObject | None = None) -> None:
        """Begin without rows; ``height_of`` says how tall one is, in pixels."""
        super().__init__(parent)
        self._height_of = height_of
        self._maker: RowMaker | None = None
        self._coming: Iterator[Row] = iter(())
        self.rows: list[Row] = []
        #: Where each row begins, and at last where they end.
        self.tops: list[int] = [0]
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._work)

    @property
    def is_growing(self) -> bool:
        """Whether more rows will come."""
        return self._timer.isActive()

    @property
    def height(self) -> int:
        """All of them, in pixels."""
        return self.tops[-1]

    def start(self, maker: RowMaker) -> None:
        """Make the rows of another diff, or the same in another arrangement."""
        self._maker, self._coming = maker, maker.rows()
        self.rows, self.tops = [], [0]
        self._timer.start()
        self._work()
        self.moved.emit()

    def stop(self) -> None:
        """Make no more."""
        self._timer.stop()

    def at(self, y: int) -> int:
        """Return which row is at a height; the first or last one beyond the ends."""
        return max(0, min(bisect_right(self.tops, y) - 1, len(self.rows) - 1))

    def first_of(self, hunk: int) -> int | None:
        """Return the row where a hunk begins; None while it is not there yet."""
        for number, row in enumerate(self.rows):
            if isinstance(row, BarRow | LineRow) and row.hunk == hunk:
                return number
        return None

    def unfold(self, number: int) -> None:
        """Show the lines of a fold."""
        row = self.rows[number]
        if isinstance(row, FoldRow) and self._maker is not None:
            self.rows[number : number + 1] = self._maker.unfold(row)
            self.measure()

    def measure(self) -> None:
        """Ask anew how tall each row is."""
        tops = [0]
        for row in self.rows:
            tops.append(tops[-1] + self._height_of(row))
        self.tops = tops
        self.moved.emit()

    def _work(self) -> None:
        deadline = time.monotonic() + SLICE_SECONDS
        place = self.tops[-1]
        for count, row in enumerate(self._coming, 1):
            self.rows.append(row)
            place += self._height_of(row)
            self.tops.append(place)
            if count % _STEP == 0 and time.monotonic() > deadline:
                break
        else:
            self._timer.stop()
        self.grown.emit()
