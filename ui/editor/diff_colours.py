"""Colours of the lines of one text of a diff: those in view first, a few milliseconds at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import accumulate

from pygments.lexer import Lexer
from PySide6.QtCore import QObject, QTimer, Signal

from app.files.lexing import LineLexer, LineTokens, Span

SLICE_SECONDS = 0.003
#: While it takes longer, what was coloured is told this often: each time all in view is painted.
_TELL_SECONDS = 0.1
#: Tokens between two looks at the clock.
_STEP = 60
#: Longer texts stay plain.
MAX_CHARACTERS = 1_000_000
#: Languages that can only be lexed from the first line on, as a whole, stay plain beyond.
MAX_WHOLE_CHARACTERS = 500_000
#: From so many lines before the view colours are exact; farther on they begin with a guess.
_NEAR_LINES = 3000


class DiffColours(QObject):
    """Signals: changed(): Lines that were asked for have their colours."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lexer: LineLexer | None = None
        self._starts: Sequence[int] = ()
        self._known: dict[int, list[Span]] = {}
        self._wanted: set[int] = set()
        self._look: Iterator[list[LineTokens]] | None = None
        self._tell_at = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._work)

    @property
    def is_at_work(self) -> bool:
        """Whether lines in view may still change their colours."""
        return self._timer.isActive()

    def start(self, lexer: Lexer | None, lines: Sequence[str]) -> None:
        """Colour another text, given as lines with their ends; None leaves it plain."""
        self.stop()
        self._known, self._wanted, self._look = {}, set(), None
        self._lexer = None
        size = sum(map(len, lines))
        if lexer is None or size > MAX_CHARACTERS:
            return
        made = LineLexer(lexer, self._position_of)
        if made.is_whole and size > MAX_WHOLE_CHARACTERS:
            return
        # One character for each end, so that places in a line are those of the lines shown.
        plain = [line.rstrip("\r\n") for line in lines]
        self._starts = [0, *accumulate(len(line) + 1 for line in plain)]
        made.reset("\n".join(plain))
        self._lexer = made

    def stop(self) -> None:
        """Leave the rest plain."""
        self._timer.stop()

    def of(self, line: int) -> Sequence[Span]:
        """Return the tokens of a line, from 0, and remember that it is wanted."""
        known = self._known.get(line)
        if known is None and self._lexer is not None:
            self._wanted.add(line)
            if not self._timer.isActive():
                self._timer.start()
        return known or ()

    def _work(self) -> None:
        deadline = time.monotonic() + SLICE_SECONDS
        while time.monotonic() < deadline:
            if not self._wanted or not self._step():
                self._wanted.clear()
                self._timer.stop()
                self.changed.emit()
                return
        if deadline > self._tell_at:
            self._tell_at = deadline + _TELL_SECONDS
            self.changed.emit()

    def _step(self) -> bool:
        """Do a little; return whether there is more to do."""
        lexer = self._lexer
        if lexer is None:
            return False
        last = max(self._wanted)
        if lexer.is_whole or last - lexer.reached < _NEAR_LINES:
            finished = lexer.step(last + 1, _STEP)
        else:
            if self._look is None:
                self._look = lexer.look(min(self._wanted), last + 1)
            finished = next(self._look, None)
            self._look = self._look if finished is not None else None
        for number, spans in finished or ():
            self._known[number] = spans
            self._wanted.discard(number)
        return finished is not None

    def _position_of(self, line: int) -> int:
        return self._starts[line]
