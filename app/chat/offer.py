"""What a reply is offered beside the conversation: tools, how its calls are found, and who watches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from app.agent.call_events import CallEvent, CallFormat
from app.conversations.parts import Turn
from app.engine.messages import AnyEvent, Finished
from app.tools.tool import ToolSpec

CALL_ID_TURN_DIGITS, CALL_ID_INDEX_DIGITS = 6, 2
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class CallParser(Protocol):
    """Finds the calls in the text of one reply; see ``app/agent/tool_calls.py``."""

    @property
    def format(self) -> CallFormat:
        """The form it looks for."""
        ...

    def feed(self, text: str) -> list[CallEvent]:
        """Return what can be told now."""
        ...

    def finish(self, *, is_truncated: bool = False) -> list[CallEvent]:
        """Return what was held back; every call that began ends. ``is_truncated``: the reply was cut off."""
        ...


#: Makes a parser for a reply of a model with a chat template, offered some tools.
ParserFactory = Callable[[tuple[ToolSpec, ...], str], CallParser]


class ReplyWatcher(Protocol):
    """Whoever had a reply made."""

    def asked(self) -> None:
        """A request went to the engine; there may be several for one reply."""
        ...

    def heard(self, event: AnyEvent) -> None:
        """The engine said something about the request."""
        ...

    def ended(self, turn: Turn, last: Finished | None) -> None:
        """The reply is in the store as ``turn``; None where it ended without the engine's last word."""
        ...


@dataclass(frozen=True)
class PromptTools:
    """What a prompt says of tools, always with the same bytes while the tools are the same.

    Attributes:
        specs: The tools offered, in a stable order.
        system_text: Follows the user's system prompt.
    """

    specs: tuple[ToolSpec, ...]
    system_text: str

    @property
    def schemas(self) -> tuple[dict[str, Any], ...]:
        """The tools as chat templates take them."""
        return tuple(spec.schema for spec in self.specs)


@dataclass(frozen=True)
class Offer:
    """Everything a reply with tools needs.

    Attributes:
        grammar: GBNF that the reply is held to; empty for none.
    """

    tools: PromptTools
    make_parser: ParserFactory
    watcher: ReplyWatcher
    grammar: str = ""


def call_id(turn_id: int, index: int) -> str:
    """Return the id of a turn's call: nine letters and digits, the form that Mistral's templates check."""
    return f"c{_base36(turn_id, CALL_ID_TURN_DIGITS)}{_base36(index, CALL_ID_INDEX_DIGITS)}"


def turn_of_call(identity: str) -> int:
    """Return the id of the turn that a call of ``call_id`` stands in.

    Raises:
        ValueError: It is no such id.
    """
    return int(identity[1 : 1 + CALL_ID_TURN_DIGITS], 36)


def _base36(number: int, digits: int) -> str:
    text = ""
    for _ in range(digits):
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text
