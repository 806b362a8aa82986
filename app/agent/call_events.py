"""What a tool-call parser finds in the text of a model, in order. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from app.conversations.parts import CallProblem

CallFormat = Literal["qwen3-coder", "hermes", "json-fence", "llama3", "mistral", "auto"]


@dataclass(frozen=True)
class Text:
    """Text that belongs to no call."""

    text: str


@dataclass(frozen=True)
class CallStarted:
    """A call of a known form begins; ``index`` counts the calls of a reply from 0, ``name`` is known by now."""

    index: int
    name: str


@dataclass(frozen=True)
class ArgumentDelta:
    """Arguments grow, as the model writes them; joined, the fragments of a call are JSON or the raw value texts.

    Attributes:
        key: The parameter that grows, where the form tells (Qwen3-Coder's); empty for JSON.
        text: A fragment of the value, exactly as written.
    """

    index: int
    key: str
    text: str


@dataclass(frozen=True)
class CallFinished:
    """A call ended, well or badly; every CallStarted is followed by exactly one.

    Attributes:
        arguments: Typed by the tool's schema; what could be understood where there are problems.
        raw: Everything the model wrote for it, markup included.
        problems: Empty for a call that may run. Some are only remarks: see ``CallProblem.is_fatal``.
    """

    index: int
    name: str
    arguments: dict[str, Any]
    raw: str
    problems: tuple[CallProblem, ...] = ()

    @property
    def can_run(self) -> bool:
        """Whether nothing stands against running it."""
        return not any(problem.is_fatal for problem in self.problems)


CallEvent = Text | CallStarted | ArgumentDelta | CallFinished
