"""The calls of a turn as they are known from what is stored. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from app.agent.live import CallState, LiveCall
from app.conversations.parts import ToolCallPart, ToolResultPart, Turn
from app.tools.tool import ToolSpec


def calls_in(turn: Turn) -> tuple[ToolCallPart, ...]:
    """Return a turn's calls in their order."""
    return tuple(part for part in turn.parts if isinstance(part, ToolCallPart))


def results_in(turn: Turn | None) -> dict[str, ToolResultPart]:
    """Return the results a turn holds, by the ids of their calls."""
    parts = turn.parts if turn else ()
    return {part.call_id: part for part in parts if isinstance(part, ToolResultPart)}


def spec_named(name: str, specs: Sequence[ToolSpec]) -> ToolSpec | None:
    """Return the tool of that name."""
    return next((spec for spec in specs if spec.name == name), None)


def stored_calls(turn: Turn, results: dict[str, ToolResultPart], specs: Sequence[ToolSpec]) -> tuple[LiveCall, ...]:
    """Return the calls of ``turn``, none of which is under way."""
    return tuple(
        LiveCall(
            turn_id=turn.id,
            part=part,
            state=stored_state(part, results.get(part.call_id)),
            spec=spec_named(part.name, specs),
            result=results.get(part.call_id),
        )
        for part in calls_in(turn)
    )


def stored_state(part: ToolCallPart, result: ToolResultPart | None) -> CallState:
    """Return the state of a call that is not under way."""
    if result is None:
        return "queued" if part.can_run else "invalid"
    return "invalid" if result.outcome == "invalid" else "done"
