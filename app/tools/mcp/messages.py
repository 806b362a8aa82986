"""The messages between the window and the process that holds the connection to one MCP server."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from app.tools.tool import ToolResult


class LaunchPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How a server is reached, with every reference filled in; it holds secrets.

    Attributes:
        env: The whole environment of the program.
        folder: Where the program is started.
        roots: Folders the server is told to work in.
    """

    command: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}
    folder: str = ""
    url: str = ""
    headers: dict[str, str] = {}
    roots: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Name it without its secrets, for logs."""
        return f"LaunchPlan({self.command or 'http'})"


class ToolInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A tool as a server lists it, made fit to be read.

    Attributes:
        parameters: Its JSON Schema; strings that a model reads in it are cleaned too.
        digest: SHA-256 of the tool exactly as the server sent it; any change shows in it.
        is_read_only: What the server claims. Nothing is decided by it.
        notes: What was found in it: hidden characters, cut texts.
        problem: Why it cannot be offered to a model; empty when it can.
    """

    name: str
    description: str = ""
    parameters: dict[str, Any] = {}
    digest: str
    title: str = ""
    is_read_only: bool = False
    notes: tuple[str, ...] = ()
    problem: str = ""


class HostCommand(msgspec.Struct, frozen=True, kw_only=True, tag_field="command"):
    """Something the process is asked to do."""


class Inspect(HostCommand, tag="inspect", frozen=True, kw_only=True):
    """Find the program and hash it; nothing of it is started. The first command. Answers: Inspected or Ended."""

    plan: LaunchPlan


class Connect(HostCommand, tag="connect", frozen=True, kw_only=True):
    """Start or reach what was inspected. Answers: Connected or Ended."""


class ListTools(HostCommand, tag="list_tools", frozen=True, kw_only=True):
    """List the tools again. Answers: ToolsChanged."""


class SetRoots(HostCommand, tag="set_roots", frozen=True, kw_only=True):
    """Tell the server other folders to work in."""

    roots: tuple[str, ...]


class CallTool(HostCommand, tag="call", frozen=True, kw_only=True):
    """Call a tool. Answers: Progress…, then CallDone."""

    request: int
    tool: str
    arguments: dict[str, Any]
    time_limit_s: float


class CancelCall(HostCommand, tag="cancel", frozen=True, kw_only=True):
    """End a call; its CallDone says "cancelled"."""

    request: int


class Disconnect(HostCommand, tag="disconnect", frozen=True, kw_only=True):
    """End the server and this process."""


AnyHostCommand = Inspect | Connect | ListTools | SetRoots | CallTool | CancelCall | Disconnect


class HostEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Something the process answers."""


class Inspected(HostEvent, tag="inspected", frozen=True, kw_only=True):
    """What would be run.

    Attributes:
        program: Absolute path; empty for a server reached over HTTP.
        files: SHA-256 by path of the program and of the scripts among its arguments.
    """

    program: str = ""
    files: dict[str, str] = {}


class Connected(HostEvent, tag="connected", frozen=True, kw_only=True):
    """The server answered.

    Attributes:
        server: Its own name and version.
        protocol: The version of the protocol that was agreed on.
        instructions: What it would have models told; shown to people only.
    """

    server: str
    protocol: str
    tools: tuple[ToolInfo, ...]
    instructions: str = ""


class ToolsChanged(HostEvent, tag="tools_changed", frozen=True, kw_only=True):
    """The tools there are now."""

    tools: tuple[ToolInfo, ...]


class Progress(HostEvent, tag="progress", frozen=True, kw_only=True):
    """A call tells how far it is."""

    request: int
    text: str


class CallDone(HostEvent, tag="call_done", frozen=True, kw_only=True):
    """A call ended."""

    request: int
    result: ToolResult


class LogLine(HostEvent, tag="log", frozen=True, kw_only=True):
    """The server wrote to its log or to standard error."""

    text: str


class Ended(HostEvent, tag="ended", frozen=True, kw_only=True):
    """The connection is over, or never came about; the last event.

    Attributes:
        reason: "refused": it cannot be started or reached as configured; "lost": it ended by itself;
            "hung": it did not answer and was ended; "stopped": it was asked for.
        message: Why, in a sentence.
        detail: The last lines of its standard error.
    """

    reason: Literal["refused", "lost", "hung", "stopped"]
    message: str
    hint: str = ""
    detail: str = ""


AnyHostEvent = Inspected | Connected | ToolsChanged | Progress | CallDone | LogLine | Ended
