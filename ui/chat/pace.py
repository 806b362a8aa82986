"""How often a growing reply is put on the screen: as often as the eye wants, as seldom as the engine needs.

llama.cpp's decode threads take every core and wait for each other after each layer: what the window takes
from one of them, all of them lose. On two cores a window that draws 30 times a second costs 8 % of the
tokens; one that keeps below ``MOST_SHARE`` costs 3 %.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

SHORTEST_MS = 33
LONGEST_MS = 100
#: Of the processor time of all cores; what remains is the engine's.
MOST_SHARE = 0.015
_STEP = 1.25


class Pace:
    """Measures what this process costs from one ``tick`` to the next and sets the interval by it."""

    def __init__(
        self,
        cores: int | None = None,
        wall: Callable[[], float] = time.monotonic,
        cpu: Callable[[], float] = time.process_time,
    ) -> None:
        self._cores = cores or os.cpu_count() or 1
        self._wall = wall
        self._cpu = cpu
        self._last = (wall(), cpu())
        self._interval_ms = float(SHORTEST_MS)

    @property
    def interval_ms(self) -> int:
        """Milliseconds to wait until the screen follows again."""
        return round(self._interval_ms)

    def tick(self) -> None:
        """Say that the screen follows now."""
        now = (self._wall(), self._cpu())
        wall, cpu = now[0] - self._last[0], now[1] - self._last[1]
        self._last = now
        is_dear = cpu > wall * self._cores * MOST_SHARE
        scaled = self._interval_ms * (_STEP if is_dear else 1 / _STEP)
        self._interval_ms = max(SHORTEST_MS, min(LONGEST_MS, scaled))
