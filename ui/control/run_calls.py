"""The calls of runs on show, found when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

from app.agent.live import LiveCall
from app.agent.port import AgentPort
from app.agent.trace import Run
from app.chat.session import ChatSession
from app.conversations.parts import ToolResultPart, Turn
from ui.tools.run_words import ACTIVE


class RunCalls:
    """Goes through the branch on show; nothing is kept."""

    def __init__(self, session: ChatSession, port: AgentPort) -> None:
        self._session = session
        self._port = port

    def find(self, call_id: str) -> LiveCall | None:
        """Return a call on show."""
        return next((call for call in self._backwards(0) if call.part.call_id == call_id), None)

    def of_run(self, run: Run | None) -> list[LiveCall]:
        """Return the calls of a run of the conversation on show, earliest turn first."""
        if run is None:
            return []
        return sorted(self._backwards(run.asked_id), key=lambda call: call.turn_id)

    def titles(self, run: Run | None) -> dict[str, str]:
        """Return what each step of a run was, by its name in the checkpoint store."""
        return {call.result.step: title_of(call) for call in self.of_run(run) if has_step(call) and call.result}

    def changing_run(self, run: Run | None) -> Run | None:
        """Return the run whose changes can be reviewed: this one, or if it ended without any, the last that made some.

        A message that comments on a run's changes begins another run.
        """
        if run is None or run.state in ACTIVE:
            return run
        turn = next((turn for turn in reversed(self._session.branch) if _made_step(turn)), None)
        if turn is None or turn.id > run.asked_id:
            return run
        return self._port.run_of(turn.id) or run

    def _backwards(self, since: int) -> Iterator[LiveCall]:
        """Go through the calls, the latest turn first, back to a turn's id."""
        for turn in reversed(self._session.branch):
            if turn.id < since:
                return
            if turn.role == "assistant":
                yield from self._port.calls_of(turn.id)


def _made_step(turn: Turn) -> bool:
    return any(isinstance(part, ToolResultPart) and part.step for part in turn.parts)


def has_step(call: LiveCall) -> bool:
    """Whether something can be taken back of what a call did."""
    return call.result is not None and bool(call.result.step)


def title_of(call: LiveCall) -> str:
    """Return what a call was, on one line."""
    main = call.part.arguments.get(call.spec.main_argument) if call.spec is not None else None
    words = " ".join(str(main).split()) if main is not None else ""
    return f"{call.part.name} {words}".strip()
