"""Asks the engine how its tokens spell a reply, and how many tokens a text has."""

from __future__ import annotations

from collections.abc import Callable

from app.agent.token_pieces import TokenText
from app.conversations.parts import Turn
from app.engine.engine import Engine
from app.engine.messages import AnyEvent, Died, Failed, Rendered, TextPrompt, TokenPrompt, TokensCounted

#: What came of a question: the tokens, or why there are none, for people.
Spelling = TokenText | str


class TokenLookup:
    """Answers come as events of the engine: hand it every one with ``handle``. A new question drops the one before."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._spellings: dict[int, Callable[[Spelling], None]] = {}
        self._counts: dict[int, Callable[[int | None], None]] = {}

    def find(self, turn: Turn, on_done: Callable[[Spelling], None]) -> None:
        """Tell how the tokens of a turn spell it, now or later."""
        self._drop(self._spellings)
        reason = self._reason_against(turn)
        if reason:
            on_done(reason)
            return
        request = self._engine.render(TokenPrompt(token_ids=turn.token_ids or ()))
        self._spellings[request] = on_done

    def count(self, text: str, on_done: Callable[[int | None], None]) -> None:
        """Tell how many tokens a text has by itself, special ones taken for plain text; None without a model."""
        self._drop(self._counts)
        if self._engine.model is None:
            on_done(None)
            return
        request = self._engine.count_tokens(TextPrompt(text=text, parse_special=False, add_special=False))
        self._counts[request] = on_done

    def handle(self, event: AnyEvent) -> None:
        """Take an event of the engine; those of others' requests are let pass."""
        match event:
            case Rendered(request=request) if request in self._spellings:
                self._spellings.pop(request)(_spelling(event))
            case TokensCounted(request=request, tokens=tokens) if request in self._counts:
                self._counts.pop(request)(tokens)
            case Failed(request=request, title=title):
                self._fail(request, title)
            case Died(lost=lost):
                for request in lost:
                    self._fail(request, "The engine ended")
            case _:
                pass

    def _reason_against(self, turn: Turn) -> str:
        if not turn.token_ids:
            return "Its tokens are not known: this reply was written or edited by a person, or is still being written."
        model = self._engine.model
        if model is None:
            return "Load the model that wrote this to see its tokens."
        if model.fingerprint != turn.fingerprint:
            return "Another model is loaded than the one that wrote this, and its tokens would be others."
        return ""

    def _fail(self, request: int, title: str) -> None:
        if request in self._spellings:
            self._spellings.pop(request)(f"The tokens could not be read: {title}.")
        if request in self._counts:
            self._counts.pop(request)(None)

    def _drop(self, asked: dict[int, Callable[..., None]]) -> None:
        for request in asked:
            self._engine.cancel(request)
        asked.clear()


def _spelling(event: Rendered) -> Spelling:
    if len(event.token_ends) != len(event.token_ids):
        return "This engine does not say which token wrote which character."
    return TokenText(event.text, event.token_ids, event.token_ends)
