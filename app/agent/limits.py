"""When a run has had its share, counted from its spans. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.agent.trace import RunLimits, Span

#: Time that counts: the machine's, not that of waiting for a person.
_COUNTED = frozenset({"queue", "prompt", "generate", "tool"})


@dataclass(frozen=True)
class Spent:
    """What a run has used since it last stopped to ask.

    Attributes:
        turns: Replies of the model.
        seconds: Time, without that of waiting for a person.
        tokens: Generated tokens.
    """

    turns: int
    seconds: float
    tokens: int


def spent(spans: Sequence[Span]) -> Spent:
    """Return what was used after the last pause: going on from one gives a run its whole share again."""
    begin = max((span.number + 1 for span in spans if span.kind == "pause"), default=0)
    recent = [span for span in spans if span.number >= begin]
    written = [span for span in recent if span.kind == "generate"]
    return Spent(
        turns=len({span.turn_id for span in written}),
        seconds=sum((span.end or span.start) - span.start for span in recent if span.kind in _COUNTED),
        tokens=sum(span.tokens for span in written),
    )


def limit_reached(used: Spent, limits: RunLimits) -> str:
    """Return which limit a run has come to, in words; empty for none."""
    if limits.turns and used.turns >= limits.turns:
        return f"It made {used.turns:,} replies, the limit before it asks."
    if limits.tokens and used.tokens >= limits.tokens:
        return f"It wrote {used.tokens:,} tokens; the limit before it asks is {limits.tokens:,}."
    if limits.seconds and used.seconds >= limits.seconds:
        return (
            f"It worked for {used.seconds / 60:,.0f} minutes; the limit before it asks is {limits.seconds / 60:,.0f}."
        )
    return ""
