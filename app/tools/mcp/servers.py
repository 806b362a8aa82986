"""All MCP servers of the user: started when they may be, their tools offered, their calls run, their ends told."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.errors import AppError
from app.tools.mcp.approval import Approvals
from app.tools.mcp.config import McpFile, McpServer
from app.tools.mcp.connection import ClosableTransport, Connection, ServerState, Surroundings
from app.tools.mcp.messages import CallTool, ToolInfo
from app.tools.mcp.names import tool_name
from app.tools.mcp.results import failure
from app.tools.mcp.review import Review
from app.tools.tool import SandboxState, ToolResult, ToolRun, ToolSpec

SOURCE_PREFIX = "mcp:"
ICON = "plug"


@dataclass(frozen=True)
class ServerView:
    """A server as it is shown.

    Attributes:
        words: Why it failed or ended; empty otherwise.
        detail: The last lines of its standard error, where it failed or ended.
        review: What waits for approval.
        specs: Its tools as models are offered them; empty while they are locked.
        listed: Its tools as it lists them, with what was found in them.
        about: Its own name and version.
        instructions: What it would have models told; they are not.
    """

    server: McpServer
    state: ServerState
    words: str
    detail: str
    review: Review | None
    specs: tuple[ToolSpec, ...]
    listed: tuple[ToolInfo, ...]
    about: str
    instructions: str


class McpServers:
    """A ``ToolRunner`` over every server. All on the thread that owns the transports.

    Nothing is started before ``connect``. ``tick`` is to be called a few times a second.

    Args:
        transport_factory: Makes a transport for each server's process, which itself gets a clean environment.
        folder: Programs without a folder of their own are started here.
        on_change: States, tools or reviews changed.
        on_notice: Words for the user: a server was lost.
        environment: Where ``${NAME}`` of a configuration is looked up; Sawhorse's own if left out.
    """

    def __init__(
        self,
        transport_factory: Callable[[], ClosableTransport],
        file: McpFile,
        approvals: Approvals,
        folder: Path,
        *,
        on_change: Callable[[], None],
        on_notice: Callable[[AppError], None],
        environment: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make_transport = transport_factory
        self._file = file
        self._approvals = approvals
        self._around = Surroundings(
            approvals=approvals,
            environment=dict(os.environ if environment is None else environment),
            folder=folder,
            on_change=self._on_change,
            on_notice=on_notice,
            clock=clock,
        )
        self._tell_change = on_change
        self._connections: dict[str, Connection] = {}
        self._gone: list[Connection] = []  # removed or renamed; their processes may still be ending
        self._roots: tuple[str, ...] = ()
        self._requests: dict[int, Connection] = {}
        self._refused: list[tuple[Callable[[ToolResult], None], ToolResult]] = []
        self._next_request = 1
        self._specs: tuple[ToolSpec, ...] = ()
        self._tools: dict[str, tuple[Connection, ToolInfo]] = {}
        for server in file.servers:
            self._add(server)

    # --- what is shown ------------------------------------------------------------------------------

    @property
    def notices(self) -> list[AppError]:
        """What could not be read of the files."""
        return [*self._file.notices, *self._approvals.notices]

    @property
    def views(self) -> tuple[ServerView, ...]:
        """Every server, in the order of the file."""
        return tuple(self._view(self._connections[server.name]) for server in self._file.servers)

    def log(self, name: str) -> tuple[str, ...]:
        """Return the last lines a server logged or wrote to standard error."""
        connection = self._connections.get(name)
        return () if connection is None else tuple(connection.log)

    # --- verbs ------------------------------------------------------------------------------------------

    def connect(self) -> None:
        """Start every server that is on; those not approved as they are wait for that."""
        for connection in self._connections.values():
            if connection.server.is_enabled and connection.state == "off":
                connection.start()

    def restart(self, name: str) -> None:
        """Start a server that is on anew."""
        connection = self._connections.get(name)
        if connection is not None and connection.server.is_enabled:
            connection.start()

    def approve(self, name: str, key: str) -> None:
        """Approve what was shown of a server under that key. Raises ``AppError`` if that cannot be kept."""
        if connection := self._connections.get(name):
            connection.approve(key)

    def save(self, server: McpServer, old_name: str = "") -> None:
        """Add a server or change it; one that is on is started, as far as it may be.

        Raises:
            AppError: The name is another server's, or the file cannot be written.
        """
        self._file.put(server, old_name)
        old = self._connections.pop(old_name or server.name, None)
        connection = self._add(server)
        if old is not None:
            self._retire(old)
        if server.is_enabled:
            connection.start()
        self._on_change()
        if old_name and old_name != server.name:
            self._approvals.forget(old_name)

    def set_enabled(self, name: str, is_enabled: bool) -> None:
        """Turn a server on or off. Raises as ``save``."""
        server = self._file.find(name)
        if server is not None and server.is_enabled != is_enabled:
            self.save(msgspec.structs.replace(server, is_enabled=is_enabled))

    def remove(self, name: str) -> None:
        """Forget a server and what was approved of it. Raises as ``save``."""
        self._file.remove(name)
        if connection := self._connections.pop(name, None):
            self._retire(connection)
        self._on_change()
        self._approvals.forget(name)

    def set_workspace(self, folder: str) -> None:
        """Tell every server the folder to work in; "" for none. Nothing is started by it."""
        self._roots = (folder,) if folder else ()
        for connection in self._connections.values():
            connection.set_roots(self._roots)

    def tick(self) -> None:
        """Notice what hangs, and tell results that were known at once."""
        refused, self._refused = self._refused, []
        for on_done, result in refused:
            on_done(result)
        for connection in (*self._connections.values(), *self._gone):
            connection.tick()
        for connection in [connection for connection in self._gone if not connection.has_child]:
            self._gone.remove(connection)
            connection.close()

    def close(self) -> None:
        """End every server and wait for it; no callback comes any more."""
        everyone = (*self._connections.values(), *self._gone)
        self._refused.clear()
        for connection in everyone:
            connection.prepare_close()  # all of them at once, so that waiting for one is waiting for all
        for connection in everyone:
            connection.close()

    # --- ToolRunner -----------------------------------------------------------------------------------

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools that were approved, of the servers that are on."""
        return self._specs

    @property
    def sandbox(self) -> SandboxState | None:
        """None: servers run outside the sandbox that holds commands."""
        return None

    def run(self, run: ToolRun, on_output: Callable[[str], None], on_done: Callable[[ToolResult], None]) -> int:
        """Run a call; a server that was lost is started again for it."""
        request, self._next_request = self._next_request, self._next_request + 1
        found = self._tools.get(run.name)
        if found is None:
            self._refused.append((on_done, failure(f"There is no tool {run.name} now.")))
            return request
        connection, tool = found

        def on_result(result: ToolResult) -> None:
            self._requests.pop(request, None)
            on_done(result)

        command = CallTool(
            request=request, tool=tool.name, arguments=run.arguments, time_limit_s=max(run.time_limit_s, 0.1)
        )
        self._requests[request] = connection
        if words := connection.call(command, on_output, on_result):
            self._requests.pop(request, None)
            self._refused.append((on_done, failure(words)))
        return request

    def cancel(self, request: int) -> None:
        """End a call; ``on_done`` still hears its result."""
        if connection := self._requests.get(request):
            connection.cancel(request)

    # --- small parts --------------------------------------------------------------------------------

    def _add(self, server: McpServer) -> Connection:
        connection = Connection(server, self._make_transport(), self._around)
        connection.set_roots(self._roots)
        self._connections[server.name] = connection
        return connection

    def _retire(self, connection: Connection) -> None:
        connection.stop()
        self._gone.append(connection)

    def _on_change(self) -> None:
        specs: list[ToolSpec] = []
        self._tools = {}
        for server in self._file.servers:
            connection = self._connections[server.name]
            for tool in sorted(connection.offered, key=lambda tool: tool.name):
                spec = _spec(server.name, tool, self._tools)
                self._tools[spec.name] = (connection, tool)
                specs.append(spec)
        self._specs = tuple(specs)
        self._tell_change()

    def _view(self, connection: Connection) -> ServerView:
        source = SOURCE_PREFIX + connection.server.name
        return ServerView(
            server=connection.server,
            state=connection.state,
            words=connection.words,
            detail=connection.detail,
            review=connection.review,
            specs=tuple(spec for spec in self._specs if spec.source == source),
            listed=connection.listed,
            about=connection.server_words,
            instructions=connection.instructions,
        )


def _spec(server: str, tool: ToolInfo, taken: Mapping[str, object]) -> ToolSpec:
    return ToolSpec(
        name=tool_name(server, tool.name, taken),
        description=tool.description,
        parameters=tool.parameters,
        kind="external",
        main_argument=next(iter(tool.parameters.get("required", ())), ""),
        icon=ICON,
        source=SOURCE_PREFIX + server,
        title=tool.title or tool.name,
    )
