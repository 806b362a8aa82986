"""Where readers put what they find: events in order, calls typed and checked as they end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.agent import arguments as schema_check
from app.agent.call_events import ArgumentDelta, CallEvent, CallFinished, CallStarted, Text
from app.agent.formats.source import Source
from app.agent.tool_table import ToolEntry, ToolTable
from app.conversations.parts import CallProblem

#: What makes a call one that was not understood, rather than one that asks for what cannot be done.
BROKEN = frozenset({"bad_json", "truncated", "not_closed"})
#: Remarks beyond these are left out: nobody reads them, and each costs time.
_MAX_PROBLEMS = 20


@dataclass
class OpenCall:
    """A call being read.

    Attributes:
        start: Where its raw text begins.
        entry: Its tool; None for one that is not known.
        spans: Where each parameter's value stands in the source.
        shown: Up to where its arguments were passed on.
        arguments: Those of a JSON call, once it is whole; ``has_arguments`` tells "none" from "not given".
    """

    index: int
    name: str
    start: int
    entry: ToolEntry | None
    problems: list[CallProblem] = field(default_factory=list)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    shown: int = 0
    arguments: dict[str, Any] = field(default_factory=dict)
    has_arguments: bool = False


@dataclass
class _Mark:
    """The state to go back to when what is held back is dropped."""

    events: int
    calls: int
    text_end: int
    has_text: bool


class Sink:
    """Collects the events of one reply.

    What is held back can still be dropped: calls that may turn out to be an example.
    """

    def __init__(self, source: Source, tools: ToolTable) -> None:
        self.tools = tools
        self.calls = 0
        self._source = source
        self._events: list[CallEvent] = []
        self._held: _Mark | None = None
        self._text_end = 0
        self._has_text = False
        self._blank_end = 0  # up to here nothing but white space since the last text or call

    def take(self) -> list[CallEvent]:
        """Return the events that are certain, once each."""
        count = len(self._events) if self._held is None else self._held.events
        if count == 0:
            return []
        taken, self._events = self._events[:count], self._events[count:]
        if self._held is not None:
            self._held.events = 0
        return taken

    # --- text ---------------------------------------------------------------------------------------------

    @property
    def text_end(self) -> int:
        """Up to where the source was passed on, as text or as calls."""
        return self._text_end

    @property
    def has_text(self) -> bool:
        """Whether anything but white space was said since the reply began or the last call ended."""
        return self._has_text

    def text_to(self, end: int) -> None:
        """Pass the source on as text up to a position; white space waits until something follows that is none."""
        if end <= self._text_end:
            return
        if not self._has_text:
            seen = max(self._text_end, self._blank_end)
            if not self._source.text(seen, max(seen, end)).strip():
                self._blank_end = max(seen, end)
                return
        self._events.append(Text(self._source.text(self._text_end, end)))
        self._has_text = True
        self._text_end = end

    def finish_text(self) -> None:
        """Pass the rest on; white space alone beside calls is no text."""
        end = len(self._source.data)
        if self.calls == 0 and end > self._text_end and not self._has_text:
            self._events.append(Text(self._source.text(self._text_end, end)))
        else:
            self.text_to(end)

    # --- holding back -------------------------------------------------------------------------------------

    @property
    def held_calls(self) -> list[CallFinished]:
        """The finished calls that are held back."""
        begin = self._held.events if self._held is not None else len(self._events)
        return [event for event in self._events[begin:] if isinstance(event, CallFinished)]

    def hold(self) -> None:
        """Hold back what comes from now on."""
        self._held = _Mark(len(self._events), self.calls, self._text_end, self._has_text)

    def release(self, *, suspected: str = "") -> None:
        """Let go what was held back; with ``suspected``, the reason why its calls must not run by themselves."""
        begin = self._held.events if self._held is not None else len(self._events)
        self._held = None
        if not suspected:
            return
        problem = CallProblem(code="suspected", message=suspected)
        for place in range(begin, len(self._events)):
            event = self._events[place]
            if isinstance(event, CallFinished):
                self._events[place] = replace(event, problems=(problem, *event.problems))

    def extend(self, end: int, remark: str = "") -> None:
        """Count what follows the last call held back, up to a position, to its raw text."""
        last = self._events[-1]
        if not isinstance(last, CallFinished):
            return
        raw, problems = last.raw + self._source.text(self._text_end, end), last.problems
        if remark and len(problems) < _MAX_PROBLEMS:
            start = len(last.raw)
            problem = CallProblem(code="stray_markup", message=remark, start=start, end=len(raw), is_fatal=False)
            problems = (*problems, problem)
        self._events[-1] = replace(last, raw=raw, problems=problems)
        self._text_end = end

    def drop(self) -> None:
        """Forget what was held back."""
        if self._held is not None:
            del self._events[self._held.events :]
            self.calls, self._text_end, self._has_text = self._held.calls, self._held.text_end, self._held.has_text
            self._held = None

    # --- calls --------------------------------------------------------------------------------------------

    def begin(self, name: str, start: int) -> OpenCall:
        """Begin a call whose raw text starts at a position."""
        call = OpenCall(self.calls, name, start, self.tools.get(name))
        self.calls += 1
        self._events.append(CallStarted(call.index, name))
        return call

    def show(self, call: OpenCall, key: str, end: int) -> None:
        """Pass on the source as argument text, from where the call was shown up to a position."""
        if end > call.shown:
            self._events.append(ArgumentDelta(call.index, key, self._source.text(call.shown, end)))
            call.shown = end

    def note(
        self, call: OpenCall, code: str, message: str, start: int = 0, end: int = 0, *, is_fatal: bool = True
    ) -> None:
        """Note a problem; positions are the source's, both 0 for none."""
        if len(call.problems) >= _MAX_PROBLEMS and not is_fatal:
            return
        begin, stop = self._in_raw(call, start, end) if end else (0, 0)
        call.problems.append(CallProblem(code=code, message=message, start=begin, end=stop, is_fatal=is_fatal))

    def end(self, call: OpenCall, arguments: Mapping[str, Any], end: int, *, is_text: bool = False) -> None:
        """End a call at a position, with its arguments as JSON values, or as texts that the schema types.

        It is held back until ``release`` or ``drop``.
        """
        values: dict[str, Any] = dict(arguments)
        spans = self._spans_in_raw(call)
        if call.entry is None:
            if call.name:
                call.problems.append(CallProblem(code="unknown_tool", message=self._unknown(call.name)))
        else:
            if is_text:
                values = self._typed_texts(call, call.entry, arguments)
            values, remarks = schema_check.typed(values, call.entry)
            call.problems += remarks
            if not any(problem.is_fatal for problem in call.problems):
                call.problems += schema_check.check_arguments(values, call.entry, spans)
        raw = self._source.text(call.start, end)
        if self._held is None:
            self.hold()  # what follows may still belong to it, or make an example of it
        self._events.append(CallFinished(call.index, call.name, values, raw, tuple(call.problems)))
        self._text_end = end
        self._has_text = False

    def _typed_texts(self, call: OpenCall, entry: ToolEntry, texts: Mapping[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, text in texts.items():
            read = schema_check.from_text(text, entry.properties.get(name, {}), entry.schema)
            values[name] = read.value
            for key in read.duplicates:
                self.note(call, "duplicate", f"{name} has {key!r} twice; the last one counts.", is_fatal=False)
        return values

    def _unknown(self, name: str) -> str:
        names = ", ".join(self.tools.names) or "none"
        return f"There is no tool named {name!r}. The tools are: {names}."

    def _spans_in_raw(self, call: OpenCall) -> dict[str, tuple[int, int]]:
        """Return where the arguments stand in the raw text, counted in one pass."""
        spans: dict[str, tuple[int, int]] = {}
        place, characters = call.start, 0
        for key, (start, end) in sorted(call.spans.items(), key=lambda item: item[1]):
            first = characters + len(self._source.text(place, start))
            characters = first + len(self._source.text(start, end))
            spans[key], place = (first, characters), end
        return spans

    def _in_raw(self, call: OpenCall, start: int, end: int) -> tuple[int, int]:
        """Return positions of the source as characters of the call's raw text."""
        first = len(self._source.text(call.start, max(call.start, start)))
        return first, first + len(self._source.text(max(call.start, start), max(call.start, end)))
