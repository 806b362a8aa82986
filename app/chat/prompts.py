"""From the branch of a conversation to the messages a model reads. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.chat.offer import PromptTools
from app.chat.reference_text import message_text
from app.conversations.parts import ContextCutPart, TextPart, ToolCallPart, ToolResultPart, Turn
from app.engine.messages import ChatMessage, ChatPrompt, ToolCall

SUMMARY_HEADING = "Summary of the earlier part of this conversation:"


def build_prompt(
    system_prompt: str,
    branch: Sequence[Turn],
    fingerprint: str,
    *,
    tools: PromptTools | None = None,
    continue_last: bool = False,
) -> ChatPrompt:
    """Return the prompt for ``branch`` (root to leaf), without what an earlier overflow cut away.

    Turns keep the ids their model generated where those are valid for the loaded model, named by
    ``fingerprint``. Turns that never came to say anything are left out.
    """
    kept = kept_turns(branch)
    messages = [message for turn in kept for message in messages_of(turn, fingerprint)]
    if continue_last and messages and messages[-1].role == "assistant":
        messages[-1] = msgspec.structs.replace(messages[-1], content=written_text(kept[-1]), tool_calls=())
    own = _paragraphs(system_prompt, tools.system_text if tools else "")
    system = system_text(own, last_cut(branch))
    if system:
        messages.insert(0, ChatMessage(role="system", content=system))
    schemas = tools.schemas if tools else ()
    return ChatPrompt(messages=tuple(messages), tools=schemas, continue_last=continue_last)


def kept_turns(branch: Sequence[Turn]) -> list[Turn]:
    """Return the turns a model still reads; a cut inside a run keeps the question the run is about."""
    cut = last_cut(branch)
    if cut is None:
        return list(branch)
    kept = [turn for turn in branch if turn.id >= cut.first_kept_id]
    asked = [turn for turn in branch if turn.id < cut.first_kept_id and turn.role == "user"]
    if kept and kept[0].role != "user":
        return [*asked[-1:], *kept]
    return kept


def messages_of(turn: Turn, fingerprint: str) -> list[ChatMessage]:
    """Return what a turn says to the model named by ``fingerprint``: nothing, one message, or a tool's results."""
    if turn.role == "tool":
        return [_tool_message(part) for part in turn.parts if isinstance(part, ToolResultPart)]
    if turn.role != "assistant":
        content = message_text(turn.parts)
        return [ChatMessage(role=turn.role, content=content)] if content else []
    calls = tuple(_call(part) for part in turn.parts if isinstance(part, ToolCallPart) and part.name)
    ids = turn.token_ids if turn.token_ids and turn.fingerprint == fingerprint else None
    content = "".join(_plain_text(part) for part in turn.parts if isinstance(part, TextPart | ToolCallPart))
    if not (content or calls or ids):
        return []
    return [ChatMessage(role="assistant", content=content, token_ids=ids, tool_calls=calls)]


def written_text(turn: Turn) -> str:
    """Return a reply as the model wrote it, its calls where they stood."""
    return "".join(
        part.text if isinstance(part, TextPart) else part.raw
        for part in turn.parts
        if isinstance(part, TextPart | ToolCallPart)
    )


def last_cut(branch: Sequence[Turn]) -> ContextCutPart | None:
    """Return the cut in force: the last one made on this branch."""
    for turn in reversed(branch):
        for part in turn.parts:
            if isinstance(part, ContextCutPart):
                return part
    return None


def system_text(system_prompt: str, cut: ContextCutPart | None) -> str:
    """Return the system message, with the summary that stands in for the turns that were cut."""
    if cut is None or not cut.summary:
        return system_prompt
    return _paragraphs(system_prompt, f"{SUMMARY_HEADING}\n{cut.summary}")


def _plain_text(part: TextPart | ToolCallPart) -> str:
    """A call without a name cannot be given to a template; it is what the model wrote."""
    if isinstance(part, TextPart):
        return part.text
    return "" if part.name else part.raw


def _tool_message(part: ToolResultPart) -> ChatMessage:
    return ChatMessage(role="tool", content=part.content, tool_call_id=part.call_id, name=part.name)


def _call(part: ToolCallPart) -> ToolCall:
    return ToolCall(name=part.name, arguments=part.arguments, id=part.call_id)


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)
