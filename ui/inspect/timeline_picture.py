"""What a timeline shows, laid out on its axis: pure arithmetic, so that painting is only painting."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from app.agent.time_scale import TimeScale, scale_of
from app.agent.timeline import Lane, Step, Totals, end_of, lanes_of, share_of, step_at, steps_of, totals_of
from app.agent.timeline_words import clock_words, seconds_words
from app.agent.trace import Run, Span

FAILED = frozenset({"failed", "denied", "cancelled", "timed_out", "invalid"})
#: The colour of a share of the time, as the second half of a theme token.
COLORS = {
    "prompt": "prompt",
    "generate": "generate",
    "tool": "tool",
    "waiting": "waiting",
    "queue": "queue",
    "other": "queue",
}


@dataclass(frozen=True)
class Bar:
    """A span with its ends on the axis, in shown seconds."""

    span: Span
    start: float
    end: float


class LaneBars:
    """The bars of one lane, found fast."""

    def __init__(self, lane: Lane, scale: TimeScale, now: float) -> None:
        self.lane = lane
        self.bars = [Bar(span, scale.to_shown(span.start), scale.to_shown(end_of(span, now))) for span in lane.spans]
        self.seconds = sum(end_of(span, now) - span.start for span in lane.spans)
        self._starts = [bar.start for bar in self.bars]
        self._furthest = list(accumulate((bar.end for bar in self.bars), max))

    def between(self, first: float, last: float) -> Iterator[Bar]:
        """Yield the bars that reach into a stretch of the axis."""
        for number in range(bisect_left(self._furthest, first), bisect_right(self._starts, last)):
            if self.bars[number].end >= first:
                yield self.bars[number]

    def at(self, place: float, slack: float) -> Span | None:
        """Return the span at a place of the axis; of several within ``slack`` the one whose middle is nearest."""
        near = list(self.between(place - slack, place + slack))
        return min(near, key=lambda bar: abs((bar.start + bar.end) / 2 - place)).span if near else None


class TimelinePicture:
    """A run at one moment.

    Attributes:
        run: What is shown.
        now: Seconds since the run began, for spans that go on.
        order: All spans as they began.
    """

    def __init__(self, run: Run, now: float, *, compress: bool) -> None:
        self.run = run
        self.now = now
        self.scale = scale_of(run.spans, now, compress=compress)
        self.steps: tuple[Step, ...] = steps_of(run.spans, now)
        self.totals: Totals = totals_of(run.spans, now)
        self.lanes = [LaneBars(lane, self.scale, now) for lane in lanes_of(run.spans)]
        self.order = sorted(run.spans, key=lambda span: (span.start, span.number))
        self._places = {bar.span.number: (lane, bar) for lane, bars in enumerate(self.lanes) for bar in bars.bars}

    def span(self, number: int) -> Span | None:
        """Return a span by its number."""
        return self._places[number][1].span if number in self._places else None

    def lane_of(self, span: Span) -> int:
        """Return the lane of a span."""
        return self._places[span.number][0]

    def place_of(self, span: Span) -> tuple[int, Bar]:
        """Return the lane of a span, and its bar there."""
        return self._places[span.number]

    def step_of(self, span: Span) -> int:
        """Return the number of the step a span belongs to."""
        return step_at(self.steps, span.start)

    def neighbour(self, span: Span | None, direction: int) -> Span | None:
        """Return the span that began before (-1) or after (+1) another; without one the first or last."""
        if not self.order:
            return None
        if span is None:
            return self.order[0 if direction > 0 else -1]
        place = next((n for n, other in enumerate(self.order) if other.number == span.number), 0)
        return self.order[max(0, min(len(self.order) - 1, place + direction))]

    def beside(self, span: Span, direction: int) -> Span:
        """Return the span nearest in time in the lane above (-1) or below (+1); the same one at the edge."""
        lane = self.lane_of(span) + direction
        if not 0 <= lane < len(self.lanes):
            return span
        return min(self.lanes[lane].lane.spans, key=lambda other: abs(other.start - span.start))


def color_of(span: Span) -> str:
    """Return the theme token of a span's colour; what failed has that of danger."""
    return "danger" if span.outcome in FAILED and span.kind == "tool" else f"timeline.{COLORS[share_of(span)]}"


def bar_words(span: Span, now: float) -> tuple[str, ...]:
    """Return what may be written into a bar, the longest first; parts of a prompt have words of their own."""
    if span.kind in {"generate", "prompt"}:
        return (f"{span.tokens:,} tokens", f"{span.tokens:,}") if span.tokens else ()
    return (seconds_words(end_of(span, now) - span.start),)


def tick_words(ticks: tuple[tuple[float, float], ...]) -> list[str]:
    """Return the words of an axis's ticks, as exact as their distance asks for."""
    step = min((other - one for (_place, one), (_next, other) in pairwise(ticks)), default=1.0)
    return [clock_words(seconds, step) for _place, seconds in ticks]
