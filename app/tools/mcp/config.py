"""Which servers there are: one JSON file in the form that all MCP clients share, readable by its owner alone."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import msgspec

from app.errors import AppError
from app.settings import write_atomically

MAX_FILE_BYTES = 4 * 1024 * 1024
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}")
_KNOWN = frozenset({"command", "args", "env", "cwd", "url", "headers", "disabled", "type", "source"})


class McpServer(msgspec.Struct, frozen=True, kw_only=True):
    """A server: a program that is started (``command``), or one that is reached over HTTP (``url``).

    Attributes:
        name: As the user calls it; unique in the file.
        args: May hold ``${NAME}``, a name of ``env``; ``url`` and ``headers`` too.
        env: The variables it gets beside a few ordinary ones. A value may hold ``${NAME}``, which is taken
            from Sawhorse's own environment at the start, or ``${NAME:-default}``. Values are secrets.
        cwd: The folder it is started in; empty for an empty folder of Sawhorse's own.
        url: Of its streamable HTTP endpoint; empty for a program.
        headers: Sent with every request. Values are secrets.
        source: Where it was imported from, for people; empty when it was entered by hand.
    """

    name: str
    command: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}
    cwd: str = ""
    url: str = ""
    headers: dict[str, str] = {}
    is_enabled: bool = True
    source: str = ""

    def __repr__(self) -> str:
        """Name it without its secrets, for logs."""
        return f"McpServer({self.name!r}, {self.command or self.url.partition('?')[0]!r})"

    @property
    def is_program(self) -> bool:
        """Whether it is started here, and not reached over HTTP."""
        return not self.url


def references(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the names that stand as ``${NAME}`` in texts, each once, in order."""
    return tuple(dict.fromkeys(match[1] for text in texts for match in _REFERENCE.finditer(text)))


def expanded(server: McpServer, environment: Mapping[str, str]) -> McpServer:
    """Return the server with every ``${NAME}`` replaced: of ``env`` from ``environment``, of the rest from ``env``.

    Raises:
        AppError: A name has no value; which one, and where.
    """
    env = {name: _filled(value, environment, server, f"its variable {name}") for name, value in server.env.items()}
    return msgspec.structs.replace(
        server,
        env=env,
        args=tuple(_filled(text, env, server, "its arguments") for text in server.args),
        url=_filled(server.url, env, server, "its address"),
        headers={name: _filled(text, env, server, f"its header {name}") for name, text in server.headers.items()},
    )


def _filled(text: str, values: Mapping[str, str], server: McpServer, where: str) -> str:
    def value(match: re.Match[str]) -> str:
        default: str | None = match[2]
        found = values.get(match[1], default)
        if found is None:
            hint = (
                f"Set {match[1]} before Sawhorse is started, or write the value into the server's settings."
                if where.startswith("its variable")
                else f"Add {match[1]} to the server's environment variables."
            )
            raise AppError(f"The server “{server.name}” cannot be started", f"{match[1]} is not set; {where}", hint)
        return found

    return _REFERENCE.sub(value, text)


