"""The process that runs tools, for programs that wait."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import AppError
from app.ipc.launch import clean_environment
from app.ipc.popen_transport import PopenTransport
from app.tools.builtin import SPECS
from app.tools.runner import ToolProcess
from app.tools.tool import SandboxState

_TURN_S = 0.05
_PROBE_LIMIT_S = 60.0


class WaitingTools:
    """A ``ToolProcess`` that is pumped by hand."""

    def __init__(self) -> None:
        self._transport = PopenTransport(clean_environment())
        self.process = ToolProcess(self._transport, SPECS)

    def probe(self) -> SandboxState:
        """Wait until it is known what holds commands here.

        Raises:
            AppError: It cannot be found out.
        """
        answers: list[SandboxState | AppError] = []
        self.process.probe(answers.append, answers.append)
        deadline = time.monotonic() + _PROBE_LIMIT_S
        while not answers:
            self.pump(_TURN_S)
            if time.monotonic() > deadline:
                raise AppError("Tools do not answer", f"Nothing came from them for {_PROBE_LIMIT_S:.0f} seconds.")
        if isinstance(answers[0], AppError):
            raise answers[0]
        return answers[0]

    def pump(self, timeout_s: float) -> None:
        """Pass on what came from the process, waiting up to ``timeout_s`` for it."""
        while self._transport.pump(timeout_s):
            timeout_s = 0.0
        self.process.tick()

    def close(self) -> None:
        """End the process."""
        self.process.close()
        self._transport.close()


@contextmanager
def waiting_tools() -> Iterator[WaitingTools]:
    """Open the process that runs tools; it is ended whatever happens."""
    tools = WaitingTools()
    try:
        yield tools
    finally:
        tools.close()
