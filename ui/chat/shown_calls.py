"""The tool calls of the conversation on show, by turn: what their cards are made from, near the screen or far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from app.agent.live import LiveCall
from app.conversations.parts import ToolCallPart, ToolResultPart, Turn
from ui.chat.turn_view import TurnView
from ui.tools.shown_call import ShownCall


class ShownCalls:
    """Remembers each call with what streamed in, and how its card stands."""

    def __init__(self) -> None:
        self._calls: dict[int, dict[str, ShownCall]] = {}

    def keep(self, views: Iterable[TurnView]) -> None:
        """Take what these turns say of their calls, and forget the calls of other turns."""
        known, self._calls = self._calls, {}
        for view in views:
            if view.turn.id in known:
                self._calls[view.turn.id] = known[view.turn.id]
            self.take(view.calls)

    def take(self, calls: Iterable[LiveCall]) -> None:
        """Take what is known now of calls."""
        for live in calls:
            of_turn = self._calls.setdefault(live.turn_id, {})
            shown = of_turn.get(live.part.call_id)
            if shown is None:
                of_turn[live.part.call_id] = ShownCall(live)
            else:
                shown.update(live)

    def of_turn(self, turn_id: int) -> Sequence[ShownCall]:
        """Return the calls of a turn that were told of, in their order."""
        return tuple(self._calls.get(turn_id, {}).values())

    def find(self, turn_id: int, call_id: str) -> ShownCall | None:
        """Return a call that was told of."""
        return self._calls.get(turn_id, {}).get(call_id)

    def of_part(self, turn: Turn, part: ToolCallPart) -> ShownCall:
        """Return the call of a turn's part, also of one that nothing more is known of."""
        known = self.find(turn.id, part.call_id)
        if known is None:
            self.take([LiveCall(turn.id, part, "done" if part.can_run else "invalid")])
        return known or self._calls[turn.id][part.call_id]

    def asking(self) -> ShownCall | None:
        """Return the first call that waits for approval."""
        every = (shown for of_turn in self._calls.values() for shown in of_turn.values())
        return next((shown for shown in every if shown.live.state == "asking"), None)


def without_tool_turns(views: Sequence[TurnView]) -> list[TurnView]:
    """Return the turns that are shown: results of tools stand in the cards of their calls, not in turns."""
    shown: list[TurnView] = []
    results: dict[str, ToolResultPart] = {}
    for view in views:
        if view.turn.role == "tool":
            results |= {part.call_id: part for part in view.turn.parts if isinstance(part, ToolResultPart)}
    was_tool = False
    for view in views:
        if view.turn.role == "tool":
            was_tool = True
            if shown and view.is_last:
                shown[-1] = replace(shown[-1], is_last=True)
            continue
        continues = view.continues or (was_tool and view.turn.role == "assistant")
        made = replace(view, continues=continues and bool(shown), calls=view.calls or _calls(view.turn, results))
        if made.continues:
            shown[-1] = replace(shown[-1], goes_on=True)
        shown.append(made)
        was_tool = False
    return shown


def _calls(turn: Turn, results: dict[str, ToolResultPart]) -> tuple[LiveCall, ...]:
    """Return the calls of a turn with results that stand in turns of their own."""
    parts = [part for part in turn.parts if isinstance(part, ToolCallPart) and part.call_id in results]
    return tuple(LiveCall(turn.id, part, "done", result=results[part.call_id]) for part in parts)
