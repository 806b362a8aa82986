"""How fast a download may go, how fast it goes, and how long to wait before the next try."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable

#: No server is waited for longer than this, whatever it asks for.
LONGEST_WAIT_S = 600.0
_LONGEST_BACK_OFF_S = 30.0
_WINDOW_S = 5.0
_PIECE_S = 0.1
_LEAST_PIECE_BYTES = 4096


class Limiter:
    """Shares a bandwidth limit among all connections."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rate = 0.0
        self._free_at = 0.0

    def set(self, bytes_per_second: float) -> None:
        """Set the limit; 0 for none."""
        with self._lock:
            self._rate = max(0.0, bytes_per_second)
            self._free_at = 0.0

    def piece_bytes(self, most: int) -> int:
        """Return how much to read at once: little under a low limit, so that bytes come evenly."""
        rate = self._rate
        return max(_LEAST_PIECE_BYTES, min(most, int(rate * _PIECE_S))) if rate else most

    def take(self, count: int) -> None:
        """Count bytes that have come."""
        with self._lock:
            if self._rate:
                self._free_at = max(self._clock(), self._free_at) + count / self._rate

    def wait_s(self) -> float:
        """Return how long to wait before more may come; ask again after a while, for the limit may change."""
        with self._lock:
            return max(0.0, self._free_at - self._clock()) if self._rate else 0.0


class Meter:
    """The speed over the last seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque()

    def speed(self, total: int) -> float:
        """Take the bytes fetched in all so far and return bytes per second."""
        now = self._clock()
        self._samples.append((now, total))
        while len(self._samples) > 2 and now - self._samples[0][0] > _WINDOW_S:
            self._samples.popleft()
        then, before = self._samples[0]
        return max(0.0, (total - before) / (now - then)) if now > then else 0.0


def back_off_s(failures: int, first_s: float, dice: random.Random) -> float:
    """Return how long to wait after so many failures in a row: doubling, and never the same for all clients."""
    if failures <= 0:
        return 0.0
    longest = min(_LONGEST_BACK_OFF_S, first_s * 2.0 ** min(failures - 1, 10))
    return longest * dice.uniform(0.5, 1.0)
