"""The fit check for programs that wait: ask, and be handed the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from app.catalog.service import find_servers
from app.errors import AppError
from app.fit.service import FitService
from app.ipc.job import JobFailed
from app.ipc.launch import clean_environment
from app.ipc.popen_transport import PopenTransport
from app.paths import Paths

_TURN_S = 0.01
#: Of silence; beyond the limits of the children themselves, each of which ends with an answer.
_LIMIT_S = 120.0


class WaitingFit:
    """A ``FitService`` whose answers are waited for."""

    def __init__(self, paths: Paths) -> None:
        self._transports: list[PopenTransport] = []
        self.service = FitService(self._make_transport, paths, find_servers().access)

    def _make_transport(self) -> PopenTransport:
        transport = PopenTransport(clean_environment())
        self._transports.append(transport)
        return transport

    def wait(self, ask: Callable[[Callable[[Any], None]], int]) -> Any:
        """Return what ``ask`` is answered; it gets the callback.

        Raises:
            AppError: The answer is a failure.
        """
        answers: list[Any] = []
        ask(answers.append)
        heard_at = time.monotonic()
        while not answers:
            if self._pump():
                heard_at = time.monotonic()
            self.service.tick()
            if time.monotonic() - heard_at > _LIMIT_S:
                raise AppError("The fit check does not answer", f"Nothing came from it for {_LIMIT_S:.0f} seconds.")
        (answer,) = answers
        if isinstance(answer, JobFailed):
            raise answer.error()
        return answer

    def _pump(self) -> bool:
        """Pass on what came from the children; wait a moment where nothing did."""
        came = [transport.pump(0) for transport in self._transports]
        return any(came) or self._transports[0].pump(_TURN_S)

    def close(self) -> None:
        """End its children."""
        self.service.close()
        for transport in self._transports:
            transport.close()


@contextmanager
def waiting_fit(paths: Paths) -> Iterator[WaitingFit]:
    """Open a fit check that is ended whatever happens."""
    fit = WaitingFit(paths)
    try:
        yield fit
    finally:
        fit.close()
