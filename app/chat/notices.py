"""The words that the transcript itself says about a reply: why it stopped, what was left out."""

from __future__ import annotations

from app.conversations.parts import NoticePart
from app.engine.messages import Died, Failed, Finished


def failed_notice(event: Failed) -> NoticePart:
    """Return what a failed request says in the transcript."""
    return NoticePart(
        level="error",
        code="failed" if event.code != "context_overflow" else "context_full",
        title=event.title,
        message=event.message,
        hint=event.hint,
        detail=event.detail,
    )


def died_notice(event: Died) -> NoticePart:
    """Return what the engine's end says in the transcript."""
    return NoticePart(
        level="error",
        code="engine_died",
        title=event.title,
        message=event.message,
        hint=event.hint,
        detail=event.detail,
    )


def overflow_notice(prompt_tokens: int, n_ctx: int) -> NoticePart:
    """Return the explanation and choices for a conversation that no longer fits."""
    return NoticePart(
        level="warning",
        code="context_full",
        title="This conversation no longer fits the context",
        message=(f"It is {prompt_tokens:,} tokens long and the context holds {n_ctx:,}. Nothing was left out or sent."),
        hint=(
            "Leave out the oldest turns, have them summarised, or load the model with a larger context size "
            "and regenerate this reply."
        ),
    )


def too_long_notice(prompt_tokens: int, n_ctx: int) -> NoticePart:
    """Return the explanation for a single message that is longer than the whole context."""
    return NoticePart(
        level="error",
        code="context_full",
        title="The last message alone does not fit the context",
        message=f"With it the prompt has {prompt_tokens:,} tokens; the context holds {n_ctx:,}.",
        hint="Shorten the message, or load the model with a larger context size.",
    )


def summary_overflow_notice(prompt_tokens: int, n_ctx: int) -> NoticePart:
    """Return the explanation for turns that are too long to be read for a summary."""
    return NoticePart(
        level="warning",
        code="context_full",
        title="There is too much to summarise at once",
        message=f"The turns to summarise have {prompt_tokens:,} tokens; the context holds {n_ctx:,}.",
        hint="Leave out the oldest turns, or load the model with a larger context size and regenerate this reply.",
    )


def finished_notice(event: Finished, n_ctx: int) -> NoticePart | None:
    """Return what the transcript says at the end of a reply, if its end was not the model's own."""
    if event.reason == "context_full":
        return NoticePart(
            level="warning",
            code="context_full",
            title="The reply stopped because the context is full",
            message=f"All {n_ctx:,} tokens of the context are in use.",
            hint="Leave out or summarise the oldest turns and continue, or load the model with a larger context size.",
        )
    if event.reason == "max_tokens":
        return NoticePart(
            level="info",
            code="max_tokens",
            title=f"The reply stopped at the limit of {len(event.token_ids):,} tokens",
            hint="Continue it, or raise Max tokens in the sampling panel.",
        )
    return None
