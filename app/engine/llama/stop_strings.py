"""Finds the first of several stop strings in text that arrives in pieces. Pure."""

from __future__ import annotations

from collections.abc import Sequence


class StopMatcher:
    """Passes text on, holding back only an end that may still become a stop string."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = [stop for stop in stops if stop]
        self._held = ""
        self.found = ""
        self.cut = 0  # characters fed that were not passed on: the stop string and what followed it

    def feed(self, text: str) -> str:
        """Return the text that is safe to show; after a stop string was ``found``, nothing."""
        if not self._stops:
            return text
        if self.found:
            return ""
        held = self._held + text
        hit = self._first(held)
        if hit is not None:
            position, self.found = hit
            self._held = ""
            self.cut = len(held) - position
            return held[:position]
        keep = self._possible_beginning(held)
        self._held = held[len(held) - keep :]
        return held[: len(held) - keep]

    def finish(self) -> str:
        """Return what was held back: the text ended before it became a stop string."""
        held, self._held = self._held, ""
        return held

    def _first(self, text: str) -> tuple[int, str] | None:
        """Return the stop string that is complete first, as a reader of single characters would meet it."""
        hits = [(text.find(stop), stop) for stop in self._stops]
        found = [(position + len(stop), position, stop) for position, stop in hits if position >= 0]
        if not found:
            return None
        _end, position, stop = min(found, key=lambda hit: (hit[0], hit[1]))
        return position, stop

    def _possible_beginning(self, text: str) -> int:
        longest = min(max(map(len, self._stops)) - 1, len(text))
        for length in range(longest, 0, -1):
            if any(stop.startswith(text[-length:]) for stop in self._stops):
                return length
        return 0
