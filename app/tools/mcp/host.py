"""The child process that holds the connection to one server; the server dies with it, and it with the window."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import cast

import anyio
from mcp import MCPError
from mcp.client.client import ConnectMode
from mcp.types import CONNECTION_CLOSED, METHOD_NOT_FOUND, REQUEST_TIMEOUT, UNSUPPORTED_PROTOCOL_VERSION

from app.errors import AppError
from app.ipc.child import Channel, open_channel
from app.tools.mcp.http import HttpServer
from app.tools.mcp.inspection import inspect
from app.tools.mcp.limits import MAX_MESSAGE_BYTES
from app.tools.mcp.messages import (
    AnyHostCommand,
    Connect,
    Disconnect,
    Ended,
    Inspect,
    Inspected,
    LaunchPlan,
)
from app.tools.mcp.session import START_LIMIT_S, HungError, LostError, Session
from app.tools.mcp.stdio import ServerProgram, kill_group, start_program
from app.tools.mcp.text import one_line

_PR_SET_PDEATHSIG = 1  # prctl(2)
#: A server that knows only the newest revision of the protocol answers the handshake of the older ones so.
_NEWER_ONLY = frozenset({UNSUPPORTED_PROTOCOL_VERSION, METHOD_NOT_FOUND})


class Host:
    """Holds the connection: one program or address, one session, one end."""

    def __init__(
        self, channel: Channel[AnyHostCommand], commands: Iterator[AnyHostCommand], plan: LaunchPlan, found: Inspected
    ) -> None:
        self._channel = channel
        self._commands = commands
        self._plan = plan
        self._found = found
        self._session = Session(channel.send, plan.roots)
        self._program: ServerProgram | None = None
        self._remote: HttpServer | None = None
        self._scope = anyio.CancelScope()
        self._is_newer_only = False
        self._reader: threading.Thread | None = None

    async def run(self) -> Ended:
        """Connect and serve; return how it ended."""
        ended = Ended(reason="stopped", message="It was ended.")
        with self._scope:
            try:
                ended = await self._connect("legacy")
                if self._is_newer_only:
                    ended = await self._connect("auto")
            finally:
                if self._program is not None and self._program.process.returncode is None:
                    kill_group(self._program.process.pid)
        return ended

    async def _connect(self, mode: ConnectMode) -> Ended:
        """Serve over one connection, begun in the way ``mode`` says.

        The handshake of the older revisions is tried first: every server of today knows it, while some end
        when anything else comes first.
        """
        try:
            if self._plan.url:
                self._start_reader()
                self._remote = HttpServer(self._plan)
                await self._session.run(self._remote.streams(), mode, self._remote.is_gone)
            else:
                self._program = await start_program(
                    self._plan, self._found.program, self._session.log, self._on_too_long
                )
                kill_with_this_process(self._program.process.pid)
                self._start_reader()  # only now, for a process with threads should not fork
                await self._session.run(self._program.streams(), mode, self._program.is_gone)
        except OSError as error:
            return Ended(reason="refused", message=f"{self._plan.command}: {error.strerror or error}.")
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises is told to the window, which shows it
            return self._ended(_cause(error))
        return self._ended(LostError("The connection was closed."))

    def _ended(self, error: BaseException) -> Ended:
        detail = self._program.last_lines if self._program is not None else ""
        if isinstance(error, HungError):
            return Ended(reason="hung", message=str(error), detail=detail)
        if isinstance(error, LostError):
            return Ended(reason="lost", message=self._how_it_ended() or str(error), detail=detail)
        if isinstance(error, MCPError) and error.code in _NEWER_ONLY:
            self._is_newer_only = True
        if isinstance(error, MCPError) and error.code == CONNECTION_CLOSED:
            how = self._how_it_ended() or "The connection was closed."
            return Ended(reason="refused", message=f"{how} It had not said which tools it has.", detail=detail)
        if isinstance(error, MCPError) and error.code == REQUEST_TIMEOUT:
            message = f"It did not answer the first message within {START_LIMIT_S:g} seconds."
            return Ended(reason="refused", message=message, detail=detail)
        words = one_line(str(error)) or type(error).__name__
        hint = "Look whether it runs, and whether the address is right." if self._plan.url else ""
        if self._remote is not None and self._remote.status:
            words = f"It answered with the HTTP status {self._remote.status}."
        return Ended(reason="refused", message=words, hint=hint, detail=detail)

    def _how_it_ended(self) -> str:
        if self._remote is not None and self._remote.is_gone.is_set():
            return "It does not know this session any more; it may have been started anew."
        if self._program is None:
            return ""
        if self._program.is_endless:
            return "It sent a line without an end."
        code = self._program.process.returncode
        if code is None:
            return ""
        if code < 0:
            return f"It was ended by the signal {signal.Signals(-code).name}."
        return f"It ended by itself, with exit code {code}."

    def _on_too_long(self) -> None:
        self._session.end_calls(
            f"The answer was longer than {MAX_MESSAGE_BYTES // 1024**2} MiB and was thrown away. "
            "Ask for less at a time."
        )

    # --- commands -----------------------------------------------------------------------------------

    def _start_reader(self) -> None:
        if self._reader is None:
            loop = asyncio.get_running_loop()
            self._reader = threading.Thread(target=self._read_commands, args=(loop,), daemon=True)
            self._reader.start()

    def _read_commands(self, loop: asyncio.AbstractEventLoop) -> None:
        for command in self._commands:
            loop.call_soon_threadsafe(self._take, command)
        loop.call_soon_threadsafe(self._scope.cancel)  # the window has closed its end

    def _take(self, command: AnyHostCommand) -> None:
        if isinstance(command, Disconnect):
            self._scope.cancel()
        else:
            self._session.take(command)


def kill_with_this_process(pid: int) -> None:
    """See to it that a program and what it started end when the window dies, or asks this process to end."""

    def end(_number: int, _frame: object) -> None:
        kill_group(pid)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    if sys.platform == "linux":  # SIGKILL, which a child of Sawhorse gets otherwise, would leave no time for it
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _cause(error: BaseException) -> BaseException:
    """Return what is at the bottom of groups of exceptions, which task groups make of any."""
    while isinstance(error, BaseExceptionGroup):
        inner = cast("tuple[BaseException, ...]", error.exceptions)
        error = next((one for one in inner if isinstance(_cause(one), LostError | HungError)), inner[0])
    return error


async def _serve(
    channel: Channel[AnyHostCommand], commands: Iterator[AnyHostCommand], plan: LaunchPlan, found: Inspected
) -> Ended:
    return await Host(channel, commands, plan, found).run()


def main() -> None:
    """Inspect, wait for the word, connect, and serve."""
    channel: Channel[AnyHostCommand] = open_channel(AnyHostCommand)
    logging.disable()  # what the SDK logs may hold secrets; what matters is told as an event
    commands = iter(channel)
    first = next(commands, None)
    if not isinstance(first, Inspect):
        return
    try:
        found = inspect(first.plan)
    except AppError as error:
        channel.send(Ended(reason="refused", message=error.message, hint=error.hint))
        return
    channel.send(found)
    for command in commands:
        if isinstance(command, Connect):
            channel.send(asyncio.run(_serve(channel, commands, first.plan, found)))
            return
        if isinstance(command, Disconnect):
            return


if __name__ == "__main__":
    main()
