"""The conversation with one server: tools listed, calls made and bounded, requests of its own answered or declined."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import msgspec
from anyio.abc import TaskGroup
from mcp import MCPError, types
from mcp.client._transport import Transport
from mcp.client.client import Client, ConnectMode
from mcp.client.session import ClientRequestContext, IncomingMessage
from mcp.types import CONNECTION_CLOSED
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

from app.tools.mcp.limits import Gate
from app.tools.mcp.listing import MAX_TOOLS, tool_infos
from app.tools.mcp.messages import (
    AnyHostCommand,
    AnyHostEvent,
    CallDone,
    CallTool,
    CancelCall,
    Connected,
    ListTools,
    LogLine,
    Progress,
    SetRoots,
    ToolInfo,
    ToolsChanged,
)
from app.tools.mcp.results import failure, tool_result
from app.tools.mcp.text import cut, one_line, without_escapes
from app.tools.tool import ToolResult

#: For the handshake and the list of tools; a program may have to be fetched by npx or uvx first.
START_LIMIT_S = 120.0
PING_LIMIT_S = 5.0
_PAUSE_BETWEEN_LISTS_S = 1.0
_MAX_PAGES = 20
_MAX_INSTRUCTIONS = 4_000


class LostError(Exception):
    """The connection is over; the message says why, in a sentence."""


class HungError(Exception):
    """The server does not answer; the message says so, in a sentence."""


class Session:
    """One connection, while ``run`` runs.

    Args:
        send: Takes events for the window.
        roots: Folders the server is told to work in.
    """

    def __init__(self, send: Callable[[AnyHostEvent], None], roots: tuple[str, ...]) -> None:
        self._send = send
        self._roots = roots
        self._commands: asyncio.Queue[AnyHostCommand] = asyncio.Queue()
        self._calls: dict[int, anyio.CancelScope] = {}
        self._ended_calls: dict[int, ToolResult] = {}
        self._should_list = anyio.Event()
        self._log_gate = Gate(per_second=20, burst=100)

    async def run(self, transport: Transport, mode: ConnectMode, until: anyio.Event | None = None) -> None:
        """Connect, and serve until it is cancelled, or until the other end is gone.

        Raises:
            LostError: The connection is over.
            HungError: The server does not answer any more, and is to be ended.
            MCPError: The server refuses the handshake.
        """
        client = Client(
            transport,
            mode=mode,
            cache=None,
            read_timeout_seconds=START_LIMIT_S,
            # Neither sampling nor elicitation: they are not among the capabilities the server is told of,
            # and a server that asks all the same is answered that they are not supported.
            list_roots_callback=self._on_roots_asked,
            logging_callback=self._on_log,
            message_handler=self._on_message,
            client_info=types.Implementation(name="sawhorse", version="1"),
        )
        async with client:
            tools = await self._list_tools(client)
            info = client.server_info
            words = "" if info is None else f"{info.title or info.name} {info.version}"
            instructions = cut(without_escapes(client.instructions or ""), _MAX_INSTRUCTIONS)
            self._send(
                Connected(
                    server=one_line(words), protocol=client.protocol_version, tools=tools, instructions=instructions
                )
            )
            async with anyio.create_task_group() as group:
                group.start_soon(self._obey, client, group)
                group.start_soon(self._list_again, client)
                if until is not None:
                    group.start_soon(_wait_for_end, until)
                if client.protocol_version in MODERN_PROTOCOL_VERSIONS:
                    group.start_soon(self._listen, client)

    # --- what the window asks -----------------------------------------------------------------------

    def take(self, command: AnyHostCommand) -> None:
        """Take a command; it is obeyed as soon as there is a connection."""
        self._commands.put_nowait(command)

    def end_calls(self, words: str) -> None:
        """End every call: an answer was lost, and nobody can say whose it was."""
        for request in tuple(self._calls):
            self._end_call(request, failure(words))

    async def _obey(self, client: Client, group: TaskGroup) -> None:
        while True:
            match await self._commands.get():
                case CallTool() as call:
                    # Kept before the task runs: the next command may be to cancel it.
                    self._calls[call.request] = anyio.CancelScope(deadline=anyio.current_time() + call.time_limit_s)
                    group.start_soon(self._call, client, call)
                case CancelCall(request=request):
                    self._end_call(request, failure("The call was cancelled.", "cancelled"))
                case ListTools():
                    self._should_list.set()
                case SetRoots(roots=roots):
                    self._roots = roots
                    await client.session.send_notification(types.RootsListChangedNotification())
                case _:
                    pass  # the others are not for a session

    def _end_call(self, request: int, result: ToolResult) -> None:
        """End a call with a result of our own; the server is told that it is cancelled."""
        if scope := self._calls.get(request):
            self._ended_calls[request] = result
            scope.cancel()

    # --- calls --------------------------------------------------------------------------------------

    async def _call(self, client: Client, command: CallTool) -> None:
        request, started = command.request, time.monotonic()
        result: ToolResult | None = None
        lost = ""
        with self._calls[request]:
            result, lost = await self._answer(client, command)
        del self._calls[request]
        is_late = result is None and request not in self._ended_calls
        if result is None:
            words = f"The tool gave no answer within {command.time_limit_s:g} seconds and was ended."
            result = self._ended_calls.pop(request, None) or failure(words, "timed_out")
        self._send(
            CallDone(request=request, result=msgspec.structs.replace(result, seconds=time.monotonic() - started))
        )
        if lost:
            raise LostError(lost)
        if is_late:
            await self._check_it_lives(client)

    async def _answer(self, client: Client, command: CallTool) -> tuple[ToolResult, str]:
        """Return the result, and why the connection is over if it is."""
        gate = Gate(per_second=5, burst=10)

        async def on_progress(progress: float, total: float | None, message: str | None) -> None:
            if gate.passes():
                share = f"{progress:g} of {total:g}" if total else f"{progress:g}"
                text = f"{share} {one_line(message)}" if message else share
                self._send(Progress(request=command.request, text=text + "\n"))

        started = time.monotonic()
        try:
            answer = await client.call_tool(
                command.tool,
                command.arguments,
                read_timeout_seconds=command.time_limit_s + PING_LIMIT_S,  # our own limit comes first
                progress_callback=on_progress,
            )
        except MCPError as error:
            words = one_line(error.message)
            if error.code == CONNECTION_CLOSED:
                return failure("The server ended before it answered."), "It ended in the middle of a call."
            return failure(f"The server refused the call: {words}"), ""
        except (RuntimeError, ValueError) as error:
            return failure(f"The server's answer does not keep to the protocol: {one_line(str(error))}"), ""
        return tool_result(_json(answer), time.monotonic() - started), ""

    async def _check_it_lives(self, client: Client) -> None:
        with anyio.move_on_after(PING_LIMIT_S):
            try:
                if client.protocol_version in MODERN_PROTOCOL_VERSIONS:  # which knows no ping
                    await client.session.list_tools()
                else:
                    await client.session.send_request(types.PingRequest(), types.EmptyResult)
            except MCPError as error:
                if error.code == CONNECTION_CLOSED:
                    raise LostError("It ended.") from error
            return  # an error is an answer too
        raise HungError(f"It answered neither a call in time nor a ping within {PING_LIMIT_S:g} seconds.")

    # --- tools --------------------------------------------------------------------------------------

    async def _list_tools(self, client: Client) -> tuple[ToolInfo, ...]:
        if client.server_capabilities.tools is None:
            return ()
        tools: list[dict[str, Any]] = []
        cursor: str | None = None
        for _ in range(_MAX_PAGES):
            page = await client.session.list_tools(params=types.PaginatedRequestParams(cursor=cursor))
            tools += [_json(tool) for tool in page.tools]
            cursor = page.next_cursor
            if cursor is None or len(tools) > MAX_TOOLS:
                break
        return tool_infos(tools)

    async def _list_again(self, client: Client) -> None:
        """List the tools whenever that was asked for, but not more often than a server should make us."""
        while True:
            await self._should_list.wait()
            self._should_list = anyio.Event()
            try:
                self._send(ToolsChanged(tools=await self._list_tools(client)))
            except MCPError as error:
                self.log(f"its tools could not be listed: {one_line(error.message)}")
            await anyio.sleep(_PAUSE_BETWEEN_LISTS_S)

    async def _listen(self, client: Client) -> None:
        """Hear of changed tools where the protocol's version wants that to be asked for."""
        try:
            async with client.listen(tools_list_changed=True) as events:
                async for _ in events:
                    self._should_list.set()
        except (MCPError, RuntimeError, TimeoutError) as error:
            self.log(f"changes of its tools are not told: {one_line(str(error))}")

    # --- what the server asks and tells -------------------------------------------------------------

    async def _on_roots_asked(self, context: ClientRequestContext) -> types.ListRootsResult:  # noqa: ARG002 - the SDK's name
        roots = [{"uri": Path(root).as_uri(), "name": Path(root).name} for root in self._roots]
        return types.ListRootsResult.model_validate({"roots": roots})

    async def _on_message(self, message: IncomingMessage) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self._should_list.set()
        elif isinstance(message, Exception):
            self.log(f"a fault on the connection: {one_line(str(message))}")

    async def _on_log(self, params: types.LoggingMessageNotificationParams) -> None:
        self.log(f"{params.level}: {one_line(str(params.data), 500)}")

    def log(self, text: str) -> None:
        """Hand on a line of the server's log, unless there are too many."""
        if not self._log_gate.passes():
            return
        if count := self._log_gate.take_held_back():
            self._send(LogLine(text=f"(… {count:,} lines left out: they came too fast)"))
        self._send(LogLine(text=text))


def _json(value: Any) -> dict[str, Any]:
    dumped: dict[str, Any] = value.model_dump(by_alias=True, mode="json", exclude_none=True)
    return dumped


async def _wait_for_end(end: anyio.Event) -> None:
    await end.wait()
    raise LostError("It is gone.")
