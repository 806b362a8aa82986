"""What the transcript needs to know of one turn."""

from __future__ import annotations

from dataclasses import dataclass

from app.agent.live import LiveCall
from app.conversations.parts import Turn


@dataclass(frozen=True)
class TurnView:
    """A turn and its place among its siblings.

    Attributes:
        sibling_index: Its place, from 0.
        sibling_count: How many answer the same turn, itself included.
        is_last: It ends the branch on show.
        calls: What is known of its tool calls.
        continues: It goes on with the work of the reply before it, and looks like one message with it.
        goes_on: The next one continues it.
        is_record: It is shown from a record, and can only be copied.
    """

    turn: Turn
    sibling_index: int = 0
    sibling_count: int = 1
    is_last: bool = False
    calls: tuple[LiveCall, ...] = ()
    continues: bool = False
    goes_on: bool = False
    is_record: bool = False
