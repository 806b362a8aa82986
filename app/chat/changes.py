"""What a chat session tells its listener: frozen values, one listener, in order."""

from __future__ import annotations

from dataclasses import dataclass

from app.agent.live import LiveCall
from app.agent.trace import Run, Span
from app.conversations.parts import Turn
from app.errors import AppError


@dataclass(frozen=True)
class ConversationsChanged:
    """The list of conversations is no longer what it was."""


@dataclass(frozen=True)
class BranchShown:
    """Another conversation or branch is on show: everything visible must be drawn anew."""

    conversation_id: int | None


@dataclass(frozen=True)
class TurnAdded:
    """A turn was added to the end of the branch on show."""

    turn: Turn


@dataclass(frozen=True)
class TurnChanged:
    """A turn of the branch on show changed in more than the text appended to it."""

    turn: Turn


@dataclass(frozen=True)
class TextAppended:
    """A reply grew; ``conversation_id`` may be one that is not on show."""

    conversation_id: int
    turn_id: int
    text: str
    tokens: int
    is_reasoning: bool = False


@dataclass(frozen=True)
class PromptRead:
    """Prompt processing went on; counts in tokens, speed in tokens per second."""

    turn_id: int
    done: int
    total: int
    reused: int
    tokens_per_second: float


@dataclass(frozen=True)
class GenerationStarted:
    """A reply is being made; ``purpose`` is "reply" or "summary"."""

    conversation_id: int
    turn_id: int
    purpose: str


@dataclass(frozen=True)
class GenerationEnded:
    """No reply is being made any more."""

    conversation_id: int
    turn_id: int


@dataclass(frozen=True)
class Raised:
    """Something failed that has no place in the transcript."""

    error: AppError


@dataclass(frozen=True)
class CallChanged:
    """A tool call of the branch on show is new, or is no longer what it was; never for mere growth."""

    call: LiveCall


@dataclass(frozen=True)
class CallGrew:
    """The model wrote more of a call; ``key`` as in ``ArgumentDelta``."""

    turn_id: int
    call_id: str
    key: str
    text: str


@dataclass(frozen=True)
class ToolPrinted:
    """A running call printed something."""

    turn_id: int
    call_id: str
    text: str


@dataclass(frozen=True)
class RunChanged:
    """An agent run began or is in another state; its spans come as ``SpanChanged``."""

    run: Run


@dataclass(frozen=True)
class SpanChanged:
    """A span of a run began, grew or ended."""

    run_id: int
    span: Span


Change = (
    ConversationsChanged
    | BranchShown
    | TurnAdded
    | TurnChanged
    | TextAppended
    | PromptRead
    | GenerationStarted
    | GenerationEnded
    | Raised
    | CallChanged
    | CallGrew
    | ToolPrinted
    | RunChanged
    | SpanChanged
)
