"""One server as the window sees it: its process, its state, what waits for approval, and its running calls."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from app.errors import AppError
from app.ipc.codec import FrameDecoder, FrameError, encode
from app.ipc.launch import child_command
from app.ipc.transport import ChildExit, Transport
from app.tools.mcp.approval import Approvals, StartFacts, start_facts, tools_key
from app.tools.mcp.config import McpServer, expanded
from app.tools.mcp.environment import server_environment
from app.tools.mcp.messages import (
    AnyHostEvent,
    CallDone,
    CallTool,
    CancelCall,
    Connect,
    Connected,
    Disconnect,
    Ended,
    HostCommand,
    Inspect,
    Inspected,
    LaunchPlan,
    LogLine,
    Progress,
    SetRoots,
    ToolInfo,
    ToolsChanged,
)
from app.tools.mcp.results import failure
from app.tools.mcp.review import Review, start_review, tools_review
from app.tools.tool import ToolResult

#: "needs_approval": never approved; "changed": not as it was approved; both offer no tool. "failed": it could
#: not be started or reached; "ended": it did, and was lost; a call starts it again.
ServerState = Literal["off", "starting", "needs_approval", "changed", "ready", "failed", "ended"]
KEPT_LOG_LINES = 500
#: Longer than the child takes to give up: silence beyond it means that the child itself hangs.
_START_LIMIT_S = 150.0
_CALL_GRACE_S = 20.0
_STOP_LIMIT_S = 5.0
_LONGEST_PAUSE_S = 60.0


class ClosableTransport(Transport, Protocol):
    """A transport that can also wait for its child's end."""

    def close(self) -> None:
        """End the child, at first by closing its input, and wait for it; no callback comes any more."""
        ...


@dataclass(frozen=True)
class Surroundings:
    """What every connection shares.

    Attributes:
        folder: Programs without a folder of their own are started in an empty one below it.
        on_change: Something to be shown changed.
        on_notice: A server was lost; words for the user.
    """

    approvals: Approvals
    environment: Mapping[str, str]
    folder: Path
    on_change: Callable[[], None]
    on_notice: Callable[[AppError], None]
    clock: Callable[[], float]


@dataclass
class _Call:
    command: CallTool
    on_output: Callable[[str], None]
    on_done: Callable[[ToolResult], None]
    deadline: float
    is_sent: bool = False


