"""Looks through a text that was opened, a little at a time, for what its reader should know."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from app.files.suspects import suspects_in

STEP_CHARACTERS = 100_000


class TextScan(QObject):
    """Signals: finished() when ``suspects``, ``first_line`` and ``longest`` are known.

    Attributes:
        suspects: Characters that can make code look like what it is not.
        first_line: The first line with one, from 1; 0 if there is none.
        longest: Characters of the longest line.
    """

    finished = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.suspects: frozenset[str] = frozenset()
        self.first_line = 0
        self.longest = 0
        self._text = ""
        self._place = 0
        self._line = 1
        self._begun = 0
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._run_slice)

    def start(self, text: str) -> None:
        """Look through another text."""
        self.suspects, self.first_line, self.longest = frozenset(), 0, 0
        self._text, self._place, self._line, self._begun = text, 0, 1, 0
        self._timer.start()

    def stop(self) -> None:
        """Look no further."""
        self._timer.stop()
        self._text = ""

    def _run_slice(self) -> None:
        end = self._place + STEP_CHARACTERS
        piece = self._text[self._place : end]
        found = suspects_in(piece)
        if found and not self.first_line:
            at = min(piece.index(one) for one in found)
            self.first_line = self._line + piece.count("\n", 0, at)
        self.suspects |= found
        self._measure(piece)
        self._place = end
        if end >= len(self._text):
            self.stop()
            self.finished.emit()

    def _measure(self, piece: str) -> None:
        """Take over how long the lines are; one may have begun in an earlier piece."""
        lines = piece.split("\n")
        lengths = [self._begun + len(lines[0]), *map(len, lines[1:])]
        self.longest = max(self.longest, *lengths)
        self._begun = lengths[-1]
        self._line += len(lines) - 1
