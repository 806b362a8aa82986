"""The words for states and tools of MCP servers, and between a server and the fields of its form. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.errors import AppError
from app.tools.mcp.config import McpServer
from app.tools.mcp.connection import ServerState
from app.tools.mcp.servers import ServerView

#: Words and the level of a badge for each state.
STATE_WORDS: dict[ServerState, tuple[str, str]] = {
    "off": ("Off", ""),
    "starting": ("Starting", "accent"),
    "needs_approval": ("Needs your approval", "warning"),
    "changed": ("Changed, locked", "warning"),
    "ready": ("Ready", "success"),
    "failed": ("Failed", "danger"),
    "ended": ("Ended", "danger"),
}


@dataclass(frozen=True)
class Fields:
    """What stands in the form of a server."""

    name: str = ""
    is_program: bool = True
    command: str = ""
    folder: str = ""
    url: str = ""
    variables: str = ""
    headers: str = ""


def fields_of(server: McpServer) -> Fields:
    """Return the fields that show a server."""
    return Fields(
        name=server.name,
        is_program=server.is_program,
        command=shlex.join((server.command, *server.args)) if server.is_program else "",
        folder=server.cwd,
        url=server.url,
        variables=_lines(server.env, "="),
        headers=_lines(server.headers, ": "),
    )


def server_of(fields: Fields, *, is_enabled: bool, source: str) -> McpServer:
    """Return the server that fields describe.

    Raises:
        AppError: A field cannot be understood; which one, and why.
    """
    name = fields.name.strip()
    if not name:
        raise AppError("The server needs a name")
    env = _pairs(fields.variables, "=", "The environment variables were not understood")
    if fields.is_program:
        command, *args = _command(fields.command)
        return McpServer(
            name=name,
            command=command,
            args=tuple(args),
            env=env,
            cwd=fields.folder.strip(),
            is_enabled=is_enabled,
            source=source,
        )
    url = fields.url.strip()
    if not url.startswith(("http://", "https://")):
        raise AppError("The address was not understood", "It begins with https:// or http://.")
    headers = _pairs(fields.headers, ":", "The headers were not understood")
    return McpServer(name=name, url=url, headers=headers, env=env, is_enabled=is_enabled, source=source)


def tools_words(view: ServerView, counts: Sequence[int] | None) -> str:
    """Return how many tools a server offers, and what they cost in every prompt."""
    count = len(view.specs)
    if not count:
        return f"{len(view.listed)} tools, locked" if view.review and view.listed else ""
    words = f"{count} tool{'s' if count != 1 else ''}"
    left_out = sum(1 for tool in view.listed if tool.problem)
    if left_out:
        words += f", {left_out} left out"
    return words if counts is None else f"{words}  ·  {sum(counts):,} tokens in every prompt"


def free_name(name: str, taken: Sequence[str]) -> str:
    """Return a name that no other server has."""
    number, free = 2, name
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free


def _command(text: str) -> list[str]:
    title = "The command was not understood"
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise AppError(title, f"{error}.", "Quotes come in pairs, as in a shell.") from error
    if not words:
        raise AppError("The server needs a command")
    return words


def _lines(pairs: Mapping[str, str], separator: str) -> str:
    return "\n".join(f"{name}{separator}{value}" for name, value in pairs.items())


def _pairs(text: str, separator: str, title: str) -> dict[str, str]:
    pairs = {}
    for line in filter(str.strip, text.splitlines()):
        name, found, value = line.partition(separator)
        if not found or not name.strip():
            raise AppError(title, f"“{line.strip()[:60]}” has no “{separator}”.", "Write one to a line.")
        pairs[name.strip()] = value.strip()
    return pairs
