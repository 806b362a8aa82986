"""What the transcript needs to know of one turn."""

from __future__ import annotations

from dataclasses import dataclass

from app.conversations.parts import Turn


@dataclass(frozen=True)
class TurnView:
    """A turn and its place among its siblings.

    Attributes:
        sibling_index: Its place, from 0.
        sibling_count: How many answer the same turn, itself included.
        is_last: It ends the branch on show.
        is_record: It is shown from a record, and can only be copied.
    """

    turn: Turn
    sibling_index: int = 0
    sibling_count: int = 1
    is_last: bool = False
    is_record: bool = False
