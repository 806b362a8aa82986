"""From the branch of a conversation to the messages a model reads. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from app.conversations.parts import (
    AnyPart,
    ContextCutPart,
    ToolCallPart,
    ToolResultPart,
    Turn,
)
from app.engine.messages import ChatMessage, ChatPrompt, ToolCall

SUMMARY_HEADING = "Summary of the earlier part of this conversation:"


def build_prompt(
    system_prompt: str, branch: Sequence[Turn], fingerprint: str, *, continue_last: bool = False
) -> ChatPrompt:
    """Return the prompt for ``branch`` (root to leaf), without what an earlier overflow cut away.

    Turns keep the ids their model generated where those are valid for the loaded model, named by
    ``fingerprint``. Turns that never came to say anything are left out.
    """
    cut = last_cut(branch)
    kept = branch if cut is None else [turn for turn in branch if turn.id >= cut.first_kept_id]
    messages = [message for turn in kept for message in _messages_of(turn, fingerprint)]
    system = system_text(system_prompt, cut)
    if system:
        messages.insert(0, ChatMessage(role="system", content=system))
    return ChatPrompt(messages=tuple(messages), continue_last=continue_last)


def has_message(turn: Turn, fingerprint: str) -> bool:
    """Tell whether a turn says anything to the model named by ``fingerprint``."""
    return bool(_messages_of(turn, fingerprint))


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
    return "\n\n".join(text for text in (system_prompt, f"{SUMMARY_HEADING}\n{cut.summary}") if text)


def _messages_of(turn: Turn, fingerprint: str) -> list[ChatMessage]:
    if turn.role == "tool":
        return [_tool_message(part) for part in turn.parts if isinstance(part, ToolResultPart)]
    if turn.role != "assistant":
        return [ChatMessage(role=turn.role, content=turn.text)] if turn.text else []
    calls = tuple(_call(part) for part in turn.parts if isinstance(part, ToolCallPart))
    ids = turn.token_ids if turn.token_ids and turn.fingerprint == fingerprint else None
    if not (turn.text or calls or ids):
        return []
    return [ChatMessage(role="assistant", content=turn.text, token_ids=ids, tool_calls=calls)]


def _tool_message(part: ToolResultPart) -> ChatMessage:
    return ChatMessage(role="tool", content=part.content, tool_call_id=part.call_id, name=part.name)


def _call(part: AnyPart) -> ToolCall:
    assert isinstance(part, ToolCallPart)  # noqa: S101 - narrowed by the caller's filter
    return ToolCall(name=part.name, arguments=part.arguments, id=part.call_id)
