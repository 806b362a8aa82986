"""A server that is a program: started in a group of its own, its messages bounded, ended with all it started."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator, Callable

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client._transport import TransportStreams
from mcp.shared.message import SessionMessage
from mcp.types import jsonrpc_message_adapter

from app.tools.mcp.limits import EndlessLineError, LineSplitter
from app.tools.mcp.messages import LaunchPlan
from app.tools.mcp.text import one_line

READ_BYTES = 1 << 16
KEPT_LINES = 200
MAX_LINE_CHARACTERS = 500
#: The window waits 2 s for this process; a server gets a part of that to end by itself.
_POLITE_S = 0.7
_TERMINATE_S = 0.4
_POLL_S = 0.01
_PR_SET_PDEATHSIG = 1  # prctl(2)


class ServerProgram:
    """A running program and what it says.

    Args:
        on_line: Hears every line of its standard error, and what it prints that is no message.
        on_too_long: A message was longer than is taken, and is lost.

    Attributes:
        is_gone: Set when nothing comes from it any more.
        is_endless: It sent a line without an end.
    """

    def __init__(self, process: Process, on_line: Callable[[str], None], on_too_long: Callable[[], None]) -> None:
        self.process = process
        self._on_line = on_line
        self._on_too_long = on_too_long
        self._last_lines: deque[str] = deque(maxlen=KEPT_LINES)
        self.is_endless = False
        self.is_gone = anyio.Event()

    @property
    def last_lines(self) -> str:
        """The last lines of its standard error."""
        return "\n".join(self._last_lines)

    @contextlib.asynccontextmanager
    async def streams(self) -> AsyncIterator[TransportStreams]:
        """Carry messages to and from it; at the end it is ended."""
        to_session, from_program = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        to_program, from_session = anyio.create_memory_object_stream[SessionMessage](0)
        async with anyio.create_task_group() as group:
            group.start_soon(self._read_messages, to_session)
            group.start_soon(self._write_messages, from_session)
            group.start_soon(self._read_log)
            try:
                yield from_program, to_program
            finally:
                with anyio.CancelScope(shield=True):
                    from_program.close()
                    to_program.close()
                    await self.end()
                group.cancel_scope.cancel()

    async def end(self) -> None:
        """End it: its input closes, then its whole group is asked, then killed. At most a second or so."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        if not await self._has_ended_within(_POLITE_S):
            signal_group(self.process.pid, signal.SIGTERM)
            await self._has_ended_within(_TERMINATE_S)
        kill_group(self.process.pid)  # what it left behind goes with it
        await self._has_ended_within(_TERMINATE_S)

    async def _has_ended_within(self, seconds: float) -> bool:
        # Not wait(): that also waits for the pipes, which a grandchild may hold.
        with anyio.move_on_after(seconds):
            while self.process.returncode is None:
                await anyio.sleep(_POLL_S)
        return self.process.returncode is not None

    async def _read_messages(self, to_session: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        splitter = LineSplitter()
        output = self.process.stdout
        assert output is not None  # noqa: S101 - it is a pipe
        async with to_session:
            try:
                while data := await output.read(READ_BYTES):
                    for line in splitter.feed(data):
                        if line is None:
                            self._on_too_long()
                        elif line.strip() and (message := self._message(line)):
                            await to_session.send(message)
            except EndlessLineError:
                self.is_endless = True
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                return  # the session is over
            finally:
                self.is_gone.set()

    def _message(self, line: bytes) -> SessionMessage | None:
        try:
            return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
        except ValueError:
            self._on_line(f"not a message: {one_line(line[:MAX_LINE_CHARACTERS].decode(errors='replace'))}")
            return None

    async def _write_messages(self, from_session: MemoryObjectReceiveStream[SessionMessage]) -> None:
        stdin = self.process.stdin
        assert stdin is not None  # noqa: S101 - it is a pipe
        async with from_session:
            async for message in from_session:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                with contextlib.suppress(OSError):  # its end is noticed by the reader
                    stdin.write(text.encode() + b"\n")
                    await stdin.drain()

    async def _read_log(self) -> None:
        errors = self.process.stderr
        assert errors is not None  # noqa: S101 - it is a pipe
        splitter = LineSplitter(READ_BYTES)
        with contextlib.suppress(EndlessLineError):
            while data := await errors.read(READ_BYTES):
                for line in splitter.feed(data):
                    words = "(a line that was too long)" if line is None else line.decode(errors="replace")
                    if words := one_line(words, MAX_LINE_CHARACTERS):
                        self._last_lines.append(words)
                        self._on_line(words)
        while await errors.read(READ_BYTES):
            pass  # an endless line: read, so that the program is not stuck on it, and thrown away


async def start_program(
    plan: LaunchPlan, program: str, on_line: Callable[[str], None], on_too_long: Callable[[], None]
) -> ServerProgram:
    """Start a plan's program. Call it before this process has a second thread.

    Raises:
        OSError: The system refuses.
    """
    process = await asyncio.create_subprocess_exec(
        program,
        *plan.args,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        cwd=plan.folder or None,
        env=plan.env,
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
    )
    return ServerProgram(process, on_line, on_too_long)


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    """Ask Linux to kill the program when this process dies in a way that leaves no time to do it."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def signal_group(pid: int, number: int) -> None:
    """Send a signal to the group that a program leads, if there is still one."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def kill_group(pid: int) -> None:
    """Kill the group that a program leads."""
    if sys.platform == "win32":
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGTERM)
    else:
        signal_group(pid, signal.SIGKILL)
