"""An engine for programs that wait: ask, and be handed the events until the last one."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.engine.messages import AnyEvent, Died, Failed, Notice
from app.engine.process import LAST_EVENTS, EngineProcess
from app.errors import AppError
from app.ipc.launch import clean_environment
from app.ipc.popen_transport import PopenTransport

TICK_S = 0.1


class WaitingEngine:
    """An ``EngineProcess`` whose events are waited for."""

    def __init__(self) -> None:
        self._transport = PopenTransport(clean_environment())
        self._events: list[AnyEvent] = []
        self.engine = EngineProcess(self._transport, self._events.append)

    def events(
        self,
        request: int,
        is_stopped: Callable[[], bool] = lambda: False,
        *,
        limit_s: float = math.inf,
    ) -> Iterator[AnyEvent]:
        """Yield the events of a request, its last one included, and notices of the engine itself.

        Args:
            is_stopped: Asked between events; once it is true the request is cancelled.
            limit_s: How long to wait for the next event.

        Raises:
            AppError: The request failed, the engine ended, or it took longer than ``limit_s``.
        """
        heard_at = time.monotonic()
        while True:
            pending = self.pump(TICK_S)
            if pending:
                heard_at = time.monotonic()
            elif time.monotonic() - heard_at > limit_s:
                raise AppError("The engine does not answer", f"Nothing came from it for {limit_s:.0f} seconds.")
            if is_stopped():
                self.engine.cancel(request)
            for event in pending:
                match event:
                    case Died() | Failed():
                        if isinstance(event, Died) or event.request == request:
                            raise AppError(event.title, event.message, event.hint, event.detail)
                    case _ if event.request == request or (isinstance(event, Notice) and not event.request):
                        yield event
                        if isinstance(event, LAST_EVENTS):
                            return
                    case _:
                        pass

    def pump(self, timeout_s: float) -> list[AnyEvent]:
        """Wait up to ``timeout_s`` for something from the engine; return what it said."""
        self._transport.pump(timeout_s)
        self.engine.tick()
        pending, self._events[:] = list(self._events), []
        return pending

    def last(self, request: int, *, limit_s: float = math.inf) -> AnyEvent:
        """Return the last event of a request. Raises as ``events``."""
        *_, last = self.events(request, limit_s=limit_s)
        return last

    def close(self) -> None:
        """End the engine."""
        self.engine.close()
        self._transport.close()


@contextmanager
def waiting_engine() -> Iterator[WaitingEngine]:
    """Open an engine that is ended whatever happens."""
    engine = WaitingEngine()
    try:
        yield engine
    finally:
        engine.close()
