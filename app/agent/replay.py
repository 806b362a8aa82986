"""Replays a run without a model: what the window was told, at the times at which it happened. Pure, no clock."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from app.agent.export import RunExport
from app.agent.replay_schedule import Timed, not_begun, schedule
from app.agent.replay_state import ReplayState, Snapshot
from app.agent.time_scale import scale_of
from app.chat.changes import Change, SpanChanged

#: After so many changes it is kept how things stand, so that going back costs no more than that.
KEEP_EVERY = 1000


class Replay:
    """A run that is played: whoever has a clock calls ``advance``.

    Positions are seconds on an axis on which long waits for a person are shortened.
    """

    def __init__(self, export: RunExport) -> None:
        self._scale = scale_of(export.run.spans, compress=True)
        self._timed: Sequence[Timed] = schedule(export)
        self._places = [self._scale.to_shown(timed.at) for timed in self._timed]
        self._begins = sorted({place for place, timed in zip(self._places, self._timed, strict=True) if _begins(timed)})
        self._state = ReplayState(not_begun(export.run))
        self._kept = [(0, self._state.copy())]  # (changes taken, how things stood), to go back to
        self._next = 0
        self.position = 0.0
        self.length = self._places[-1] if self._places else 0.0

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens."""
        return self._next >= len(self._timed)

    @property
    def seconds(self) -> float:
        """Where it is, in seconds of the run."""
        return self._scale.to_time(self.position)

    @property
    def steps(self) -> int:
        """How many things begin."""
        return len(self._begins)

    def advance(self, seconds: float) -> list[Change]:
        """Go on by so many seconds and return what happens meanwhile."""
        return self._go_to(min(self.length, self.position + max(0.0, seconds)))

    def step(self) -> list[Change]:
        """Go on until the next thing begins, or to the end, and return what happens until then."""
        place = bisect_right(self._begins, self.position)
        return self._go_to(self._begins[place] if place < len(self._begins) else self.length)

    def seek(self, position: float) -> Snapshot:
        """Go anywhere and return how things stand there."""
        position = min(self.length, max(0.0, position))
        if position < self.position:
            wanted = bisect_right(self._places, position)
            self._next, kept = next(pair for pair in reversed(self._kept) if pair[0] <= wanted)
            self._state = kept.copy()
        self._go_to(position)
        return self._state.snapshot()

    def snapshot(self) -> Snapshot:
        """Return how things stand."""
        return self._state.snapshot()

    def _go_to(self, position: float) -> list[Change]:
        self.position = position
        first, last = self._next, max(self._next, bisect_right(self._places, position))
        for number in range(first, last):
            self._state.apply(self._timed[number].change)
            if number + 1 >= self._kept[-1][0] + KEEP_EVERY:
                self._kept.append((number + 1, self._state.copy()))
        self._next = last
        return [timed.change for timed in self._timed[first:last]]


def _begins(timed: Timed) -> bool:
    return isinstance(timed.change, SpanChanged) and timed.change.span.end is None
