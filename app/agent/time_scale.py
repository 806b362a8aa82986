"""The time axis of a run: seconds to places on it and back, long waits for people shortened, and its ticks. Pure."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.agent.timeline import end_of, length_of, share_of
from app.agent.trace import Span

#: A shortened wait takes this share of the time that is no waiting, all of them together no more than the other
#: share, and each no less than so many seconds.
_BREAK_SHARE = 0.03
_BREAKS_SHARE = 0.25
_LEAST_BREAK_S = 0.5
#: Steps between ticks, in seconds.
TICK_STEPS = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400),
)
#: No picture needs more.
MOST_TICKS = 400


@dataclass(frozen=True)
class Break:
    """A wait drawn shorter than it was; ``start`` and ``end`` in seconds of the run, ``shown`` is its new length."""

    start: float
    end: float
    shown: float

    @property
    def saved(self) -> float:
        """How many seconds the axis leaves out."""
        return self.end - self.start - self.shown


class TimeScale:
    """Maps seconds of the run to seconds on the axis; both begin at 0 and never run backwards."""

    def __init__(self, length: float, breaks: Sequence[Break] = ()) -> None:
        """Take the length of the run in seconds, and what is shortened, in order and apart from each other."""
        self.breaks = tuple(breaks)
        self._starts = [pause.start for pause in self.breaks]
        self._saved = [0.0]
        for pause in self.breaks:
            self._saved.append(self._saved[-1] + pause.saved)
        self._shown_starts = [pause.start - saved for pause, saved in zip(self.breaks, self._saved, strict=False)]
        self.length = max(0.0, length)
        self.shown_length = self.to_shown(self.length)

    def to_shown(self, seconds: float) -> float:
        """Return the place of a time on the axis."""
        count = bisect_right(self._starts, seconds)
        if count and seconds < self.breaks[count - 1].end:
            pause = self.breaks[count - 1]
            inside = (seconds - pause.start) * pause.shown / (pause.end - pause.start)
            return self._shown_starts[count - 1] + inside
        return seconds - self._saved[count]

    def to_time(self, shown: float) -> float:
        """Return the time at a place of the axis."""
        count = bisect_right(self._shown_starts, shown)
        if count:
            pause, begun = self.breaks[count - 1], self._shown_starts[count - 1]
            if shown < begun + pause.shown:
                return pause.start + (shown - begun) * (pause.end - pause.start) / pause.shown
        return shown + self._saved[count]

    def ticks(self, first: float, last: float, least_gap: float) -> tuple[tuple[float, float], ...]:
        """Return (place on the axis, seconds) of round times between two places, none inside a break.

        Args:
            first, last: Places on the axis.
            least_gap: How near two ticks may come on the axis.
        """
        step = next((step for step in TICK_STEPS if step >= least_gap), float(TICK_STEPS[-1]))
        found: list[tuple[float, float]] = []
        for begin, end in self._plain_stretches(self.to_time(first), self.to_time(last)):
            number = math.ceil(begin / step - 1e-9)
            while number * step <= end + 1e-9 and len(found) < MOST_TICKS:
                place = self.to_shown(number * step)
                if not found or place - found[-1][0] >= least_gap * 0.999:
                    found.append((place, number * step))
                number += 1
        return tuple(found)

    def _plain_stretches(self, begin: float, end: float) -> list[tuple[float, float]]:
        stretches: list[tuple[float, float]] = []
        for pause in self.breaks:
            if begin < pause.start:
                stretches.append((begin, min(end, pause.start)))
            begin = max(begin, pause.end)
        stretches.append((begin, end))
        return [(one, other) for one, other in stretches if one <= other]


def scale_of(spans: Sequence[Span], now: float = 0.0, *, compress: bool) -> TimeScale:
    """Return the axis of a run; with ``compress`` waits for a person in which nothing else happens are shortened."""
    length = length_of(spans, now)
    if not compress:
        return TimeScale(length)
    waits = _joined((span.start, end_of(span, now)) for span in spans if share_of(span) == "waiting")
    busy = _joined((span.start, end_of(span, now)) for span in spans if share_of(span) != "waiting")
    idle = _without(waits, busy)
    active = length - sum(end - start for start, end in idle)
    shown = max(_LEAST_BREAK_S, active * min(_BREAK_SHARE, _BREAKS_SHARE / max(1, len(idle))))
    return TimeScale(length, [Break(start, end, shown) for start, end in idle if end - start > 2 * shown])


def _joined(stretches: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Sort stretches and join those that touch."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _without(stretches: list[tuple[float, float]], taken: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Cut what is taken out of stretches; both are sorted and joined."""
    left: list[tuple[float, float]] = []
    first = 0
    for begin, end in stretches:
        start = begin
        while first < len(taken) and taken[first][1] <= start:
            first += 1
        number = first
        while number < len(taken) and taken[number][0] < end:
            if taken[number][0] > start:
                left.append((start, taken[number][0]))
            start = max(start, taken[number][1])
            number += 1
        if start < end:
            left.append((start, end))
    return left
