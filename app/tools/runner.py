"""The process that runs tools as the window sees it: started when needed, its death and its hanging noticed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from app.errors import AppError
from app.ipc.codec import FrameDecoder, FrameError, encode
from app.ipc.job import JobFailed
from app.ipc.launch import child_command
from app.ipc.transport import ChildExit, Transport
from app.tools.messages import (
    AnyToolCommand,
    AnyToolEvent,
    CancelRun,
    Changes,
    Contents,
    Files,
    ListChanges,
    ListFiles,
    Output,
    Probe,
    Probed,
    Ran,
    ReadContents,
    Run,
    ToolEvent,
    Undo,
    Undone,
    WriteReviewed,
)
from app.tools.tool import FileChange, RunFile, SandboxState, ToolResult, ToolRun, ToolSpec, UndoOutcome, Wanted

#: A call that has not ended so long after its limit, or after it was stopped, hangs.
GRACE_S = 15.0
#: Other requests may take so long.
OTHER_S = 120.0

OnFailed = Callable[[AppError], None]
E = TypeVar("E", bound=ToolEvent)


@dataclass
class _Request:
    command: AnyToolCommand
    on_event: Callable[[AnyToolEvent], None]
    on_lost: Callable[[str], None]
    on_output: Callable[[str], None] = field(default=lambda _text: None)
    cancelled_at: float | None = None


class ToolProcess:
    """``ToolRunner`` of Sawhorse's own tools, on a transport; its callbacks come on the transport's thread.

    ``tick`` is to be called about once a second.

    Args:
        specs: Of the tools there are in the process.
    """

    def __init__(
        self, transport: Transport, specs: tuple[ToolSpec, ...], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._transport = transport
        self._specs = specs
        self._clock = clock
        self._sandbox: SandboxState | None = None
        self._decoder: FrameDecoder[AnyToolEvent] = FrameDecoder(AnyToolEvent)
        self._requests: dict[int, _Request] = {}
        self._next_request = 1
        self._turn_began = 0.0  # of the first request, which is the one at hand
        self._is_running = False
        self._is_closed = False
        self._killed_for = ""

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._transport.pid

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """Sawhorse's own tools."""
        return self._specs

    @property
    def sandbox(self) -> SandboxState | None:
        """What commands are held by; None until ``probe`` was answered."""
        return self._sandbox

    def run(self, run: ToolRun, on_output: Callable[[str], None], on_done: Callable[[ToolResult], None]) -> int:
        """Run a call; see ``ToolRunner``."""

        def take(event: AnyToolEvent) -> None:
            on_done(event.result if isinstance(event, Ran) else _failed(f"It answered with {type(event).__name__}."))

        request = self._ask(Run(request=self._number(), run=run), take, lambda why: on_done(_failed(why)))
        self._requests[request].on_output = on_output
        return request

    def cancel(self, request: int) -> None:
        """End a call and everything it started; its result still comes."""
        pending = self._requests.get(request)
        if pending is None or pending.cancelled_at is not None:
            return
        pending.cancelled_at = self._clock()
        self._transport.write(encode(CancelRun(request=request)))

    def probe(self, on_done: Callable[[SandboxState], None], on_failed: OnFailed) -> None:
        """Find out what commands are held by here."""

        def take(event: Probed) -> None:
            self._sandbox = event.sandbox
            on_done(event.sandbox)

        self._look_up(Probe(request=self._number()), Probed, take, on_failed)

    def undo(
        self,
        workspace: str,
        run_key: str,
        on_done: Callable[[UndoOutcome], None],
        on_failed: OnFailed,
        *,
        steps: tuple[str, ...] = (),
        force: bool = False,
    ) -> None:
        """Take back steps of a run, or all of it; see ``Undo``."""
        command = Undo(request=self._number(), workspace=workspace, run_key=run_key, steps=steps, force=force)
        self._look_up(command, Undone, lambda event: on_done(event.outcome), on_failed)

    def changes(
        self, workspace: str, run_key: str, on_done: Callable[[tuple[FileChange, ...]], None], on_failed: OnFailed
    ) -> None:
        """List what a run changed and was not taken back."""
        command = ListChanges(request=self._number(), workspace=workspace, run_key=run_key)
        self._look_up(command, Changes, lambda event: on_done(event.changes), on_failed)

    def contents(self, workspace: str, name: str, on_done: Callable[[bytes | None], None], on_failed: OnFailed) -> None:
        """Read a file's bytes from the checkpoint store; None when it no longer has them."""
        command = ReadContents(request=self._number(), workspace=workspace, name=name)
        self._look_up(command, Contents, lambda event: on_done(event.data), on_failed)

    def files(
        self, workspace: str, run_key: str, on_done: Callable[[tuple[RunFile, ...]], None], on_failed: OnFailed
    ) -> None:
        """List the files that a run changed, with what they are now."""
        command = ListFiles(request=self._number(), workspace=workspace, run_key=run_key)
        self._look_up(command, Files, lambda event: on_done(event.files), on_failed)

    def review(
        self,
        workspace: str,
        run_key: str,
        path: str,
        now: str | None,
        wanted: Wanted,
        on_done: Callable[[RunFile], None],
        on_failed: OnFailed,
    ) -> None:
        """Write one of these files as a person wants it, if it is still as it was seen (``now``)."""
        command = WriteReviewed(
            request=self._number(),
            workspace=workspace,
            run_key=run_key,
            path=path,
            now=now,
            wanted="data" if isinstance(wanted, bytes) else wanted,
            data=wanted if isinstance(wanted, bytes) else b"",
        )
        self._look_up(command, Files, lambda event: on_done(event.files[0]), on_failed)

    def tick(self) -> None:
        """End a process that hangs."""
        current = next(iter(self._requests.values()), None)
        if current is None or self._killed_for or not self._is_running:
            return
        now = self._clock()
        command = current.command
        limit_s = command.run.time_limit_s + GRACE_S if isinstance(command, Run) else OTHER_S
        if now - self._turn_began > limit_s:
            self._kill(f"It gave no answer for {limit_s:.0f} seconds and was ended")
        elif current.cancelled_at is not None and now - max(current.cancelled_at, self._turn_began) > GRACE_S:
            self._kill(f"It did not stop within {GRACE_S:.0f} seconds and was ended")

    def close(self) -> None:
        """End the process and all that it runs; no callback comes any more."""
        self._is_closed = True
        self._requests.clear()
        if self._is_running:
            self._transport.kill()

    def _number(self) -> int:
        number, self._next_request = self._next_request, self._next_request + 1
        return number

    def _look_up(
        self, command: AnyToolCommand, kind: type[E], on_done: Callable[[E], None], on_failed: OnFailed
    ) -> None:
        def take(event: AnyToolEvent) -> None:
            if isinstance(event, JobFailed):
                on_failed(event.error())
            elif isinstance(event, kind):
                on_done(event)
            else:
                on_failed(_lost(f"It answered with {type(event).__name__}"))

        self._ask(command, take, lambda why: on_failed(_lost(why)))

    def _ask(
        self,
        command: AnyToolCommand,
        on_event: Callable[[AnyToolEvent], None],
        on_lost: Callable[[str], None],
    ) -> int:
        if not self._requests:
            self._turn_began = self._clock()
        self._requests[command.request] = _Request(command, on_event, on_lost)
        if not self._is_running:
            self._start()
        self._transport.write(encode(command))
        return command.request

    def _start(self) -> None:
        self._decoder = FrameDecoder(AnyToolEvent)
        self._is_running, self._killed_for = True, ""
        self._transport.start(child_command("app.tools.worker"), self._on_bytes, self._on_exit)

    def _kill(self, why: str) -> None:
        self._killed_for = why
        self._transport.kill()

    def _on_bytes(self, data: bytes) -> None:
        if self._is_closed or self._killed_for:
            return
        try:
            for event in self._decoder.feed(data):
                self._take(event)
        except FrameError as error:
            self._kill(f"What it sent could not be understood ({error})")

    def _take(self, event: AnyToolEvent) -> None:
        pending = self._requests.get(event.request)
        if pending is None:
            return
        if isinstance(event, Output):
            pending.on_output(event.text)
            return
        del self._requests[event.request]
        self._turn_began = self._clock()
        pending.on_event(event)

    def _on_exit(self, end: ChildExit) -> None:
        self._is_running = False
        if self._is_closed or not self._requests:
            return
        why = self._killed_for or end.why
        lost = self._requests.pop(next(iter(self._requests)))
        if self._requests:  # the one at hand may have been its end; the others are asked again
            self._turn_began = self._clock()
            self._start()
            for pending in self._requests.values():
                self._transport.write(encode(pending.command))
                if pending.cancelled_at is not None:
                    self._transport.write(encode(CancelRun(request=pending.command.request)))
        lost.on_lost(why)


def _failed(why: str) -> ToolResult:
    words = f"The process that runs tools ended before this call was done. {why.rstrip('.')}. It may be done in part."
    return ToolResult(content=words, outcome="failed")


def _lost(why: str) -> AppError:
    return AppError(
        "The process that runs tools ended before it was done", f"{why.rstrip('.')}.", "Try again; see also the log."
    )
