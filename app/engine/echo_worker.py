"""The scripted engine as a child process, in real time and with faults, to try supervision on.

Run as ``python -m app.engine.echo_worker [--speed TOKENS_PER_SECOND] [--words N] [--fault KIND [--at TOKENS]]``.
Without ``--words`` it echoes the last message.
"""

from __future__ import annotations

import argparse
import itertools
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil

from app.engine.echo import EchoEngine, Script
from app.engine.messages import (
    AnyCommand,
    AnyEvent,
    Cancel,
    CountTokens,
    Delta,
    Generate,
    Hello,
    ListDevices,
    Load,
    Ping,
    Pong,
    Render,
    Unload,
)
from app.ipc.child import Channel, open_channel

STEP_SECONDS = 0.002
#: What may go wrong: an exception, an abort of the C library, nonsense instead of frames, a cancel not heard.
FAULTS = ("none", "exception", "abort", "garbage", "deaf")


def serve(
    channel: Channel[AnyCommand],
    make_engine: Callable[[Callable[[AnyEvent], None]], EchoEngine],
    *,
    is_deaf: bool = False,
) -> None:
    """Serve until the parent closes its end; ``is_deaf`` ignores cancels."""
    numbers: dict[int, int] = {}  # of the parent's requests, by the echo's own

    def send(event: AnyEvent) -> None:
        values = {name: getattr(event, name) for name in event.__struct_fields__}
        channel.send(type(event)(**values | {"request": numbers.get(event.request, 0)}))

    echo = make_engine(send)
    commands: queue.SimpleQueue[AnyCommand | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(channel, commands), daemon=True).start()
    channel.send(Hello(pid=os.getpid()))
    then = time.perf_counter()
    while True:
        try:
            command = commands.get(timeout=STEP_SECONDS)
            if command is None:
                return
            if not (is_deaf and isinstance(command, Cancel)):
                _obey(command, echo, numbers, channel)
        except queue.Empty:
            pass
        now = time.perf_counter()
        echo.advance(now - then)
        then = now


def _read(channel: Channel[AnyCommand], commands: queue.SimpleQueue[AnyCommand | None]) -> None:
    for command in channel:
        commands.put(command)
    commands.put(None)


def _obey(command: AnyCommand, echo: EchoEngine, numbers: dict[int, int], channel: Channel[Any]) -> None:
    match command:
        case Load():
            numbers[echo.load(command.path, command.settings)] = command.request
        case Unload():
            numbers[echo.unload()] = command.request
        case Generate():
            numbers[echo.generate(command.prompt, command.sampling)] = command.request
        case CountTokens():
            numbers[echo.count_tokens(command.prompt)] = command.request
        case Render():
            numbers[echo.render(command.prompt)] = command.request
        case ListDevices():
            numbers[echo.list_devices()] = command.request
        case Cancel():
            echo.cancel(next((own for own, theirs in numbers.items() if theirs == command.request), 0))
        case Ping():
            channel.send(Pong(request=command.request, rss_bytes=psutil.Process().memory_info().rss))


def main() -> None:
    """Serve as the arguments say."""
    parser = argparse.ArgumentParser(description="A scripted engine, to try supervision on.")
    parser.add_argument("--speed", type=float, default=250.0)
    parser.add_argument("--words", type=int, default=0)
    parser.add_argument("--fault", choices=FAULTS, default="none")
    parser.add_argument("--at", type=int, default=0)
    arguments = parser.parse_args()
    pipe = os.dup(1)  # open_channel takes it away; nonsense has to go where frames go
    channel: Channel[AnyCommand] = open_channel(AnyCommand)
    script = Script(text=" ".join(f"word{number}" for number in range(arguments.words)) or None)
    tokens = itertools.count()

    def make_engine(send: Callable[[AnyEvent], None]) -> EchoEngine:
        def send_until_the_fault(event: AnyEvent) -> None:
            if isinstance(event, Delta) and next(tokens) == arguments.at:
                _commit(arguments.fault, pipe)
            send(event)

        scripts = [script] * 1000
        return EchoEngine(send_until_the_fault, scripts, tokens_per_second=arguments.speed, n_ctx=10**6)

    serve(channel, make_engine, is_deaf=arguments.fault == "deaf")


def _commit(fault: str, pipe: int) -> None:
    match fault:
        case "exception":
            raise RuntimeError("a fault that was asked for")
        case "abort":
            sys.stderr.write("scripted.cpp:7: GGML_ASSERT(n_tokens > 0) failed\n")
            sys.stderr.flush()
            os.abort()
        case "garbage":
            os.write(pipe, b"ggml_init: allocated 17 MiB\n")
        case _:
            pass


if __name__ == "__main__":
    main()
