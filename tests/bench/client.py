"""The engine's child process, driven step by step as the benches need it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from app.engine.messages import AnyEvent, Died, Finished, Loaded, LoadSettings, Prompt
from app.engine.process import LAST_EVENTS, EngineProcess
from app.engine.sampling import Sampling
from app.ipc.popen_transport import PopenTransport

TIMEOUT_SECONDS = 600.0


class EngineClient:
    """Asks the engine and waits for its answers."""

    def __init__(self) -> None:
        self._transport = PopenTransport()
        self._events: list[AnyEvent] = []
        self.engine = EngineProcess(self._transport, self._events.append)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.close()
        self._transport.close()

    def load(self, path: Path, settings: LoadSettings) -> Loaded:
        """Load a model."""
        event = self.wait(self.engine.load(str(path), settings))
        assert isinstance(event, Loaded), event
        return event

    def generate(self, prompt: Prompt, sampling: Sampling) -> Finished:
        """Answer a prompt; whatever else happens is an error."""
        event = self.wait(self.engine.generate(prompt, sampling))
        assert isinstance(event, Finished), event
        return event

    def wait(self, request: int, on_event: Callable[[AnyEvent], None] = lambda _event: None) -> AnyEvent:
        """Return the last event of ``request``, showing ``on_event`` every one on the way."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            self._transport.pump(0.1)
            while self._events:
                event = self._events.pop(0)
                on_event(event)
                if event.request == request and isinstance(event, LAST_EVENTS):
                    return event
                assert not isinstance(event, Died), f"{event.title}. {event.message}\n{event.detail}"
        raise TimeoutError(f"the engine did not end request {request} in {TIMEOUT_SECONDS:.0f} s")
