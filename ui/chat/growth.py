"""What streams into a turn, piece by piece, in the order it came: text, reasoning, calls, what calls print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ui.chat.shown_calls import ShownCalls
from ui.chat.turn_widget import TurnWidget


@dataclass(frozen=True)
class Piece:
    """One piece.

    Attributes:
        kind: "call" marks where a call's card begins; "written" and "printed" are growth of a call.
        key: The parameter that was "written".
    """

    kind: Literal["text", "reasoning", "call", "written", "printed"]
    text: str = ""
    call_id: str = ""
    key: str = ""


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Join neighbouring pieces of one kind and place."""
    made: list[Piece] = []
    for piece in pieces:
        last = made[-1] if made else None
        same = last is not None and (last.kind, last.call_id, last.key) == (piece.kind, piece.call_id, piece.key)
        if last is not None and same:
            made[-1] = Piece(piece.kind, last.text + piece.text, piece.call_id, piece.key)
        else:
            made.append(piece)
    return made


def lasting(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces a widget made anew has to be told; what calls wrote and printed, ``ShownCalls`` has."""
    return [piece for piece in pieces if piece.kind in {"text", "reasoning", "call"}]


def note_growth(calls: ShownCalls, turn_id: int, pieces: Sequence[Piece]) -> None:
    """Have the calls of a turn remember what they wrote and printed."""
    for piece in pieces:
        shown = calls.find(turn_id, piece.call_id)
        if shown is not None and piece.kind == "written":
            shown.grow(piece.key, piece.text)
        elif shown is not None and piece.kind == "printed":
            shown.print(piece.text)


def put(widget: TurnWidget, calls: ShownCalls, pieces: Sequence[Piece]) -> None:
    """Put pieces on the screen."""
    for piece in pieces:
        card = widget.body.card_of(piece.call_id)
        shown = calls.find(widget.view.turn.id, piece.call_id)
        match piece.kind:
            case "text":
                widget.append_text(piece.text)
            case "reasoning":
                widget.append_reasoning(piece.text)
            case "call" if shown is not None:
                widget.show_call(shown)
            case "written" if card is not None:
                card.grow(piece.key, piece.text)
            case "printed" if card is not None:
                card.print(piece.text)
