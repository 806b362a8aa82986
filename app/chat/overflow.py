"""What to leave out when a conversation has outgrown the context. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from app.chat import notices
from app.chat.prompts import kept_turns, messages_of
from app.conversations.parts import ContextCutPart, NoticePart, Turn
from app.engine.messages import TokensCounted

#: After a cut the prompt fills at most this share of the context. Cutting well below the limit means that
#: the shortened prompt is read once and reused for many turns, instead of being read anew at every turn.
TARGET_SHARE = 0.5


def plan_cut(
    branch: Sequence[Turn], fingerprint: str, counted: TokensCounted, max_tokens: int
) -> tuple[ContextCutPart, int] | NoticePart:
    """Return where to cut ``branch`` and how many messages that drops, or why it cannot be cut.

    Args:
        branch: The turns of the prompt, root to leaf.
        fingerprint: Names the model the prompt was made for.
        counted: What the engine says of the prompt.
        max_tokens: Room the reply asked for; negative for "as far as it goes".
    """
    turns = kept_turns(branch)
    counts = [len(messages_of(turn, fingerprint)) for turn in turns]
    said = sum(counts)
    offsets = counted.message_offsets[-said:] if said else ()
    if not 0 < said == len(offsets):
        return notices.overflow_notice(counted.tokens, counted.n_ctx)
    begins = [0, *accumulate(counts)]
    places = [
        (turn, offsets[begin]) for turn, begin, end in zip(turns, begins, begins[1:], strict=False) if end > begin
    ]
    first = first_kept_turn(
        [turn for turn, _ in places], [offset for _, offset in places], counted.tokens, counted.n_ctx, max_tokens
    )
    if first is None:
        return notices.too_long_notice(counted.tokens, counted.n_ctx)
    dropped = [count for turn, count in zip(turns, counts, strict=True) if turn.id < first.id and count]
    is_asked_kept = first.role != "user"
    return ContextCutPart(first_kept_id=first.id, dropped_turns=len(dropped) - is_asked_kept), sum(dropped)


def first_kept_turn(
    turns: Sequence[Turn], offsets: Sequence[int], total_tokens: int, n_ctx: int, max_tokens: int
) -> Turn | None:
    """Return the first turn to keep, or None if even the last message alone does not fit.

    Args:
        turns: The turns of the prompt, oldest first. The cut falls before a user's turn, or, inside a long run,
            before a reply to results of tools: then the question of the run stays too.
        offsets: The token at which each of those turns begins in the full prompt.
        total_tokens: Length of the full prompt.
        n_ctx: The context, in tokens.
        max_tokens: Room the reply asked for; negative for "as far as it goes".
    """
    head = offsets[0] if offsets else 0
    room_for_reply = min(max(max_tokens, 0), n_ctx // 2)
    target = min(int(n_ctx * TARGET_SHARE), n_ctx - room_for_reply)
    questions = [
        (turn, head + total_tokens - offset)
        for turn, offset in zip(turns, offsets, strict=True)
        if turn.role == "user" and offset > head
    ]
    steps = [(turn, head + length) for turn, length in _steps(turns, offsets, total_tokens)]
    for turn, length in (*questions, *steps):
        if length <= target:
            return turn
    # Nothing reaches the target: the shortest prompt that leaves any room at all is the next best.
    fitting = [(turn, length) for turn, length in (*questions, *steps) if length < n_ctx]
    return min(fitting, key=lambda candidate: candidate[1])[0] if fitting else None


def _steps(turns: Sequence[Turn], offsets: Sequence[int], total_tokens: int) -> Iterator[tuple[Turn, int]]:
    """Yield the replies to results of tools, with the tokens of the run's question and all from there on."""
    question = 0
    ends = (*offsets[1:], total_tokens)
    for place, (before, turn) in enumerate(pairwise(turns)):
        if before.role == "user":
            question = ends[place] - offsets[place]
        if before.role == "tool" and turn.role == "assistant":
            yield turn, question + total_tokens - offsets[place + 1]
