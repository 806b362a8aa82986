"""Tools for templates that know of none: told in the system message, called and answered in plain messages. Pure.

The form is the one NousResearch's Hermes models made common, which most instruction-tuned models have at least
seen: calls as JSON between ``<tool_call>`` tags, results between ``<tool_response>`` tags.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from app.engine.messages import ChatMessage, ToolCall

_INTRODUCTION = """\
# Tools

These tools can be called. Each line describes one as JSON, its arguments as a JSON Schema:

<tools>
{tools}
</tools>

To call a tool, write one JSON object with its name and arguments between tags, like this, and then stop:

<tool_call>
{{"name": "NAME", "arguments": {{"ARGUMENT": "VALUE"}}}}
</tool_call>

The results come in the next message, between <tool_response> tags, in the order of the calls."""


def reads_tools(template: str) -> bool:
    """Tell whether a chat template knows of tools."""
    return bool(re.search(r"\btools\b", template))


def folded(messages: Sequence[ChatMessage], tools: Sequence[dict[str, Any]]) -> tuple[ChatMessage, ...]:
    """Return the messages with ``tools``, calls and results as text of system, assistant and user.

    Replies whose ids are known keep them: those hold the calls as the model wrote them.
    """
    plain = [_plain(message) for message in messages]
    if not tools:
        return tuple(plain)
    described = _INTRODUCTION.format(tools="\n".join(_json(tool) for tool in tools))
    if plain and plain[0].role == "system":
        text = "\n\n".join(text for text in (plain[0].content, described) if text)
        return (msgspec.structs.replace(plain[0], content=text), *plain[1:])
    return (ChatMessage(role="system", content=described), *plain)


def _plain(message: ChatMessage) -> ChatMessage:
    if message.role == "tool":
        return ChatMessage(role="user", content=f"<tool_response>\n{message.content}\n</tool_response>")
    if message.tool_calls:
        content = "\n".join(text for text in (message.content, *map(_call, message.tool_calls)) if text)
        return msgspec.structs.replace(message, content=content, tool_calls=())
    return message


def _call(call: ToolCall) -> str:
    return f"<tool_call>\n{_json({'name': call.name, 'arguments': call.arguments})}\n</tool_call>"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
