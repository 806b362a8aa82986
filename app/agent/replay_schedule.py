"""When what happened in a run: its spans and turns as the changes a window hears, in order. Pure.

A run keeps when each thing began and ended, not when each word came: text is spread evenly over the time it took.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from app.agent.export import RunExport, calls_of
from app.agent.live import CallState, LiveCall
from app.agent.live_calls import stored_state
from app.agent.timeline import MODEL_KINDS, length_of
from app.agent.trace import Run, Span
from app.chat.changes import (
    CallChanged,
    CallGrew,
    Change,
    PromptRead,
    RunChanged,
    SpanChanged,
    TextAppended,
    ToolPrinted,
    TurnAdded,
    TurnChanged,
)
from app.conversations.parts import AnyPart, ReasoningPart, TextPart, ToolCallPart, ToolResultPart, Turn
from app.tools.views import TerminalView

#: Text comes in pieces of about this long, and in no more than so many for one turn.
PIECE_S = 0.05
MAX_PIECES = 400
PROMPT_PIECES = 8
_STATE_OF: dict[str, CallState] = {"approval": "asking", "question": "question", "tool": "running"}


@dataclass(frozen=True)
class Timed:
    """A change and when it happened, in seconds of the run."""

    at: float
    change: Change


def schedule(export: RunExport) -> tuple[Timed, ...]:
    """Return all that happened, in order."""
    return _Schedule(export).made()


def not_begun(run: Run) -> Run:
    """Return a run as it was before anything happened."""
    return msgspec.structs.replace(run, state="running", reason="", spans=())


class _Schedule:
    def __init__(self, export: RunExport) -> None:
        self._run = export.run
        self._turns = export.turns
        self._length = length_of(export.run.spans)
        calls = calls_of(export.turns, export.tools)
        self._calls = {call.part.call_id: call for own in calls.values() for call in own}
        self._spans = sorted(export.run.spans, key=lambda span: (span.start, span.number))
        self._of_turn: defaultdict[int, list[Span]] = defaultdict(list)
        self._of_call: defaultdict[str, list[Span]] = defaultdict(list)
        for span in self._spans:
            if span.kind in MODEL_KINDS:
                self._of_turn[span.turn_id].append(span)
            elif span.call_id and span.kind in _STATE_OF:
                self._of_call[span.call_id].append(span)
        self._timed: list[Timed] = []
        self._cursor = 0.0  # where the turns have got to

    def made(self) -> tuple[Timed, ...]:
        self._add(0.0, RunChanged(not_begun(self._run)))
        for span in self._spans:
            self._add_span(span)
        for turn in self._turns:
            if turn.role == "assistant":
                self._add_reply(turn)
            elif turn.role == "tool":
                self._add_results(turn)
            else:
                self._add(self._begin_after(turn), TurnAdded(turn))
        self._timed.sort(key=lambda timed: timed.at)  # stable: what was added first comes first
        self._add(max(self._length, self._cursor), RunChanged(self._run))
        return tuple(self._timed)

    def _add(self, at: float, change: Change) -> None:
        self._timed.append(Timed(at, change))

    def _add_span(self, span: Span) -> None:
        self._add(span.start, SpanChanged(self._run.id, _begun(span)))
        if span.end is not None:
            self._add(span.end, SpanChanged(self._run.id, span))

    def _begin_after(self, turn: Turn) -> float:
        """Return when a person's turn came: just before the model began to read it."""
        if turn.id == self._run.asked_id:
            return 0.0
        place = self._turns.index(turn)
        later = next((other for other in self._turns[place:] if other.role == "assistant"), turn)
        self._cursor = max(self._cursor, self._begin(later))
        return self._cursor

    # --- what the model did -------------------------------------------------------------------------------

    def _add_reply(self, turn: Turn) -> None:
        own = self._of_turn[turn.id]
        writing = next((span for span in own if span.kind == "generate"), None)
        begin = max(self._cursor, self._begin(turn))
        self._add(begin, TurnAdded(msgspec.structs.replace(turn, parts=(), state="streaming", stats=None)))
        for span in own:
            if span.kind == "prompt":
                self._read_prompt(span)
        start = max(begin, writing.start) if writing else begin
        end = max(start, self._end(writing) if writing else start)
        self._write_parts(turn, start, end, writing.tokens if writing else 0)
        self._add(end, TurnChanged(turn))
        self._cursor = end
        for part in turn.parts:
            if isinstance(part, ToolCallPart):
                self._run_call(self._calls[part.call_id], end)

    def _read_prompt(self, span: Span) -> None:
        end, total = self._end(span), span.reused_tokens + span.tokens
        for number in range(1, PROMPT_PIECES):
            done = span.reused_tokens + span.tokens * number // PROMPT_PIECES
            at = span.start + (end - span.start) * number / PROMPT_PIECES
            speed = span.tokens / (end - span.start) if end > span.start else 0.0
            self._add(at, PromptRead(span.turn_id, done, total, span.reused_tokens, speed))

    def _write_parts(self, turn: Turn, start: float, end: float, tokens: int) -> None:
        written = [(part, _written(part)) for part in turn.parts]
        whole = sum(length for _part, length in written)
        if not whole:
            return
        size = max(1, whole // max(1, min(MAX_PIECES, round((end - start) / PIECE_S))))
        done = 0
        for part, length in written:
            first, last = (start + (end - start) * place / whole for place in (done, done + length))
            share = round(tokens * length / whole)
            if isinstance(part, ToolCallPart):
                self._write_call(turn, part, first, last, size)
            elif isinstance(part, TextPart | ReasoningPart):
                self._write_text(turn, part, first, last, size, share)
            done += length

    def _write_text(
        self, turn: Turn, part: TextPart | ReasoningPart, first: float, last: float, size: int, tokens: int
    ) -> None:
        is_reasoning = isinstance(part, ReasoningPart)
        pieces = list(_pieces(part.text, size))
        for number, text in enumerate(pieces, start=1):
            share = tokens * number // len(pieces) - tokens * (number - 1) // len(pieces)
            at = first + (last - first) * number / len(pieces)
            self._add(at, TextAppended(turn.conversation_id, turn.id, text, share, is_reasoning))

    def _write_call(self, turn: Turn, part: ToolCallPart, first: float, last: float, size: int) -> None:
        call = self._calls[part.call_id]
        bare = msgspec.structs.replace(part, arguments={}, raw="", problems=())
        self._add(first, CallChanged(replace(call, part=bare, state="writing", result=None)))
        pieces = [(key, text) for key, value in part.arguments.items() for text in _pieces(_argument_text(value), size)]
        for number, (key, text) in enumerate(pieces, start=1):
            at = first + (last - first) * number / (len(pieces) + 1)
            self._add(at, CallGrew(turn.id, part.call_id, key, text))
        self._add(last, CallChanged(replace(call, state=stored_state(part, None), result=None)))

    # --- what came of it ----------------------------------------------------------------------------------

    def _run_call(self, call: LiveCall, after: float) -> None:
        """Add what became of a call; one that nothing was done about has its result at once."""
        at = after
        for span in self._of_call[call.part.call_id]:
            begin, at = max(after, span.start), max(at, self._end(span))
            self._add(begin, CallChanged(replace(call, state=_STATE_OF[span.kind], result=None)))
            if span.kind == "tool":
                self._print(call, begin, at)
        if call.result is not None:
            self._add(at, CallChanged(call))

    def _print(self, call: LiveCall, begin: float, end: float) -> None:
        view = call.result.view if call.result else None
        if not isinstance(view, TerminalView) or not view.output:
            return
        size = max(1, len(view.output) // max(1, min(MAX_PIECES, round((end - begin) / PIECE_S))))
        pieces = list(_pieces(view.output, size))
        for number, text in enumerate(pieces, start=1):
            at = begin + (end - begin) * number / (len(pieces) + 1)
            self._add(at, ToolPrinted(call.turn_id, call.part.call_id, text))

    def _add_results(self, turn: Turn) -> None:
        """Add a turn of results once the last of them is there."""
        called = {part.call_id for part in turn.parts if isinstance(part, ToolResultPart)}
        ends = [self._end(span) for call_id in called for span in self._of_call[call_id]]
        self._cursor = max(self._cursor, max(ends, default=self._cursor))
        self._add(self._cursor, TurnAdded(turn))

    def _begin(self, turn: Turn) -> float:
        """Return when the model began with a turn; where that is not known, when the one before it was done."""
        return min((span.start for span in self._of_turn[turn.id]), default=self._cursor)

    def _end(self, span: Span) -> float:
        return self._length if span.end is None else span.end


def _begun(span: Span) -> Span:
    """Return a span as it was when it began: of its tokens only those found in the cache are known."""
    return msgspec.structs.replace(span, end=None, tokens=0, outcome="")


def _written(part: AnyPart) -> int:
    """Return how many characters the model wrote for a part."""
    if isinstance(part, TextPart | ReasoningPart):
        return len(part.text)
    if isinstance(part, ToolCallPart):
        return max(1, len(part.raw))
    return 0


def _argument_text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _pieces(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(0, len(text), size))
