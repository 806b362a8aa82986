"""What a window can ask of the agent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from app.agent.live import LiveCall
from app.agent.trace import Run
from app.conversations.parts import ReferencePart
from app.errors import AppError
from app.tools.tool import ToolSpec, UndoOutcome


class AgentPort(Protocol):
    """Verbs on the run under way and on earlier ones. Every verb returns at once and is followed by changes.

    Verbs on a call that is not in a state for them do nothing: a click may come late.
    """

    @property
    def run(self) -> Run | None:
        """The run under way, or the last one of the conversation on show."""
        ...

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools offered in the conversation on show; none without a folder."""
        ...

    def calls_of(self, turn_id: int) -> tuple[LiveCall, ...]:
        """Return the calls of an assistant's turn with all that is known of them, running or long done."""
        ...

    def run_of(self, turn_id: int) -> Run | None:
        """Return the run a turn belongs to, its spans included."""
        ...

    def approve(self, call_id: str, *, arguments: dict[str, Any] | None = None, remember: bool = False) -> None:
        """Run a call that asks; with ``arguments`` instead of the model's; ``remember``: allow it in this folder.

        Raises:
            AppError: The arguments do not fit the tool's schema.
        """
        ...

    def deny(self, call_id: str, reason: str = "") -> None:
        """Refuse a call; the model is told, with ``reason``, and the calls after it still come."""
        ...

    def answer(self, call_id: str, text: str) -> None:
        """Answer a question, or answer in the place of a tool whose call asks."""
        ...

    def fix_and_run(self, call_id: str, name: str, arguments: dict[str, Any]) -> None:
        """Run a malformed call as mended; one already told to the model gets a branch of its own.

        Raises:
            AppError: They do not fit a tool, or a reply is under way elsewhere.
        """
        ...

    def ask_again(self, call_id: str) -> None:
        """Have the reply with that call written anew, its calls held to the tools' schemas by a grammar.

        Raises:
            AppError: A reply is under way, or no model is ready.
        """
        ...

    def send_as_text(self, call_id: str) -> None:
        """Take a malformed call for plain text, in a version of the turn of its own."""
        ...

    def cancel_call(self, call_id: str) -> None:
        """End one running tool; the run goes on with that result."""
        ...

    def inject(self, text: str, references: Sequence[ReferencePart] = ()) -> None:
        """Give the model a message of the user, and what it points at, before its next reply."""
        ...

    def proceed(self) -> None:
        """Go on with a run that is paused, at a limit, stopped or interrupted, from where it stood.

        A conversation that has none gets one, which begins at its last turn. Does nothing while a run is under way, or
        where no turn is left.

        Raises:
            AppError: No model is ready, or its folder is gone.
        """
        ...

    def undo(
        self, run_key: str, steps: tuple[str, ...], on_done: Callable[[UndoOutcome | AppError], None], *, force: bool
    ) -> None:
        """Take back steps of a run, all without ``steps``; see ``UndoOutcome`` for files changed meanwhile."""
        ...
