"""The scripted engine as a child process that speaks the engine's messages, a frame for each token."""

from __future__ import annotations

import queue
import threading
import time
from typing import Any

from app.engine.echo import EchoEngine, Script
from app.engine.messages import AnyCommand, AnyEvent, Cancel, CountTokens, Generate, Hello, Load, Ping, Pong, Unload
from app.ipc.child import Channel, open_channel
from tests.bench.texts import reply

TOKENS_PER_SECOND = 250.0
STEP_SECONDS = 0.002


def main() -> None:
    """Serve until the parent closes its end."""
    channel: Channel[AnyCommand] = open_channel(AnyCommand)
    numbers: dict[int, int] = {}  # of the parent's requests, by the echo's own

    def send(event: AnyEvent) -> None:
        values = {name: getattr(event, name) for name in event.__struct_fields__}
        channel.send(type(event)(**values | {"request": numbers.get(event.request, 0)}))

    scripts = [Script(text=reply(number, words=20_000)) for number in range(4)]
    echo = EchoEngine(send, scripts, tokens_per_second=TOKENS_PER_SECOND, prompt_tokens_per_second=1e9, n_ctx=10**7)
    commands: queue.SimpleQueue[AnyCommand | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(channel, commands), daemon=True).start()
    channel.send(Hello(pid=0))
    then = time.perf_counter()
    while True:
        try:
            command = commands.get(timeout=STEP_SECONDS)
            if command is None:
                return
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
        case Cancel():
            echo.cancel(next((own for own, theirs in numbers.items() if theirs == command.request), 0))
        case Ping():
            channel.send(Pong(rss_bytes=0))
        case _:
            raise ValueError(f"the echo does not know {command}")


if __name__ == "__main__":
    main()
