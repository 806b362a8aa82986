"""Replies for the parser's tests: tools, how to read a reply, and what a reply came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.agent.call_events import ArgumentDelta, CallEvent, CallFinished, CallFormat, CallStarted, Text
from app.agent.tool_calls import ToolCallParser

FORMATS: tuple[CallFormat, ...] = ("qwen3-coder", "hermes", "json-fence", "llama3", "mistral")
TEXT = {"type": "string"}
WHOLE = {"type": "integer"}


def tool(name: str, required: Sequence[str] = (), **properties: Any) -> dict[str, Any]:
    """Return a tool's schema in OpenAI's form."""
    parameters = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "function", "function": {"name": name, "description": name, "parameters": parameters}}


TOOLS = (
    tool("weather", ["city"], city=TEXT, unit={"type": "string", "enum": ["celsius", "fahrenheit"]}, days=WHOLE),
    tool("write_file", ["path", "content"], path=TEXT, content=TEXT),
    tool("read_file", ["path"], path=TEXT, offset=WHOLE, limit=WHOLE),
    tool(
        "typed",
        whole=WHOLE,
        number={"type": "number"},
        truth={"type": "boolean"},
        text=TEXT,
        thing={"type": "object"},
        things={"type": "array"},
        maybe={"anyOf": [{"type": "integer"}, {"type": "null"}]},
        words={"anyOf": [{"type": "string"}, {"type": "null"}]},
    ),
    tool("run", ["command"], command=TEXT),
    tool("now"),
)


def read(
    format: CallFormat,
    text: str,
    *,
    tools: Sequence[Any] = TOOLS,
    piece: int = 0,
    is_truncated: bool = False,
    template: str = "",
) -> list[CallEvent]:
    """Return the events of a reply fed in pieces of so many characters; whole at 0."""
    parser = ToolCallParser(format, tools, template=template)
    events: list[CallEvent] = []
    for start in range(0, len(text), piece or max(1, len(text))):
        events += parser.feed(text[start : start + (piece or len(text))])
    return normalised(events + parser.finish(is_truncated=is_truncated))


def normalised(events: Sequence[CallEvent]) -> list[CallEvent]:
    """Return events with neighbouring texts, and neighbouring fragments of one parameter, joined."""
    joined: list[CallEvent] = []
    for event in events:
        match (joined[-1] if joined else None), event:
            case Text(before), Text(text):
                joined[-1] = Text(before + text)
            case ArgumentDelta(index, key, before), ArgumentDelta(i, k, text) if (index, key) == (i, k):
                joined[-1] = ArgumentDelta(index, key, before + text)
            case _:
                joined.append(event)
    return joined


def calls(events: Sequence[CallEvent]) -> list[CallFinished]:
    """Return the finished calls."""
    return [event for event in events if isinstance(event, CallFinished)]


def said(events: Sequence[CallEvent]) -> str:
    """Return the text, joined."""
    return "".join(event.text for event in events if isinstance(event, Text))


def ran(events: Sequence[CallEvent]) -> list[tuple[str, dict[str, Any]]]:
    """Return name and arguments of the calls that may run."""
    return [(call.name, call.arguments) for call in calls(events) if call.can_run]


def codes(call: CallFinished, *, fatal: bool | None = None) -> list[str]:
    """Return the codes of a call's problems: all, or only those that are, or are not, fatal."""
    return [problem.code for problem in call.problems if fatal is None or problem.is_fatal == fatal]


def check_order(events: Sequence[CallEvent]) -> None:
    """Assert that every call begins once, ends once, and gets its fragments between."""
    open_calls: list[int] = []
    begun = 0
    for event in events:
        match event:
            case CallStarted(index):
                assert index == begun
                begun += 1
                open_calls.append(index)
            case ArgumentDelta(index):
                assert index in open_calls
            case CallFinished(index):
                open_calls.remove(index)
            case Text(text):
                assert text
    assert not open_calls
