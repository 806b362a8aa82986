"""From the turns of a branch to what the transcript shows of them. Pure.

The results of tools stand in turns of their own, because models read them so. A person sees them in the cards of
their calls: a tool turn is left out, and the reply after it goes on with the one before. Where a tool turn has other
versions, the reply after it offers them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from app.agent.live import LiveCall
from app.conversations.parts import ToolCallPart, Turn
from ui.chat.turn_view import TurnView

CallsOf = Callable[[int], tuple[LiveCall, ...]]


def views_of(branch: Sequence[Turn], branchings: Mapping[int, Sequence[int]], calls_of: CallsOf) -> list[TurnView]:
    """Return the views of a branch, root to leaf; ``branchings`` as ``ConversationStore.branchings`` gives it."""
    shown = [turn for turn in branch if turn.role != "tool"]
    above = {turn.id: parent for parent, turn in pairwise(branch)}
    last = shown[-1] if shown else None
    return [
        view_of(turn, above.get(turn.id), lambda turn_id: branchings.get(turn_id, [turn_id]), calls_of,
                is_last=turn is last)
        for turn in shown
    ]  # fmt: skip


def view_of(
    turn: Turn,
    parent: Turn | None,
    siblings_of: Callable[[int], Sequence[int]],
    calls_of: CallsOf,
    *,
    is_last: bool,
) -> TurnView:
    """Return the view of a turn that answers ``parent``."""
    version = turn_of_versions(turn, parent, siblings_of)
    siblings = siblings_of(version)
    return TurnView(
        turn,
        siblings.index(version) if version in siblings else 0,
        max(1, len(siblings)),
        is_last,
        calls_of(turn.id) if _may_call(turn) else (),
        continues=turn.role == "assistant" and parent is not None and parent.role == "tool",
    )


def turn_of_versions(turn: Turn, parent: Turn | None, siblings_of: Callable[[int], Sequence[int]]) -> int:
    """Return the id of the turn whose versions stand at ``turn``: itself, or the tool turn it answers."""
    is_hidden = parent is not None and parent.role == "tool" and len(siblings_of(turn.id)) < 2
    return parent.id if parent is not None and is_hidden and len(siblings_of(parent.id)) > 1 else turn.id


def _may_call(turn: Turn) -> bool:
    """Whether a turn has calls, or may get some: of the others nothing has to be looked up."""
    return turn.state == "streaming" or any(isinstance(part, ToolCallPart) for part in turn.parts)
