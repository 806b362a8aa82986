"""Brings a conversation into the form chat templates count on.

Templates differ in what they accept and fail in their own words, or silently, on the rest. What all of them
accept: at most one system message, first; every call answered, in the order of the calls; text as text and
arguments as an object. ``shapes`` adds what the stricter ones want.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from app.engine.messages import ChatMessage, ToolCall

#: Said to the model in place of a result that never came, since many templates match results by their order.
NO_RESULT = "This call was not run; there is no result."


def normalised(messages: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
    """Return the messages with one system message, first, and every call followed by its result."""
    return tuple(_answered(_system_first(messages)))


def shapes(messages: tuple[ChatMessage, ...]) -> Iterator[tuple[ChatMessage, ...]]:
    """Yield the messages as they are, then in the forms a template may insist on, each only once.

    Some refuse two messages of one role in a row, some a system message.
    """
    folded = without_system(messages)
    seen: list[tuple[ChatMessage, ...]] = []
    for shape in (messages, alternating(messages), folded, alternating(folded)):
        if shape not in seen:
            seen.append(shape)
            yield shape


def alternating(messages: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
    """Return the messages with neighbours of the same role joined; results of tools stay apart."""
    joined: list[ChatMessage] = []
    for message in messages:
        if joined and joined[-1].role == message.role != "tool" and not joined[-1].tool_calls:
            joined[-1] = _joined(joined[-1], message)
        else:
            joined.append(message)
    return tuple(joined)


def without_system(messages: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
    """Return the messages with the system's text at the head of the first user message."""
    if not messages or messages[0].role != "system":
        return tuple(messages)
    system, rest = messages[0], list(messages[1:])
    first = next((n for n, message in enumerate(rest) if message.role == "user"), None)
    if first is None:
        return (ChatMessage(role="user", content=system.content), *rest)
    rest[first] = ChatMessage(role="user", content=_paragraphs(system.content, rest[first].content))
    return tuple(rest)


def as_variables(message: ChatMessage, content: str) -> dict[str, Any]:
    """Return a message as templates read it, with ``content`` for its text."""
    fields: dict[str, Any] = {"role": message.role, "content": content}
    if message.tool_calls:
        fields["tool_calls"] = [_call_variables(call) for call in message.tool_calls]
    if message.role == "tool":
        fields |= {"tool_call_id": message.tool_call_id, "name": message.name}
    return fields


def _call_variables(call: ToolCall) -> dict[str, Any]:
    return {"type": "function", "id": call.id, "function": {"name": call.name, "arguments": call.arguments}}


def _system_first(messages: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
    places = [n for n, message in enumerate(messages) if message.role == "system"]
    if places in ([], [0]):
        return messages
    system = ChatMessage(role="system", content=_paragraphs(*(messages[n].content for n in places)))
    return (system, *(message for message in messages if message.role != "system"))


def _answered(messages: Sequence[ChatMessage]) -> Iterator[ChatMessage]:
    position = 0
    while position < len(messages):
        message = messages[position]
        position += 1
        if not message.tool_calls:
            yield message
            continue
        results: list[ChatMessage] = []
        while position < len(messages) and messages[position].role == "tool":
            results.append(messages[position])
            position += 1
        calls = tuple(_with_id(call, n) for n, call in enumerate(message.tool_calls))
        yield msgspec.structs.replace(message, tool_calls=calls)
        if results or position < len(messages):
            yield from _matched(calls, results)


def _matched(calls: Sequence[ToolCall], results: list[ChatMessage]) -> Iterator[ChatMessage]:
    """Yield a result for each call, by id and then by order, and after them what matches none."""
    by_id = {result.tool_call_id: result for result in results if result.tool_call_id}
    nameless = [result for result in results if not result.tool_call_id]
    for call in calls:
        result = by_id.pop(call.id, None) or (nameless.pop(0) if nameless else None)
        content = NO_RESULT if result is None else result.content
        yield ChatMessage(role="tool", content=content, tool_call_id=call.id, name=call.name)
    yield from by_id.values()
    yield from nameless


def _with_id(call: ToolCall, number: int) -> ToolCall:
    """Give a call an id where it has none: nine letters and digits, the form Mistral's templates check."""
    return call if call.id else msgspec.structs.replace(call, id=f"call{number:05d}")


def _joined(first: ChatMessage, second: ChatMessage) -> ChatMessage:
    ids = None
    if first.token_ids is not None and second.token_ids is not None:
        ids = first.token_ids + second.token_ids
    content = _paragraphs(first.content, second.content)
    return msgspec.structs.replace(first, content=content, token_ids=ids, tool_calls=second.tool_calls)


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)
