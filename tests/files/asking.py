"""Asks a service and waits for what it answers, without a window."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from app.ipc.popen_transport import PopenTransport

SECONDS = 60.0


def ask(transport: PopenTransport, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Call with a callback as the last argument; return what that hears."""
    answers: list[Any] = []
    call(*arguments, answers.append, **named)
    pump_until(transport, lambda: bool(answers))
    return answers[0]


def pump_until(transport: PopenTransport, is_done: Callable[[], bool]) -> None:
    """Hear from a process until something is so."""
    deadline = time.monotonic() + SECONDS
    while not is_done():
        assert time.monotonic() < deadline, "nothing was heard"
        transport.pump(0.1)