class McpFile:
    """Reads and writes the servers; keys it does not know are kept, ``notices`` says what could not be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notices: list[AppError] = []
        self._raw: dict[str, Any] = {}  # the file as it was read, for the keys that are not ours
        self.servers: tuple[McpServer, ...] = self._read()

    def find(self, name: str) -> McpServer | None:
        """Return the server of that name."""
        return next((server for server in self.servers if server.name == name), None)

    def put(self, server: McpServer, old_name: str = "") -> None:
        """Add a server or change it; ``old_name`` is what it was called before.

        Raises:
            AppError: The name is another server's, or the file cannot be written.
        """
        old_name = old_name or server.name
        names = [other.name for other in self.servers]
        if server.name != old_name and server.name in names:
            raise AppError(f"There is a server called “{server.name}” already", "", "Choose another name.")
        if old_name in names:
            servers = tuple(server if other.name == old_name else other for other in self.servers)
        else:
            servers = (*self.servers, server)
        entries = cast("dict[str, Any]", self._raw.get("mcpServers", {}))
        if server.name != old_name and old_name in entries:
            self._raw["mcpServers"] = {
                (server.name if name == old_name else name): entry for name, entry in entries.items()
            }
        self._write(servers)

    def remove(self, name: str) -> None:
        """Remove a server. Raises as ``put``."""
        entries = cast("dict[str, Any]", self._raw.get("mcpServers", {}))
        entries.pop(name, None)
        self._write(tuple(server for server in self.servers if server.name != name))

    def _read(self) -> tuple[McpServer, ...]:
        try:
            raw = msgspec.json.decode(self.path.read_bytes())
        except FileNotFoundError:
            return ()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            self._set_aside(str(error))
            return ()
        if not isinstance(raw, dict) or not isinstance(raw.get("mcpServers", {}), dict):
            self._set_aside("it does not hold an object of servers")
            return ()
        self._raw = raw
        with contextlib.suppress(OSError):
            self.path.chmod(0o600)  # somebody may have put it there with an editor
        servers = []
        for name, entry in raw.get("mcpServers", {}).items():
            try:
                servers.append(server_from(name, entry))
            except AppError as error:
                self.notices.append(error)
        return tuple(servers)

    def _set_aside(self, reason: str) -> None:
        aside = self.path.with_name(self.path.name + ".bad")
        with contextlib.suppress(OSError):
            self.path.replace(aside)
        message = f"{self.path.name} is damaged ({reason}) and was kept as {aside.name}."
        self.notices.append(AppError("The MCP servers could not be read", message, "Add or import them again."))

    def _write(self, servers: tuple[McpServer, ...]) -> None:
        old = cast("dict[str, Any]", self._raw.get("mcpServers", {}))
        # Entries that were not understood stay in the file as they are.
        kept = {name: entry for name, entry in old.items() if self.find(name) is None}
        entries = {**kept, **{server.name: _entry(server, old.get(server.name)) for server in servers}}
        raw = {**self._raw, "mcpServers": entries}
        try:
            write_atomically(self.path, msgspec.json.format(msgspec.json.encode(raw), indent=2))
        except OSError as error:
            raise AppError(
                "The MCP servers could not be saved", f"{self.path}: {error.strerror or error}.", "Nothing was changed."
            ) from error
        self._raw, self.servers = raw, servers


def server_from(name: str, entry: object) -> McpServer:
    """Return a server from an entry of a file.

    Raises:
        AppError: It cannot be understood; why.
    """
    title = f"The MCP server “{name}” was not understood"
    if not isinstance(entry, dict):
        raise AppError(title, "Its entry is not an object.", "Mend or remove it in the file.")
    fields = {key: value for key, value in entry.items() if key in _KNOWN and value is not None}
    if fields.pop("type", "") == "sse":
        raise AppError(title, "It uses the old SSE transport.", "Ask for its streamable HTTP address.")
    is_off = fields.pop("disabled", False)
    try:
        server = msgspec.convert({**fields, "name": name, "is_enabled": is_off is not True}, McpServer)
    except msgspec.ValidationError as error:
        raise AppError(title, f"{error}.", "Mend or remove it in the file.") from error
    if not name.strip() or bool(server.command) == bool(server.url):
        raise AppError(title, "It needs a name, and either a command or a url.", "Mend or remove it in the file.")
    return server


def _entry(server: McpServer, old: object) -> dict[str, Any]:
    unknown = {key: value for key, value in old.items() if key not in _KNOWN} if isinstance(old, dict) else {}
    known: dict[str, Any] = (
        {"command": server.command, "args": server.args, "cwd": server.cwd}
        if server.is_program
        else {"type": "http", "url": server.url, "headers": server.headers}
    )
    known |= {"env": server.env, "source": server.source}
    entry = {key: value for key, value in known.items() if value or key == "args"}
    return {**unknown, **entry, **({} if server.is_enabled else {"disabled": True})}
