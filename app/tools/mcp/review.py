"""What a person is shown before a server is started or its tools are offered, and what changed since. Pure."""

from __future__ import annotations

import ipaddress
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from app.tools.mcp.approval import StartFacts, tools_key
from app.tools.mcp.config import McpServer, references
from app.tools.mcp.messages import ToolInfo
from app.tools.mcp.text import reveal

OUTSIDE_SANDBOX = (
    "It runs with your rights and outside the sandbox that holds commands: it can read and change whatever you "
    "can, and use the network. It gets a few ordinary variables of your environment and those named here."
)
#: Programs that fetch what they run; the hash of the program says nothing about that.
_FETCHERS = frozenset({"npx", "bunx", "pnpx", "uvx", "pipx", "docker", "podman", "deno"})
_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "fish", "cmd", "powershell", "pwsh"})
#: Variables by which another program or library gets to run inside this one.
_LOADING_NAMES = frozenset(
    {
        "NODE_OPTIONS",
        "NODE_PATH",
        "PATH",
        "PERL5OPT",
        "PYTHONHOME",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "RUBYOPT",
        "BASH_ENV",
    }
)
_LOADING_PREFIXES = ("LD_", "DYLD_")


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was approved; ``before`` is empty for what is new, ``after`` for what is gone."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Review:
    """What is to be approved.

    Attributes:
        kind: "start": that the server is started or reached; "tools": that its tools are offered to models.
        key: The hash of exactly this; an approval has to name it.
        facts: Labels and texts, hidden characters made visible.
        changes: What is not as it was approved before; empty the first time.
        warnings: What a reader might overlook.
    """

    server: str
    kind: Literal["start", "tools"]
    key: str
    is_change: bool
    facts: tuple[tuple[str, str], ...] = ()
    changes: tuple[Change, ...] = ()
    tools: tuple[ToolInfo, ...] = ()
    warnings: tuple[str, ...] = ()


def start_review(server: McpServer, facts: StartFacts, approved: StartFacts | None) -> Review:
    """Return what is to be approved before a server is started or reached."""
    return Review(
        server=server.name,
        kind="start",
        key=facts.key,
        is_change=approved is not None,
        facts=tuple(_start_lines(server, facts)),
        changes=() if approved is None else tuple(_start_changes(approved, facts)),
        warnings=tuple(_warnings(server)),
    )


def tools_review(server: McpServer, tools: tuple[ToolInfo, ...], approved: tuple[ToolInfo, ...] | None) -> Review:
    """Return what is to be approved before a server's tools are offered."""
    return Review(
        server=server.name,
        kind="tools",
        key=tools_key(tools),
        is_change=approved is not None,
        changes=() if approved is None else tuple(_tool_changes(approved, tools)),
        tools=tools,
        warnings=tuple(f"{tool.name}: {note}" for tool in tools for note in tool.notes),
    )


def command_line(server: McpServer) -> str:
    """Return a server's command as one line, hidden characters and line ends made visible."""
    return _line(shlex.join((server.command, *server.args)))


def _line(text: str) -> str:
    return reveal(text).replace("\n", "\u27e8U+000A\u27e9").replace("\t", "\u27e8U+0009\u27e9")


def _start_lines(server: McpServer, facts: StartFacts) -> Iterator[tuple[str, str]]:
    if not server.is_program:
        yield "Address", _line(server.url)
        if server.headers:
            yield "Headers", ", ".join(map(_line, server.headers))
    else:
        yield "Command", command_line(server)
        yield "Program", _line(facts.program)
        yield "Started in", _line(server.cwd) or "an empty folder of its own"
    if server.env:
        yield "Variables", ", ".join(map(_line, server.env))
    if taken := references(server.env.values()):
        yield "Of your environment", ", ".join(taken)
    if server.source:
        yield "Imported from", _line(server.source)
    for path, sha256 in facts.files.items():
        yield f"SHA-256 of {_line(PurePath(path).name)}", sha256


def _warnings(server: McpServer) -> Iterator[str]:
    if not server.is_program:
        parts = urlsplit(server.url)
        yield f"What a model passes to its tools is sent to {_line(parts.hostname or server.url)}."
        if parts.scheme != "https" and not _is_this_machine(parts.hostname or ""):
            yield "The connection is not encrypted: headers and all else can be read and changed on the way."
        return
    yield OUTSIDE_SANDBOX
    name = PurePath(server.command).stem.lower()
    if name in _FETCHERS:
        yield f"{name} fetches what it runs. Only the command is bound by your approval, not what is fetched for it."
    if name in _SHELLS:
        yield "It is a shell: what it runs is in its arguments."
    loading = [name for name in server.env if name in _LOADING_NAMES or name.startswith(_LOADING_PREFIXES)]
    if loading:
        yield f"{', '.join(map(_line, loading))} can make other code run inside the program."
    if "\u27e8U+" in command_line(server):
        yield "There are hidden characters in the command."


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _start_changes(old: StartFacts, new: StartFacts) -> Iterator[Change]:
    old_line, new_line = (shlex.join((facts.command, *facts.args)) if facts.command else "" for facts in (old, new))
    for what, before, after in (
        ("Command", old_line, new_line),
        ("Program", old.program, new.program),
        ("Started in", old.cwd, new.cwd),
        ("Address", old.url, new.url),
    ):
        if before != after:
            yield Change(what, _line(before), _line(after))
    yield from _digest_changes("Contents of", old.files, new.files)
    yield from _digest_changes("Variable", old.env, new.env)
    yield from _digest_changes("Header", old.headers, new.headers)


def _digest_changes(what: str, old: dict[str, str], new: dict[str, str]) -> Iterator[Change]:
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            short = [f"SHA-256 {digests[name][:12]}…" if name in digests else "" for digests in (old, new)]
            yield Change(f"{what} {_line(name)}", *short)


def _tool_changes(old: tuple[ToolInfo, ...], new: tuple[ToolInfo, ...]) -> Iterator[Change]:
    before, after = ({tool.name: tool for tool in tools} for tools in (old, new))
    for name in sorted({*before, *after}):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            yield Change(f"Tool {name}", _text(was), _text(now))
        elif was.digest != now.digest:
            yield from _parts_changed(was, now)


def _parts_changed(was: ToolInfo, now: ToolInfo) -> Iterator[Change]:
    parts = (
        ("description", was.description, now.description),
        ("arguments", _json(was), _json(now)),
        ("title", was.title, now.title),
    )
    changed = [Change(f"{was.name}: {what}", before, after) for what, before, after in parts if before != after]
    if not changed:
        short = [f"SHA-256 {tool.digest[:12]}…" for tool in (was, now)]
        changed = [Change(f"{was.name}: a part that is not shown, such as its results", *short)]
    yield from changed


def _text(tool: ToolInfo | None) -> str:
    return "" if tool is None else f"{tool.description}\n{_json(tool)}"


def _json(tool: ToolInfo) -> str:
    return msgspec.json.format(msgspec.json.encode(tool.parameters), indent=2).decode()
