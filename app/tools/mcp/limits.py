"""Bounds on what a server may send: the length of a message, and how many lines of log. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
#: A line that goes on for so long after it was given up is no message any more.
MAX_DISCARDED_BYTES = 256 * 1024 * 1024


class EndlessLineError(Exception):
    """A server sends a line without an end."""


class LineSplitter:
    """Cuts a stream into lines of a bounded length; None stands for one that was too long and thrown away."""

    def __init__(self, limit: int = MAX_MESSAGE_BYTES) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._length = 0
        self._discarded = 0

    def feed(self, data: bytes) -> Iterator[bytes | None]:
        """Yield the lines completed by ``data``.

        Raises:
            EndlessLineError: More than ``MAX_DISCARDED_BYTES`` came without a line's end.
        """
        *whole, rest = data.split(b"\n")
        for line in whole:
            self._keep(line)
            yield None if self._discarded else b"".join(self._pieces)
            self._pieces, self._length, self._discarded = [], 0, 0
        self._keep(rest)

    def _keep(self, piece: bytes) -> None:
        if self._discarded or self._length + len(piece) > self._limit:
            self._discarded += self._length + len(piece)
            self._pieces, self._length = [], 0
            if self._discarded > MAX_DISCARDED_BYTES:
                raise EndlessLineError
        elif piece:
            self._pieces.append(piece)
            self._length += len(piece)


class Gate:
    """Lets through so many things a second, and counts the rest."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._tokens = float(burst)
        self._at = clock()
        self._held_back = 0

    def passes(self) -> bool:
        """Tell whether one more may pass now."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_second)
        self._at = now
        if self._tokens < 1:
            self._held_back += 1
            return False
        self._tokens -= 1
        return True

    def take_held_back(self) -> int:
        """Return how many were held back since this was asked last."""
        count, self._held_back = self._held_back, 0
        return count
