"""A reply while it is being made: what has arrived, and what of it is not saved yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.chat.reasoning import ReasoningSplitter
from app.conversations.parts import AnyPart, ContextCutPart, NoticePart, ReasoningPart, TextPart, Turn

Purpose = Literal["reply", "summary"]


@dataclass
class Reply:
    """The one reply under way.

    Attributes:
        turn: The turn it is written to, as it was when it began.
        earlier_parts: Parts the turn had already, when it is continued.
        earlier_ids: The model's ids of those parts; None when they are not all its own.
        overflow: What to do if the prompt does not fit.
        cut: What was left out of the prompt to make room, once that was decided.
        summary: What the model has written of the summary of the turns that are cut.
        is_stopping: The user wants it to end, whatever the engine says next.
    """

    turn: Turn
    purpose: Purpose = "reply"
    request: int = 0
    earlier_parts: tuple[AnyPart, ...] = ()
    earlier_ids: tuple[int, ...] | None = ()
    overflow: Literal["stop", "drop_oldest", "summarise"] = "stop"
    cut: ContextCutPart | None = None
    saved_at: float = 0.0
    summary: str = ""
    is_stopping: bool = False
    _splitter: ReasoningSplitter = field(default_factory=ReasoningSplitter)
    _text: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)
    _tokens: int = 0  # of this request, as far as its text has come

    @property
    def is_continuation(self) -> bool:
        """It goes on with a turn that had text before."""
        return bool(self.earlier_parts)

    def feed(self, text: str, tokens: int) -> list[tuple[str, bool]]:
        """Take text of the model; return (text, is_reasoning) pieces to show."""
        self._tokens += tokens
        pieces = [(text, False)] if self.is_continuation else self._splitter.feed(text)
        return self._take(pieces)

    def finish(self) -> list[tuple[str, bool]]:
        """Return the pieces that were held back."""
        return self._take(self._splitter.finish())

    def _take(self, pieces: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
        for text, is_reasoning in pieces:
            (self._reasoning if is_reasoning else self._text).append(text)
        return [(text, is_reasoning) for text, is_reasoning in pieces if text]

    def parts(self, extra: Sequence[AnyPart] = ()) -> tuple[AnyPart, ...]:
        """Return the turn's parts as they stand, followed by ``extra``; a cut counts once it is summarised."""
        parts: list[AnyPart] = [self.cut] if self.cut and self.purpose == "reply" else []
        parts += _without_text(self.earlier_parts)
        reasoning = "".join(self._reasoning)
        if reasoning:
            parts.append(ReasoningPart(text=reasoning))
        text = _trailing_text(self.earlier_parts) + "".join(self._text)
        if text:
            parts.append(TextPart(text=text))
        return (*parts, *extra)

    def all_ids(self, new_ids: tuple[int, ...]) -> tuple[int, ...] | None:
        """Return the ids of the whole turn; None when its beginning was not written by this model.

        Of a reply that is stopped, the text does not come after the stop, but the ids do: they are left out.
        """
        if self.earlier_ids is None:
            return None
        return (*self.earlier_ids, *(new_ids[: self._tokens] if self.is_stopping else new_ids))


def _without_text(parts: tuple[AnyPart, ...]) -> list[AnyPart]:
    """Leave out the text, which is put back joined, and notices on why it had stopped."""
    return [part for part in parts if not isinstance(part, TextPart | NoticePart)]


def _trailing_text(parts: tuple[AnyPart, ...]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))
