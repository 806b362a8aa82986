"""What was approved of each server, by hash: its command, and its list of tools word for word."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import Any

import msgspec

from app.errors import AppError
from app.settings import write_atomically
from app.tools.mcp.config import McpServer
from app.tools.mcp.listing import digest
from app.tools.mcp.messages import Inspected, ToolInfo

VERSION = 1


class StartFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides what starting a server does.

    Attributes:
        files: SHA-256 by path of the program and of the scripts among its arguments.
        env, headers: SHA-256 of each value as it was configured, by name: a value can decide what is run
            (NODE_OPTIONS), and must not be readable here.
    """

    command: str = ""
    args: tuple[str, ...] = ()
    cwd: str = ""
    program: str = ""
    files: dict[str, str] = {}
    env: dict[str, str] = {}
    url: str = ""
    headers: dict[str, str] = {}

    @property
    def key(self) -> str:
        """The hash that an approval is bound to."""
        return digest(self)


def start_facts(server: McpServer, found: Inspected) -> StartFacts:
    """Return the facts of a server's start, with what was found of its program."""
    return StartFacts(
        command=server.command,
        args=server.args,
        cwd=server.cwd,
        program=found.program,
        files=found.files,
        env={name: _sha256(value) for name, value in server.env.items()},
        url=server.url,
        headers={name: _sha256(value) for name, value in server.headers.items()},
    )


def tools_key(tools: tuple[ToolInfo, ...]) -> str:
    """Return the hash that an approval of a list of tools is bound to; their order does not matter."""
    return digest(sorted(tool.digest for tool in tools))


class _Approved(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one server; the hashes prove that the rest is what was approved."""

    start: StartFacts | None = None
    start_sha256: str = ""
    tools: tuple[ToolInfo, ...] | None = None
    tools_sha256: str = ""


class _File(msgspec.Struct, frozen=True, kw_only=True):
    version: int = VERSION
    servers: dict[str, _Approved] = {}


class Approvals:
    """Reads and writes the approvals; a damaged file approves nothing and is set aside."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.notices: list[AppError] = []
        self._file = self._read()

    def start_of(self, name: str) -> StartFacts | None:
        """Return the start that was approved last."""
        approved = self._of(name)
        if approved.start is None or approved.start.key != approved.start_sha256:
            return None
        return approved.start

    def tools_of(self, name: str) -> tuple[ToolInfo, ...] | None:
        """Return the tools that were approved last."""
        approved = self._of(name)
        return (
            approved.tools
            if approved.tools is not None and tools_key(approved.tools) == approved.tools_sha256
            else None
        )

    def approve_start(self, name: str, start: StartFacts) -> None:
        """Keep that a start was approved.

        Raises:
            AppError: It cannot be written down, so it is not approved.
        """
        self._put(name, start=start, start_sha256=start.key)

    def approve_tools(self, name: str, tools: tuple[ToolInfo, ...]) -> None:
        """Keep that a list of tools was approved. Raises as ``approve_start``."""
        self._put(name, tools=tools, tools_sha256=tools_key(tools))

    def forget(self, name: str) -> None:
        """Approve nothing of a server any more. Raises as ``approve_start``."""
        if name in self._file.servers:
            self._write({other: approved for other, approved in self._file.servers.items() if other != name})

    def _of(self, name: str) -> _Approved:
        return self._file.servers.get(name, _Approved())

    def _put(self, name: str, **fields: Any) -> None:
        approved = msgspec.structs.replace(self._of(name), **fields)
        self._write({**self._file.servers, name: approved})

    def _read(self) -> _File:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            return _File()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            aside = self._path.with_name(self._path.name + ".bad")
            with contextlib.suppress(OSError):
                self._path.replace(aside)
            message = f"{self._path.name} is damaged ({error}) and was kept as {aside.name}."
            self.notices.append(
                AppError("The approvals of MCP servers could not be read", message, "Every server is asked for again.")
            )
            return _File()

    def _write(self, servers: dict[str, _Approved]) -> None:
        file = _File(servers=servers)
        try:
            write_atomically(self._path, msgspec.json.format(msgspec.json.encode(file), indent=2))
        except OSError as error:
            message = f"{self._path}: {error.strerror or error}."
            raise AppError("The approval could not be saved", message, "The server stays locked.") from error
        self._file = file


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
