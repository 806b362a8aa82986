"""What the transcript says about a turn in words: who, how it went, what it cost. Pure."""

from __future__ import annotations

from app.conversations.parts import Turn, TurnState
from app.engine.messages import Stats

_SPEAKERS = {"system": "System", "user": "You", "assistant": "Assistant", "tool": "Tool"}
_STATES: dict[TurnState, str] = {
    "streaming": "",
    "complete": "",
    "stopped": "stopped",
    "failed": "failed",
    "interrupted": "interrupted",
}


def speaker_of(turn: Turn) -> str:
    """Return who speaks."""
    return turn.model or _SPEAKERS[turn.role] if turn.role == "assistant" else _SPEAKERS[turn.role]


def summary_of(turn: Turn) -> str:
    """Return one line on what the turn cost and how it ended."""
    pieces = [_STATES[turn.state]]
    if turn.stats and turn.stats.generated_tokens:
        pieces += _costs(turn.stats)
    return "  ·  ".join(piece for piece in pieces if piece)


def details_of(stats: Stats) -> str:
    """Return the figures in full, for a tooltip."""
    lines = [
        f"{stats.generated_tokens:,} tokens in {stats.generate_seconds:.1f} s",
        f"Prompt: {stats.prompt_tokens:,} tokens, {stats.reused_tokens:,} reused, {stats.processed_tokens:,} read"
        f" in {stats.prompt_seconds:.2f} s",
        f"Context in use: {stats.context_tokens:,} tokens",
    ]
    if stats.reuse_reason:
        lines.append(f"Not everything was reused: {stats.reuse_reason}")
    return "\n".join(lines)


def _costs(stats: Stats) -> list[str]:
    pieces = [f"{stats.generated_tokens:,} tokens"]
    if stats.generate_seconds > 0:
        pieces.append(f"{stats.generated_tokens / stats.generate_seconds:.1f} tok/s")
    pieces.append(f"first after {stats.prompt_seconds:.2f} s")
    reused = f", {stats.reused_tokens:,} reused" if stats.reused_tokens else ""
    pieces.append(f"prompt {stats.prompt_tokens:,}{reused}")
    return pieces
