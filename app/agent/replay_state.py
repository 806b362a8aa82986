"""How a replayed run stands: the changes so far, folded into turns, calls and spans. Pure but for its own state."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from app.agent.live import LiveCall
from app.agent.timeline import with_span
from app.agent.trace import Run
from app.chat.changes import (
    CallChanged,
    CallGrew,
    Change,
    RunChanged,
    SpanChanged,
    TextAppended,
    ToolPrinted,
    TurnAdded,
    TurnChanged,
)
from app.conversations.parts import AnyPart, ReasoningPart, TextPart, ToolCallPart, Turn


@dataclass(frozen=True)
class Snapshot:
    """How a run stood at one moment.

    Attributes:
        calls: By turn, in the order in which they were written.
    """

    run: Run
    turns: tuple[Turn, ...]
    calls: dict[int, tuple[LiveCall, ...]]


class ReplayState:
    """Takes changes in order; ``snapshot`` says how things stand."""

    def __init__(
        self, run: Run, turns: dict[int, Turn] | None = None, calls: dict[str, LiveCall] | None = None
    ) -> None:
        """Begin with nothing but a run, or as another state stood."""
        self._run = run
        self._turns = dict(turns or {})
        self._calls = dict(calls or {})

    def copy(self) -> ReplayState:
        """Return another one that stands the same."""
        return ReplayState(self._run, self._turns, self._calls)

    def apply(self, change: Change) -> None:
        """Take a change."""
        match change:
            case TurnAdded(turn) | TurnChanged(turn):
                self._turns[turn.id] = turn
            case TextAppended(turn_id=turn_id) if turn_id in self._turns:
                self._append_text(change)
            case CallChanged(call):
                self._change_call(call)
            case CallGrew(call_id=call_id) if call_id in self._calls:
                self._grow_call(change)
            case ToolPrinted(call_id=call_id, text=text) if call_id in self._calls:
                call = self._calls[call_id]
                self._calls[call_id] = replace(call, output=call.output + text)
            case RunChanged(run):
                spans = run.spans or self._run.spans
                self._run = msgspec.structs.replace(run, spans=spans)
            case SpanChanged(span=span):
                self._run = with_span(self._run, span)
            case _:
                pass

    def snapshot(self) -> Snapshot:
        """Return how things stand."""
        calls: dict[int, tuple[LiveCall, ...]] = {}
        for call in self._calls.values():
            calls[call.turn_id] = (*calls.get(call.turn_id, ()), call)
        return Snapshot(self._run, tuple(self._turns.values()), calls)

    def _append_text(self, change: TextAppended) -> None:
        turn = self._turns[change.turn_id]
        last = turn.parts[-1] if turn.parts else None
        kind = ReasoningPart if change.is_reasoning else TextPart
        if isinstance(last, kind):
            grown: tuple[AnyPart, ...] = (*turn.parts[:-1], kind(text=last.text + change.text))
        else:
            grown = (*turn.parts, kind(text=change.text))
        self._turns[turn.id] = msgspec.structs.replace(turn, parts=grown)

    def _change_call(self, call: LiveCall) -> None:
        known = self._calls.get(call.part.call_id)
        self._calls[call.part.call_id] = call
        turn = self._turns.get(call.turn_id)
        if turn is None or turn.state != "streaming":
            return
        if known is None:
            parts: tuple[AnyPart, ...] = (*turn.parts, call.part)
        else:
            parts = tuple(call.part if _is_call(part, call.part.call_id) else part for part in turn.parts)
        self._turns[turn.id] = msgspec.structs.replace(turn, parts=parts)

    def _grow_call(self, change: CallGrew) -> None:
        call = self._calls[change.call_id]
        known = call.part.arguments.get(change.key, "")
        arguments = {**call.part.arguments, change.key: f"{known}{change.text}"}
        self._calls[change.call_id] = replace(call, part=msgspec.structs.replace(call.part, arguments=arguments))


def _is_call(part: AnyPart, call_id: str) -> bool:
    return isinstance(part, ToolCallPart) and part.call_id == call_id
