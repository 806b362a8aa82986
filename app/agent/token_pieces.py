"""Which tokens a call came from: the pieces of its raw text that single tokens wrote. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec


@dataclass(frozen=True)
class TokenText:
    """A reply as the model's tokens spell it.

    Attributes:
        text: What the tokens spell, special ones included.
        token_ids: In order.
        token_ends: How many characters of ``text`` are complete after each token.
    """

    text: str
    token_ids: tuple[int, ...]
    token_ends: tuple[int, ...]


class Piece(msgspec.Struct, frozen=True):
    """A stretch of a call's raw text.

    Attributes:
        position: The first token's place in the reply, from 0.
        token_ids: One, or several where a character took more than one token.
        start, end: Characters of the call's raw text. A token that reaches beyond it is cut.
    """

    position: int
    token_ids: tuple[int, ...]
    start: int
    end: int


def pieces_of_calls(reply: TokenText, raws: Sequence[str]) -> tuple[tuple[Piece, ...], ...]:
    """Return the pieces of each call; none for a call whose raw text is not found in the reply, in order.

    Args:
        reply: The reply they stand in.
        raws: The raw texts of the reply's calls, in the order in which they were written.
    """
    if len(reply.token_ids) != len(reply.token_ends):
        return ((),) * len(raws)
    begun = 0
    found: list[tuple[Piece, ...]] = []
    for raw in raws:
        start = reply.text.find(raw, begun) if raw else -1
        if start < 0:
            found.append(())
            continue
        begun = start + len(raw)
        found.append(_pieces(reply, start, begun))
    return tuple(found)


def piece_at(pieces: Sequence[Piece], place: int) -> int | None:
    """Return the number of the piece that a character of the raw text belongs to."""
    number = bisect_right(pieces, place, key=lambda piece: piece.start) - 1
    return number if number >= 0 and place < pieces[number].end else None


def _pieces(reply: TokenText, start: int, end: int) -> tuple[Piece, ...]:
    """Return the pieces of the characters from ``start`` to ``end`` of the reply."""
    ends = reply.token_ends
    first = bisect_right(ends, start)  # the first token that ends behind the start
    while first and ends[first - 1] == start and _spells_nothing(ends, first - 1) and start:
        first -= 1  # tokens that begin a character which a later one completes
    pieces: list[Piece] = []
    pending: list[int] = []
    before = ends[first - 1] if first else 0
    for number in range(first, len(ends)):
        if before >= end:
            break
        pending.append(reply.token_ids[number])
        if ends[number] > before:
            begin, stop = max(before, start), min(ends[number], end)
            pieces.append(Piece(number - len(pending) + 1, tuple(pending), begin - start, stop - start))
            pending, before = [], ends[number]
    return tuple(pieces)


def _spells_nothing(ends: Sequence[int], number: int) -> bool:
    return ends[number] == (ends[number - 1] if number else 0)
