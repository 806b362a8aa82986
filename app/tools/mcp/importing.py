"""Servers that other programs are configured with: found and read only when the user asks, never started by it.

Forms and places, as each program documents them: Claude Code (``.mcp.json``, ``~/.claude.json``), Claude Desktop,
Cursor, Windsurf, Cline, LM Studio and Gemini CLI keep ``mcpServers``; Visual Studio Code keeps ``servers``;
Zed keeps ``context_servers`` among its settings.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from app.errors import AppError
from app.tools.mcp import jsonc
from app.tools.mcp.config import MAX_FILE_BYTES, McpServer, references, server_from
from app.tools.mcp.variables import Variables

#: Where an object of servers may lie in a file; the first that is there counts.
_KEYS = ("mcpServers", "servers", "context_servers")
#: Spellings of the address of a streamable HTTP server.
_URL_KEYS = ("url", "serverUrl", "httpUrl")
_HTTP_TYPES = frozenset({"http", "streamable-http", "streamableHttp", "streamable_http", "remote"})


@dataclass(frozen=True)
class FoundFile:
    """A file that may hold servers.

    Attributes:
        program: Whose it is, for people.
        workspace: The folder whose file it is; None for the user's own.
    """

    program: str
    path: Path
    workspace: Path | None = None

    @property
    def words(self) -> str:
        """Return the program and the path."""
        return f"{self.program}, {self.path}"


@dataclass(frozen=True)
class ReadFile:
    """What was read: servers, all of them off, and what could not be taken over as it was, in words."""

    file: FoundFile
    servers: tuple[McpServer, ...]
    notes: tuple[str, ...]


def find_files(home: Path, workspace: Path | None, environment: Mapping[str, str]) -> tuple[FoundFile, ...]:
    """Return the files there are in the usual places; none of them is read."""
    places = list(_user_places(home, environment))
    if workspace is not None:
        places += [
            FoundFile("This folder", workspace / ".mcp.json", workspace),
            FoundFile("This folder (Cursor)", workspace / ".cursor" / "mcp.json", workspace),
            FoundFile("This folder (VS Code)", workspace / ".vscode" / "mcp.json", workspace),
            FoundFile("This folder (Zed)", workspace / ".zed" / "settings.json", workspace),
        ]
    return tuple(place for place in places if place.path.is_file())


def read_file(file: FoundFile, home: Path) -> ReadFile:
    """Return the servers of a file.

    Raises:
        AppError: It cannot be read.
    """
    title = f"{file.path.name} could not be read"
    try:
        if file.path.stat().st_size > MAX_FILE_BYTES:
            raise AppError(title, f"It is larger than {MAX_FILE_BYTES // 1024**2} MiB.", str(file.path))
        document = jsonc.decode(file.path.read_bytes())
    except OSError as error:
        raise AppError(title, f"{error.strerror or error}.", str(file.path)) from error
    except ValueError as error:
        raise AppError(title, f"It is not JSON: {error}.", str(file.path)) from error
    servers: dict[str, McpServer] = {}
    notes: list[str] = []
    for name, entry in _entries(document, file.workspace):
        try:
            server, remarks = _server(name, entry, file, home)
        except AppError as error:
            notes.append(f"{name}: {error.message} {error.hint}".strip())
            continue
        servers.setdefault(name, server)
        notes += [f"{name}: {remark}" for remark in remarks]
    return ReadFile(file, tuple(servers.values()), tuple(notes))


def _user_places(home: Path, environment: Mapping[str, str]) -> Iterator[FoundFile]:
    settings = _settings_folder(home, environment)
    code = settings / "Code" / "User"
    cline = Path("globalStorage") / "saoudrizwan.claude-dev" / "settings" / "cline_mcp_settings.json"
    zed = (home / ".config" if sys.platform == "darwin" else settings) / ("Zed" if sys.platform == "win32" else "zed")
    yield FoundFile("Claude Code", home / ".claude.json")
    yield FoundFile("Claude Desktop", settings / "Claude" / "claude_desktop_config.json")
    yield FoundFile("Cline", code / cline)
    yield FoundFile("Cursor", home / ".cursor" / "mcp.json")
    yield FoundFile("Gemini CLI", home / ".gemini" / "settings.json")
    yield FoundFile("LM Studio", home / ".lmstudio" / "mcp.json")
    yield FoundFile("Visual Studio Code", code / "mcp.json")
    yield FoundFile("Windsurf", home / ".codeium" / "windsurf" / "mcp_config.json")
    yield FoundFile("Zed", zed / "settings.json")


def _settings_folder(home: Path, environment: Mapping[str, str]) -> Path:
    if sys.platform == "darwin":
        return home / "Library" / "Application Support"
    if sys.platform == "win32":
        return Path(environment.get("APPDATA") or home / "AppData" / "Roaming")
    return Path(environment.get("XDG_CONFIG_HOME") or home / ".config")


def _entries(document: object, workspace: Path | None) -> Iterator[tuple[str, object]]:
    """Yield names and entries; those that ``~/.claude.json`` keeps for single projects are left alone."""
    if not isinstance(document, dict):
        return
    entries: dict[str, object] = next((document[key] for key in _KEYS if isinstance(document.get(key), dict)), {})
    yield from entries.items()
    if workspace is not None:
        project = (document.get("projects") or {}).get(str(workspace))
        if isinstance(project, dict) and isinstance(project.get("mcpServers"), dict):
            yield from project["mcpServers"].items()


def _server(name: str, entry: object, file: FoundFile, home: Path) -> tuple[McpServer, list[str]]:
    if not isinstance(entry, dict):
        return server_from(name, entry), []  # which says what is wrong
    variables = Variables(file.workspace, home)
    server = server_from(name, variables.translated(_common_form(entry)))
    texts = (*server.args, server.url, *server.headers.values())
    env = {**server.env, **{found: f"${{{found}}}" for found in references(texts) if found not in server.env}}
    remarks = list(variables.remarks)
    if "envFile" in entry:
        remarks.append("its envFile is not read; enter the variables it needs.")
    return msgspec.structs.replace(server, env=env, is_enabled=False, source=file.words), remarks


def _common_form(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with the keys that ``McpServer`` has."""
    form = {key: entry[key] for key in ("args", "env", "cwd", "headers") if entry.get(key) is not None}
    kind = entry.get("type") or entry.get("transport")
    if kind == "sse":
        form["type"] = "sse"
    url = next((entry[key] for key in _URL_KEYS if entry.get(key)), None)
    command = entry.get("command")
    if isinstance(command, dict):  # an older form of Zed's
        form |= {key: command[key] for key in ("args", "env") if command.get(key) is not None}
        command = command.get("path")
    if url is not None and (command is None or kind in _HTTP_TYPES):
        form["url"] = url
    elif command is not None:
        form["command"] = command
    if isinstance(form.get("env"), dict):
        form["env"] = {name: str(value) for name, value in form["env"].items() if value is not None}
    return form
