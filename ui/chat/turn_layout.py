"""Where the turns of a long conversation are, most of them unseen and only estimated. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate


class TurnLayout:
    """Tops and heights of turns in pixels; a height is an estimate until it is measured."""

    def __init__(self, gap: int, margin: int) -> None:
        self._gap = gap
        self._margin = margin
        self._heights: list[int] = []
        self._tops: list[int] = []
        self._total = 2 * margin

    def __len__(self) -> int:
        """Return the number of turns."""
        return len(self._heights)

    @property
    def total(self) -> int:
        """The height of everything."""
        return self._total

    def reset(self, heights: Sequence[int]) -> None:
        """Start over with these heights."""
        self._heights = list(heights)
        self._recount(0)

    def append(self, height: int) -> None:
        """Add a turn at the end."""
        self._heights.append(height)
        self._recount(len(self._heights) - 1)

    def set_height(self, index: int, height: int) -> bool:
        """Note a measured height; tell whether it differs from what was assumed."""
        if self._heights[index] == height:
            return False
        self._heights[index] = height
        self._recount(index)
        return True

    def top(self, index: int) -> int:
        """Return a turn's top."""
        return self._tops[index]

    def height(self, index: int) -> int:
        """Return a turn's height."""
        return self._heights[index]

    def at(self, y: int) -> int:
        """Return the turn at a height, the nearest one beyond either end; -1 if there is none."""
        return max(0, bisect_right(self._tops, y) - 1) if self._tops else -1

    def between(self, top: int, bottom: int) -> range:
        """Return the turns that touch the stretch from ``top`` to ``bottom``."""
        if not self._tops:
            return range(0)
        return range(self.at(top), self.at(bottom) + 1)

    def _recount(self, first: int) -> None:
        start = self._tops[first - 1] + self._heights[first - 1] + self._gap if first else self._margin
        steps = [height + self._gap for height in self._heights[first:]]
        self._tops[first:] = list(accumulate(steps, initial=start))[:-1] if steps else []
        end = self._tops[-1] + self._heights[-1] if self._tops else self._margin
        self._total = end + self._margin


def estimate_height(characters: int, cards: int, width: int) -> int:
    """Return a turn's likely height from the length of its text and its folded cards, in a column of ``width``."""
    per_line = max(20, width // 8)
    return 100 + 24 * (characters // per_line + 1) + 46 * cards
