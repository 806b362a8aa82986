"""A reply while it is being made: what has arrived, and what of it is not saved yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.agent.call_events import CallEvent, Text
from app.agent.live import CallState, LiveCall
from app.agent.live_calls import spec_named, stored_state
from app.chat.body import Body
from app.chat.offer import Offer
from app.chat.prompts import written_text
from app.chat.reasoning import ReasoningSplitter
from app.conversations.parts import (
    AnyPart,
    ContextCutPart,
    NoticePart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    Turn,
)

Purpose = Literal["reply", "summary"]


@dataclass(frozen=True)
class Thought:
    """A piece of the model's reasoning."""

    text: str


#: What a model's words turn out to be.
Said = Thought | CallEvent


@dataclass
class Reply:
    """The one reply under way.

    Attributes:
        turn: The turn it is written to, as it was when it began.
        body: Its answer, beside the reasoning; with a parser also what the turn had before, read again.
        offer: Tools and what belongs to them; None where no tools are offered.
        earlier_parts: Parts the turn had already, when it is continued.
        earlier_ids: The model's ids of those parts; None when they are not all its own.
        overflow: What to do if the prompt does not fit.
        cut: What was left out of the prompt to make room, once that was decided.
        summary: What the model has written of the summary of the turns that are cut.
        is_stopping: The user wants it to end, whatever the engine says next.
    """

    turn: Turn
    body: Body
    offer: Offer | None = None
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
    _reasoning: list[str] = field(default_factory=list)
    _tokens: int = 0  # of this request, as far as its text has come

    def __post_init__(self) -> None:
        """Read again what the turn says already, so that a call it broke off in can be completed."""
        said = written_text(self.turn) if self.is_continuation else ""
        if said:
            self.body.feed(said)

    @property
    def is_continuation(self) -> bool:
        """It goes on with a turn that had text before."""
        return bool(self.earlier_parts)

    def feed(self, text: str, tokens: int) -> list[Said]:
        """Take text of the model; return what it turns out to be."""
        self._tokens += tokens
        return self._take([(text, False)] if self.is_continuation else self._splitter.feed(text))

    def finish(self, *, is_truncated: bool) -> list[Said]:
        """Return what was held back."""
        return [*self._take(self._splitter.finish()), *self.body.finish(is_truncated=is_truncated)]

    def _take(self, pieces: list[tuple[str, bool]]) -> list[Said]:
        said: list[Said] = []
        for text, is_reasoning in pieces:
            if is_reasoning:
                self._reasoning.append(text)
                said.append(Thought(text))
            else:
                said += self.body.feed(text)
        return [one for one in said if not isinstance(one, Thought | Text) or one.text]

    def parts(self, extra: Sequence[AnyPart] = (), *, with_held: bool = False) -> tuple[AnyPart, ...]:
        """Return the turn's parts as they stand, followed by ``extra``; a cut counts once it is summarised.

        ``with_held`` adds text that may yet turn out to begin a call.
        """
        parts: list[AnyPart] = [self.cut] if self.cut and self.purpose == "reply" else []
        parts += _without_said(self.earlier_parts)
        reasoning = "".join(self._reasoning)
        if reasoning:
            parts.append(ReasoningPart(text=reasoning))
        return (*parts, *self.body.parts(with_held=with_held), *extra)

    def live_calls(self) -> tuple[LiveCall, ...]:
        """Return its calls as a window shows them; all but the last are whole, and that may be."""
        calls = [part for part in self.body.parts() if isinstance(part, ToolCallPart)]
        return tuple(self._live(part) for part in calls)

    def live_call(self, identity: str) -> LiveCall:
        """Return one of ``live_calls``."""
        return next(live for live in self.live_calls() if live.part.call_id == identity)

    def _live(self, part: ToolCallPart) -> LiveCall:
        state: CallState = "writing" if part.call_id == self.body.open_call else stored_state(part, None)
        specs = self.offer.tools.specs if self.offer else ()
        return LiveCall(turn_id=self.turn.id, part=part, state=state, spec=spec_named(part.name, specs))

    def all_ids(self, new_ids: tuple[int, ...]) -> tuple[int, ...] | None:
        """Return the ids of the whole turn; None when its beginning was not written by this model.

        Of a reply that is stopped, the text does not come after the stop, but the ids do: they are left out.
        """
        if self.earlier_ids is None:
            return None
        return (*self.earlier_ids, *(new_ids[: self._tokens] if self.is_stopping else new_ids))


def _without_said(parts: tuple[AnyPart, ...]) -> list[AnyPart]:
    """Leave out what the body has read again, and notices on why it had stopped."""
    return [part for part in parts if not isinstance(part, TextPart | ToolCallPart | NoticePart)]
