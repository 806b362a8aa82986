"""MCP servers on the window's event loop: their processes, their pulse, and the words of their failures."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.errors import AppError
from app.ipc.launch import clean_environment
from app.paths import Paths
from app.tools.mcp.approval import Approvals
from app.tools.mcp.config import McpFile, McpServer
from app.tools.mcp.servers import McpServers, ServerView
from app.tools.tool import ToolSpec
from ui.process_transport import QtProcessTransport

if TYPE_CHECKING:
    from app.tools.mcp.importing import FoundFile, ReadFile

TICK_MS = 250
FILE = "mcp.json"
APPROVALS = "mcp_approvals.json"
#: Counts the tokens of each tool as the model in memory reads it; answers None where there is no model.
CountTokens = Callable[[tuple[ToolSpec, ...], Callable[[tuple[int, ...] | None], None]], None]


class McpControl(QObject):
    """Owns the servers; ``servers`` is the ``ToolRunner`` for their tools. ``close`` ends them all.

    Nothing is started before ``connect_servers``, and then only what was approved as it is.

    Args:
        on_error: Shows words of a failure: a server was lost, a file could not be read or written.
        count_tokens: See ``CountTokens``; None while there is nothing that counts.

    Signals:
        changed(): States, tools, or what waits for approval are not as before.
    """

    changed = Signal()

    def __init__(
        self,
        paths: Paths,
        on_error: Callable[[AppError], None],
        count_tokens: CountTokens | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.count_tokens = count_tokens
        self._on_error = on_error
        self._workspace = ""
        self.servers = McpServers(
            self._make_transport,
            McpFile(paths.config / FILE),
            Approvals(paths.config / APPROVALS),
            paths.cache / "mcp",
            on_change=self.changed.emit,
            on_notice=on_error,
        )
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self.servers.tick)
        self._tick.start()
        for notice in self.servers.notices:
            on_error(notice)

    @property
    def views(self) -> tuple[ServerView, ...]:
        """Every server as it is now."""
        return self.servers.views

    def connect_servers(self) -> None:
        """Start every server that is on and was approved as it is."""
        self.servers.connect()

    def set_workspace(self, folder: str) -> None:
        """Tell the servers which folder is worked in; "" for none. Starts nothing."""
        self._workspace = folder
        self.servers.set_workspace(folder)

    def approve(self, name: str, key: str) -> None:
        """Approve what was shown of a server under that key."""
        self._try(lambda: self.servers.approve(name, key))

    def save(self, server: McpServer, old_name: str = "") -> bool:
        """Add or change a server; tell whether that was possible."""
        return self._try(lambda: self.servers.save(server, old_name))

    def set_enabled(self, name: str, is_enabled: bool) -> None:
        """Turn a server on or off."""
        self._try(lambda: self.servers.set_enabled(name, is_enabled))

    def remove(self, name: str) -> None:
        """Forget a server."""
        self._try(lambda: self.servers.remove(name))

    def restart(self, name: str) -> None:
        """Start a server anew."""
        self.servers.restart(name)

    def find_files(self) -> tuple[FoundFile, ...]:
        """Return the configurations of other programs that are there; only when the user asks for them."""
        from app.tools.mcp.importing import find_files  # noqa: PLC0415 - a start has no use for it

        return find_files(Path.home(), Path(self._workspace) if self._workspace else None, os.environ)

    def read_file(self, file: FoundFile) -> ReadFile:
        """Read one of them. Raises ``AppError``."""
        from app.tools.mcp.importing import read_file  # noqa: PLC0415 - as above

        return read_file(file, Path.home())

    def close(self) -> None:
        """End every server."""
        self._tick.stop()
        self.servers.close()

    def _make_transport(self) -> QtProcessTransport:
        return QtProcessTransport(clean_environment(), self)

    def _try(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except AppError as error:
            self._on_error(error)
            self.changed.emit()
            return False
        return True
