"""What each thing that a message points at costs, counted by the model that is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from app.chat.reference_text import reference_text
from app.conversations.parts import ReferencePart
from app.engine.engine import Engine
from app.engine.messages import AnyEvent, Died, Failed, TextPrompt, TokensCounted
from app.errors import AppError
from ui.control.reference_taking import OnRead

#: A model and the text it counts.
_Key = tuple[str, str]


class ReferenceCosts(QObject):
    """Takes the texts of what is pointed at, and asks the engine while it is idle, one text at a time.

    Signals:
        taken(): Some text is there, or is known not to be.
        counted(): More is known of the costs.
    """

    taken = Signal()
    counted = Signal()

    def __init__(
        self, engine: Engine, take: Callable[[ReferencePart, OnRead], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._take = take
        self._wanted: tuple[ReferencePart, ...] = ()
        self._answers: dict[ReferencePart, ReferencePart | AppError] = {}
        self._counts: dict[_Key, int] = {}
        self._request: int | None = None
        self._asked: _Key = ("", "")

    def want(self, references: Sequence[ReferencePart], kept: Sequence[ReferencePart] = ()) -> None:
        """Find out what these cost now, and forget others; those ``kept`` have their texts."""
        self._wanted = tuple(references)
        self._answers = {one: answer for one, answer in self._answers.items() if one in self._wanted}
        for reference in self._wanted:
            if reference in kept:
                self._answers[reference] = reference
            else:
                self._take(reference, self._keeper(reference))
        self._forget_counts()
        self.ask_next()

    def text_of(self, reference: ReferencePart) -> ReferencePart | AppError | None:
        """Return a reference with its text as last taken, or why it has none; None while that is not known."""
        return self._answers.get(reference)

    def cost(self, reference: ReferencePart) -> int | None:
        """Return the tokens of a reference; None while they are not known."""
        answer = self._answers.get(reference)
        return self._counts.get(self._key(answer)) if isinstance(answer, ReferencePart) else None

    def handle(self, event: AnyEvent) -> None:
        """Take an event of the engine."""
        match event:
            case TokensCounted(request=request, tokens=tokens) if request == self._request:
                self._counts[self._asked] = tokens
                self._request = None
                self.counted.emit()
            case Failed(request=request) if request == self._request:
                self._request = None
                self._wanted = ()  # asking again would fail again
            case Died():
                self._request = None
        self.ask_next()

    def ask_next(self) -> None:
        """Have the next text counted, if the engine is idle."""
        if self._request is not None or self._engine.model is None or self._engine.state != "ready":
            return
        for reference in self._wanted:
            answer = self._answers.get(reference)
            if isinstance(answer, ReferencePart) and self._key(answer) not in self._counts:
                self._asked = self._key(answer)
                prompt = TextPrompt(text=self._asked[1], parse_special=False, add_special=False)
                self._request = self._engine.count_tokens(prompt)
                return

    # --- inside -----------------------------------------------------------------------------------------

    def _keeper(self, reference: ReferencePart) -> OnRead:
        def keep(answer: ReferencePart | AppError) -> None:
            if reference in self._wanted:
                self._answers[reference] = answer
                self.taken.emit()
                self.ask_next()

        return keep

    def _key(self, answer: ReferencePart) -> _Key:
        model = self._engine.model
        return model.fingerprint if model else "", reference_text(answer)

    def _forget_counts(self) -> None:
        """Keep the counts of what is pointed at only: their keys are whole texts."""
        known = {self._key(answer) for answer in self._answers.values() if isinstance(answer, ReferencePart)}
        self._counts = {key: count for key, count in self._counts.items() if key in known}
