"""Decides what of a prompt is in memory already and how to get back to it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: A saved conversation is fetched back only when that spares at least this many tokens of reading.
WORTHWHILE_TOKENS = 64


@dataclass(frozen=True)
class Plan:
    """How to begin with a prompt.

    Attributes:
        keep: Tokens of the prompt that stay in memory.
        checkpoint: Position of the checkpoint to restore first; None where memory can just be cut or kept.
        reason: Why not everything the prompt shares with memory could be kept; empty if all was.
    """

    keep: int
    checkpoint: int | None = None
    reason: str = ""


def common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    """Return how many first tokens are the same."""
    shorter = min(len(a), len(b))
    if a[:shorter] == b[:shorter]:
        return shorter
    low, high = 0, shorter  # halve the distance with slice comparisons, which run in C
    while high - low > 1:
        middle = (low + high) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle
    return low


def plan_reuse(live: Sequence[int], checkpoints: Sequence[int], prompt: Sequence[int], *, can_cut: bool) -> Plan:
    """Return the plan for ``prompt``.

    Args:
        live: The tokens in memory.
        checkpoints: Positions p at which the state after exactly p tokens of ``live`` is kept.
        prompt: The tokens wanted; at least one of them is always read, for its logits.
        can_cut: Memory can be cut at any token; False for recurrent and sliding-window memory.
    """
    shared = common_prefix(live, prompt)
    wanted = min(shared, len(prompt) - 1)
    difference = _difference(shared, live, prompt)
    if can_cut or wanted == len(live):
        return Plan(wanted, reason=difference)
    usable = [position for position in checkpoints if position <= wanted]
    if not usable:
        lost = f"no checkpoint of the recurrent state lies within the {shared:,} tokens in common" if shared else ""
        return Plan(0, reason="; ".join(part for part in (difference, lost) if part))
    best = max(usable)
    if best < wanted:
        difference = (
            f"{difference or 'the reply is made again'}; the nearest checkpoint is {wanted - best:,} tokens before"
        )
    return Plan(best, checkpoint=best, reason=difference)


def _difference(shared: int, live: Sequence[int], prompt: Sequence[int]) -> str:
    if not live:
        return "nothing was in memory"
    if shared == len(live) or shared >= len(prompt) - 1:
        return ""
    return f"the prompt differs from what was read before at token {shared:,}"


def to_evict(positions: Sequence[int]) -> int:
    """Return the index of the checkpoint that is missed least: the one nearest after its predecessor.

    The first (after the system prompt) and the last two (this turn's) go last.
    """
    inner = range(1, len(positions) - 2)
    if not inner:
        return 0
    return min(inner, key=lambda index: positions[index + 1] - positions[index - 1])