class Connection:
    """Starts a server when it may, and keeps its tools locked while they are not as they were approved."""

    def __init__(self, server: McpServer, transport: ClosableTransport, around: Surroundings) -> None:
        self.server = server
        self.state: ServerState = "off"
        self.words = ""
        self.detail = ""
        self.review: Review | None = None
        self.log: deque[str] = deque(maxlen=KEPT_LOG_LINES)
        self.server_words = ""
        self.instructions = ""
        self.listed: tuple[ToolInfo, ...] = ()  # as the server lists them now
        self.offered: tuple[ToolInfo, ...] = ()  # as they were approved
        self._transport = transport
        self._around = around
        self._roots: tuple[str, ...] = ()
        self._decoder: FrameDecoder[AnyHostEvent] = FrameDecoder(AnyHostEvent)
        self._facts: StartFacts | None = None
        self._calls: dict[int, _Call] = {}
        self._has_child = False
        self._is_ending = False  # by our wish
        self._is_closed = False
        self._kill_at: float | None = None  # when a child that was asked to end, or should have answered, is killed
        self._should_start = False  # again, once the child that is ending has ended
        self._ended: Ended | None = None
        self._losses = 0
        self._may_start_at = 0.0

    @property
    def has_child(self) -> bool:
        """Whether there is a process, be it one that is ending."""
        return self._has_child

    @property
    def is_locked(self) -> bool:
        """Whether something waits for approval."""
        return self.review is not None

    # --- verbs ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Inspect the server, and connect it if it was approved as it is."""
        self.review = None
        if self._has_child:
            self._should_start = True
            self._end_child()
            self._set("starting")
            return
        self._ended, self._should_start = None, False
        try:
            plan = self._plan()
        except (AppError, OSError) as error:
            self._fail(error.message if isinstance(error, AppError) else str(error), getattr(error, "hint", ""))
            return
        self._set("starting")
        self._decoder = FrameDecoder(AnyHostEvent)
        self._has_child, self._is_ending = True, False
        self._kill_at = self._around.clock() + _START_LIMIT_S
        self._transport.start(child_command("app.tools.mcp.host"), self._on_bytes, self._on_exit)
        self._write(Inspect(plan=plan))

    def stop(self) -> None:
        """End the server; its tools are offered no more."""
        self._should_start = False
        self.review, self.offered = None, ()
        self._end_calls("The server was turned off.")
        self._end_child()
        self._set("off")

    def approve(self, key: str) -> None:
        """Approve what was shown under ``key``; nothing, if that is not what waits any more.

        Raises:
            AppError: The approval cannot be written down.
        """
        review = self.review
        if review is None or review.key != key:
            return
        if review.kind == "start" and self._facts is not None:
            self._around.approvals.approve_start(self.server.name, self._facts)
            self.start()
        elif review.kind == "tools":
            self._around.approvals.approve_tools(self.server.name, self.listed)
            self._check_tools()

    def call(self, command: CallTool, on_output: Callable[[str], None], on_done: Callable[[ToolResult], None]) -> str:
        """Run a call, starting a server that was lost; return why it cannot be run, in words, or ""."""
        now = self._around.clock()
        if self.is_locked:
            return "The server is not as it was approved; its tools are locked until the user has looked at it."
        if self.state in {"ended", "failed"}:
            if now < self._may_start_at:
                return f"The server ended {self._losses} times. It can be started again in a minute. {self.words}"
            self.start()
        if self.state not in {"ready", "starting"}:
            return f"The server is not running. {self.words}".strip()
        call = _Call(command, on_output, on_done, now + command.time_limit_s + _CALL_GRACE_S)
        self._calls[command.request] = call
        if self.state == "ready":
            self._send(call)
        return ""

    def cancel(self, request: int) -> None:
        """End a call; its result still comes."""
        if request not in self._calls:
            return
        if self.state == "ready":
            self._write(CancelCall(request=request))
        else:
            self._finish(request, failure("The call was cancelled.", "cancelled"))

    def set_roots(self, roots: tuple[str, ...]) -> None:
        """Tell the server other folders to work in."""
        if roots != self._roots:
            self._roots = roots
            if self.state == "ready":
                self._write(SetRoots(roots=roots))

    def tick(self) -> None:
        """End a child that hangs."""
        now = self._around.clock()
        late = any(now > call.deadline for call in self._calls.values())
        if self._has_child and (late or (self._kill_at is not None and now > self._kill_at)):
            self._kill_at = None
            self._ended = self._ended or Ended(reason="hung", message="Its process did not answer and was ended.")
            self._transport.kill()
        elif late:
            self._end_calls("The server did not start in time.")

    def prepare_close(self) -> None:
        """Ask the child to end, without waiting for it; no callback comes any more."""
        self._is_closed = True
        self._calls.clear()
        if self._has_child:
            self._write(Disconnect())

    def close(self) -> None:
        """Wait for the child's end."""
        self._transport.close()

    # --- what the child says ------------------------------------------------------------------------

    def _on_bytes(self, data: bytes) -> None:
        try:
            for event in self._decoder.feed(data):
                if not self._is_closed:
                    self._take(event)
        except FrameError as error:
            self._ended = Ended(reason="lost", message=f"What its process sent could not be understood: {error}.")
            self._transport.kill()

    def _take(self, event: AnyHostEvent) -> None:
        match event:
            case Inspected() if not self._is_ending:
                self._on_inspected(event)
            case Connected() if not self._is_ending:
                self._kill_at = None
                self.server_words, self.instructions = event.server, event.instructions
                self.listed = event.tools
                self._check_tools()
            case ToolsChanged() if not self._is_ending:
                self.listed = event.tools
                self._check_tools()
            case Progress():
                if call := self._calls.get(event.request):
                    call.on_output(event.text)
            case CallDone():
                self._losses = 0
                self._finish(event.request, event.result)
            case LogLine():
                self.log.append(event.text)
            case Ended():
                self._ended = event

    def _on_inspected(self, found: Inspected) -> None:
        approved = self._around.approvals.start_of(self.server.name)
        self._facts = start_facts(self.server, found)
        if approved is not None and approved.key == self._facts.key:
            self._write(Connect())
            return
        self._ask(start_review(self.server, self._facts, approved))
        self._end_child()  # nothing of the server runs yet; it is inspected again when it is started

    def _check_tools(self) -> None:
        approved = self._around.approvals.tools_of(self.server.name)
        if not self.listed or (approved is not None and tools_key(approved) == tools_key(self.listed)):
            self.review = None
            self.offered = tuple(tool for tool in self.listed if not tool.problem)
            self._set("ready")
            for call in self._calls.values():
                self._send(call)
            return
        self._ask(tools_review(self.server, self.listed, approved))

    def _ask(self, review: Review) -> None:
        self.review, self.offered = review, ()
        self._end_calls("The server is not as it was approved; its tools are locked until the user has looked at it.")
        self._set("changed" if review.is_change else "needs_approval")

    def _on_exit(self, end: ChildExit) -> None:
        self._has_child, self._is_ending, self._kill_at = False, False, None
        if self._is_closed:
            return
        ended = self._ended or Ended(reason="lost", message=_why(end), detail=end.stderr_tail)
        self._end_calls(f"The server ended before it answered. {ended.message}")
        if self._should_start:
            self.start()
        elif self.state == "off" or (self.review is not None and self.review.kind == "start"):
            return  # as it was meant
        else:
            self._on_loss(ended)

    def _on_loss(self, ended: Ended) -> None:
        self._losses += 1
        self._may_start_at = self._around.clock() + min(2.0**self._losses, _LONGEST_PAUSE_S)
        self.review, self.detail = None, ended.detail
        if ended.reason == "refused":
            self._fail(ended.message, ended.hint)
            return
        self._set("ended", ended.message)
        hint = "It is started again when one of its tools is called."
        self._around.on_notice(
            AppError(f"The MCP server “{self.server.name}” ended", ended.message, hint, ended.detail)
        )

    # --- small parts --------------------------------------------------------------------------------

    def _plan(self) -> LaunchPlan:
        server = expanded(self.server, self._around.environment)
        if not server.is_program:
            return LaunchPlan(url=server.url, headers=server.headers, roots=self._roots)
        folder = server.cwd
        if not folder:
            # Not the workspace: npx and others would first run what lies there.
            self._around.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder = str(self._around.folder)
        env = server_environment(self._around.environment, server.env)
        return LaunchPlan(command=server.command, args=server.args, env=env, folder=folder, roots=self._roots)

    def _end_child(self) -> None:
        if self._has_child:
            self._is_ending = True
            self._write(Disconnect())
            self._kill_at = self._around.clock() + _STOP_LIMIT_S

    def _end_calls(self, words: str) -> None:
        for request in tuple(self._calls):
            self._finish(request, failure(words))

    def _finish(self, request: int, result: ToolResult) -> None:
        call = self._calls.pop(request, None)
        if call is not None:
            call.on_done(result)

    def _fail(self, message: str, hint: str) -> None:
        self._set("failed", " ".join(part for part in (message, hint) if part))

    def _set(self, state: ServerState, words: str = "") -> None:
        self.state, self.words = state, words
        if state not in {"failed", "ended"}:
            self.detail = ""
        self._around.on_change()

    def _send(self, call: _Call) -> None:
        if not call.is_sent:
            call.is_sent = True
            self._write(call.command)

    def _write(self, command: HostCommand) -> None:
        with contextlib.suppress(OSError):
            self._transport.write(encode(command))


def _why(end: ChildExit) -> str:
    if end.error:
        return f"Its process could not be started: {end.error}."
    return f"Its process said: {end.said[-1]}" if end.said else "The system or somebody ended its process."
