"""Conversations as text for other programs: Markdown to read, JSON to keep. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.chat.reference_text import fenced, reference_text
from app.conversations.parts import (
    Conversation,
    ReasoningPart,
    ReferencePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    Turn,
)

_SPEAKERS = {"system": "System", "user": "You", "assistant": "Assistant", "tool": "Tool"}


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation with the turns of one branch, as JSON keeps it."""

    version: int = 1
    conversation: Conversation
    turns: tuple[Turn, ...]


def turn_to_markdown(turn: Turn) -> str:
    """Return a turn's own text, tool calls and results as code blocks; what Sawhorse said is left out."""
    pieces: list[str] = []
    for part in turn.parts:
        match part:
            case TextPart(text=text):
                pieces.append(text.strip("\n"))
            case ReferencePart():
                pieces.append(reference_text(part))
            case ReasoningPart(text=text):
                pieces.append("\n".join(f"> {line}" for line in text.splitlines()))
            case ToolCallPart(name=name, arguments=arguments):
                body = msgspec.json.format(msgspec.json.encode(arguments), indent=2).decode()
                pieces.append(f"**{name}**\n\n{fenced(body, 'json')}")
            case ToolResultPart(name=name, content=content):
                pieces.append(f"Result of **{name}**\n\n{fenced(content, '')}")
            case _:
                pass
    return "\n\n".join(piece for piece in pieces if piece)


def conversation_to_markdown(conversation: Conversation, turns: Sequence[Turn]) -> str:
    """Return a conversation as one Markdown document."""
    sections = [f"# {conversation.title}"]
    if conversation.system_prompt:
        sections.append(f"## System\n\n{conversation.system_prompt}")
    sections += [f"## {_SPEAKERS[turn.role]}\n\n{turn_to_markdown(turn)}" for turn in turns]
    return "\n\n".join(sections) + "\n"


def conversation_to_json(conversation: Conversation, turns: Sequence[Turn]) -> bytes:
    """Return a conversation with everything that is known of it."""
    return msgspec.json.format(msgspec.json.encode(Export(conversation=conversation, turns=tuple(turns))), indent=2)


def conversation_from_json(data: bytes) -> Export:
    """Return what ``conversation_to_json`` wrote.

    Raises:
        msgspec.ValidationError: It is something else.
    """
    return msgspec.json.decode(data, type=Export)
