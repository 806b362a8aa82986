"""A run as a picture: lanes, steps, totals. Pure arithmetic, shared by the window and the exported page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from app.agent.trace import Run, Span, SpanKind

#: Where time goes, in the order in which it is told; "other" is what no span accounts for.
Share = Literal["prompt", "generate", "tool", "waiting", "queue", "other"]
SHARES: tuple[Share, ...] = ("prompt", "generate", "tool", "waiting", "queue", "other")
_SHARE_OF: dict[SpanKind, Share] = {
    "queue": "queue",
    "prompt": "prompt",
    "generate": "generate",
    "approval": "waiting",
    "question": "waiting",
    "pause": "waiting",
    "tool": "tool",
}
#: The model's own spans: they begin a step.
MODEL_KINDS = frozenset({"queue", "prompt", "generate"})


@dataclass(frozen=True)
class Lane:
    """A row of the picture: spans of one kind, or calls of one tool, from left to right."""

    key: str
    title: str
    share: Share
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Step:
    """One reply of the model and what came of it; ``number`` counts from 1, times in seconds of the run."""

    number: int
    turn_id: int
    start: float
    end: float


@dataclass(frozen=True)
class Totals:
    """Where the time and the tokens of a run went.

    Attributes:
        seconds: By share; each second is counted once for every span that covers it.
        length: Seconds from the run's beginning to its end, or to now.
        calls: Tool calls that ran.
    """

    seconds: dict[Share, float]
    length: float
    reused_tokens: int
    processed_tokens: int
    generated_tokens: int
    calls: int

    def share(self, of: Share) -> float:
        """Return a share of the time, from 0 to 1."""
        whole = sum(self.seconds.values())
        return self.seconds[of] / whole if whole > 0 else 0.0


def share_of(span: Span) -> Share:
    """Return where a span's time is counted."""
    return _SHARE_OF[span.kind]


def end_of(span: Span, now: float) -> float:
    """Return where a span ends, or has got to at ``now``."""
    return max(span.start, now if span.end is None else span.end)


def length_of(spans: Iterable[Span], now: float = 0.0) -> float:
    """Return the seconds that spans cover from the run's beginning; ``now`` counts while one of them goes on."""
    return max((end_of(span, now) for span in spans), default=0.0)


def is_open(run: Run) -> bool:
    """Return whether a span of the run goes on."""
    return any(span.end is None for span in run.spans)


def with_span(run: Run, span: Span) -> Run:
    """Return a run with a span that is new or has changed."""
    spans = list(run.spans)
    place = next((n for n in range(len(spans) - 1, -1, -1) if spans[n].number == span.number), None)
    if place is None:
        spans.append(span)
    else:
        spans[place] = span
    return msgspec.structs.replace(run, spans=tuple(spans))


def lanes_of(spans: Sequence[Span]) -> tuple[Lane, ...]:
    """Return the lanes that have something in them: the model's, the person's, then tools as they first came."""
    titles = {
        "queue": "Queue",
        "prompt": "Prompt",
        "generate": "Generation",
        "waiting": "Waiting for you",
    }
    found: dict[str, list[Span]] = {key: [] for key in titles}
    for span in spans:
        key = f"tool:{span.title}" if span.kind == "tool" else share_of(span)
        found.setdefault(key, []).append(span)
    return tuple(
        Lane(key, titles.get(key) or inside[0].title or "tool", share_of(inside[0]), tuple(inside))
        for key, inside in ((key, sorted(members, key=_start)) for key, members in found.items())
        if inside
    )


def steps_of(spans: Sequence[Span], now: float = 0.0) -> tuple[Step, ...]:
    """Return the steps: a new one begins with the model's work on another turn."""
    begun: list[tuple[int, float]] = []
    for span in sorted(spans, key=_start):
        if span.kind in MODEL_KINDS and (not begun or begun[-1][0] != span.turn_id):
            begun.append((span.turn_id, span.start))
    ends = [start for _turn, start in begun[1:]] + [length_of(spans, now)]
    return tuple(
        Step(number, turn_id, start, max(start, end))
        for number, ((turn_id, start), end) in enumerate(zip(begun, ends, strict=False), start=1)
    )


def step_at(steps: Sequence[Step], seconds: float) -> int:
    """Return the number of the step at a time; 0 before the first. ``steps`` as ``steps_of`` returns them."""
    return bisect_right(steps, seconds, key=lambda step: step.start)


def totals_of(spans: Sequence[Span], now: float = 0.0) -> Totals:
    """Add up a run."""
    seconds: dict[Share, float] = dict.fromkeys(SHARES, 0.0)
    for span in spans:
        seconds[share_of(span)] += end_of(span, now) - span.start
    length = length_of(spans, now)
    seconds["other"] = max(0.0, length - sum(seconds.values()))
    prompts = [span for span in spans if span.kind == "prompt"]
    return Totals(
        seconds=seconds,
        length=length,
        reused_tokens=sum(span.reused_tokens for span in prompts),
        processed_tokens=sum(span.tokens for span in prompts),
        generated_tokens=sum(span.tokens for span in spans if span.kind == "generate"),
        calls=sum(1 for span in spans if span.kind == "tool"),
    )


def _start(span: Span) -> tuple[float, int]:
    return span.start, span.number
