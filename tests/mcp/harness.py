"""The servers with their real child processes, driven from a test."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from app.errors import AppError
from app.ipc.launch import clean_environment
from app.ipc.popen_transport import PopenTransport
from app.tools.mcp.approval import Approvals
from app.tools.mcp.config import McpFile, McpServer
from app.tools.mcp.servers import McpServers, ServerView
from app.tools.tool import ToolResult, ToolRun

LIMIT_S = 15.0
SCRIPT = str(Path(__file__).with_name("server.py"))


def server_of(kind: str, *arguments: str, **fields: Any) -> McpServer:
    """Return a server of that kind, called like its kind."""
    return McpServer(name=kind, command=sys.executable, args=(SCRIPT, kind, *arguments), **fields)


class Stable:
    """``McpServers`` on files in a folder, with time that can be moved on."""

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        self.file = McpFile(folder / "mcp.json")
        self.approvals = Approvals(folder / "mcp_approvals.json")
        self.notices: list[AppError] = []
        self.changes = 0
        self.ahead_s = 0.0
        self._transports: list[PopenTransport] = []
        self.servers = McpServers(
            self._make_transport,
            self.file,
            self.approvals,
            folder / "neutral",
            on_change=self._on_change,
            on_notice=self.notices.append,
            environment=environment,
            clock=lambda: time.monotonic() + self.ahead_s,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.servers.close()

    def view(self, name: str) -> ServerView:
        return next(view for view in self.servers.views if view.server.name == name)

    def pids(self) -> list[int]:
        return [transport.pid for transport in self._transports if transport.pid is not None]

    def until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LIMIT_S
        while not is_so():
            states = [(view.server.name, view.state, view.words) for view in self.servers.views]
            assert time.monotonic() < deadline, states
            for transport in self._transports:
                transport.pump(0.005)
            self.servers.tick()

    def until_state(self, name: str, *states: str) -> ServerView:
        self.until(lambda: self.view(name).state in states)
        return self.view(name)

    def approve(self, name: str) -> ServerView:
        """Approve whatever is asked of a server until it is ready."""
        while (view := self.until_state(name, "ready", "needs_approval", "changed")).state != "ready":
            assert view.review is not None
            self.servers.approve(name, view.review.key)
        return view

    def add(self, server: McpServer) -> ServerView:
        """Add a server, and approve it."""
        self.servers.save(server)
        return self.approve(server.name)

    def start(self, tool: str, limit_s: float = 30.0, **arguments: Any) -> tuple[int, list[ToolResult], list[str]]:
        results: list[ToolResult] = []
        output: list[str] = []
        run = ToolRun(call_id="1", name=tool, arguments=arguments, workspace="/", run_key="r", time_limit_s=limit_s)
        return self.servers.run(run, output.append, results.append), results, output

    def call(self, tool: str, limit_s: float = 30.0, **arguments: Any) -> ToolResult:
        _, results, _ = self.start(tool, limit_s, **arguments)
        self.until(lambda: bool(results))
        return results[0]

    def _make_transport(self) -> PopenTransport:
        self._transports.append(PopenTransport(clean_environment()))
        return self._transports[-1]

    def _on_change(self) -> None:
        self.changes += 1
