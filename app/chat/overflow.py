"""What to leave out when a conversation has outgrown the context. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from app.conversations.parts import Turn

#: After a cut the prompt fills at most this share of the context. Cutting well below the limit means that
#: the shortened prompt is read once and reused for many turns, instead of being read anew at every turn.
TARGET_SHARE = 0.5


def first_kept_turn(
    turns: Sequence[Turn], offsets: Sequence[int], total_tokens: int, n_ctx: int, max_tokens: int
) -> Turn | None:
    """Return the first turn to keep, or None if even the last message alone does not fit.

    Args:
        turns: The turns of the prompt, oldest first; the cut falls only before a user's turn.
        offsets: The token at which each of those turns begins in the full prompt.
        total_tokens: Length of the full prompt.
        n_ctx: The context, in tokens.
        max_tokens: Room the reply asked for; negative for "as far as it goes".
    """
    head = offsets[0] if offsets else 0
    room_for_reply = min(max(max_tokens, 0), n_ctx // 2)
    target = min(int(n_ctx * TARGET_SHARE), n_ctx - room_for_reply)
    candidates = [
        (turn, head + total_tokens - offset)
        for turn, offset in zip(turns, offsets, strict=True)
        if turn.role == "user" and offset > head
    ]
    for turn, length in candidates:
        if length <= target:
            return turn
    # Nothing reaches the target: the shortest prompt that leaves any room at all is the next best.
    if candidates and candidates[-1][1] < n_ctx:
        return candidates[-1][0]
    return None
