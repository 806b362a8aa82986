"""Does what the window asks of the process that runs tools: one request at a time, in a thread of its own."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from app.errors import AppError
from app.ipc.job import JobFailed, failed_by
from app.tools.context import CommandSandbox, Recorder, RunTool, ToolContext, ToolError, WorkspaceFolder
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
    Undo,
    Undone,
    WriteReviewed,
)
from app.tools.tool import FileChange, Outcome, RunFile, ToolResult, UndoOutcome, Wanted

_END_SECONDS = 5.0
#: Tools that run commands keep the limit themselves, and can say more about it; others are stopped a little later.
_LATE_SECONDS = 1.0


class Checkpoints(Protocol):
    """What a workspace's files were before tools changed them; see ``app/tools/checkpoints.py``."""

    def recorder(self, run_key: str) -> Recorder:
        """Return what keeps the files of one step of a run."""
        ...

    def undo(self, run_key: str, steps: tuple[str, ...], *, force: bool) -> UndoOutcome:
        """Take back steps, or the whole run."""
        ...

    def changes(self, run_key: str) -> tuple[FileChange, ...]:
        """Return what a run changed and was not taken back."""
        ...

    def contents(self, name: str) -> bytes | None:
        """Return a file's bytes as they were kept."""
        ...

    def files(self, run_key: str) -> tuple[RunFile, ...]:
        """Return the files that a run changed, with what they are now."""
        ...

    def review(self, run_key: str, path: str, now: str | None, wanted: Wanted) -> RunFile:
        """Write one of them as a person wants it, if it is still as it was seen."""
        ...


@dataclass(frozen=True)
class World:
    """All that tools touch, opened when it is needed.

    Attributes:
        tools: What runs a tool, by its name.
        outputs: Folder of long outputs.
        end_leftovers: Ends processes that are left after a command; they should be none.
    """

    tools: Mapping[str, RunTool]
    outputs: Path
    open_workspace: Callable[[Path], AbstractContextManager[WorkspaceFolder]]
    open_checkpoints: Callable[[WorkspaceFolder], Checkpoints]
    find_sandbox: Callable[[], CommandSandbox]
    end_leftovers: Callable[[], None] = lambda: None


class ToolServer:
    """Answers requests through ``send``, which may be called from any thread."""

    def __init__(self, world: World, send: Callable[[AnyToolEvent], None]) -> None:
        self._world = world
        self._send = send
        self._sandbox: CommandSandbox | None = None
        self._waiting: queue.SimpleQueue[AnyToolCommand | None] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def obey(self, command: AnyToolCommand) -> None:
        """Take a request, and return at once."""
        if isinstance(command, CancelRun):
            self._cancelled.add(command.request)
        else:
            self._waiting.put(command)

    def close(self) -> None:
        """End the request at hand and forget the others."""
        self._is_closing.set()
        self._waiting.put(None)
        self._thread.join(_END_SECONDS)

    def _serve(self) -> None:
        while (command := self._waiting.get()) is not None and not self._is_closing.is_set():
            self._send(msgspec.structs.replace(self._answer(command), request=command.request))
            self._cancelled.discard(command.request)

    def _answer(self, command: AnyToolCommand) -> AnyToolEvent:
        if isinstance(command, Run):
            return Ran(result=self._run(command))
        try:
            return self._look_up(command)
        except ToolError as error:
            return JobFailed(code="failed", title="This could not be done", message=str(error))
        except Exception as error:  # noqa: BLE001 - told to the window, where people can read it
            return failed_by(error)

    def _look_up(self, command: AnyToolCommand) -> AnyToolEvent:
        match command:
            case Probe():
                return Probed(sandbox=self._found_sandbox().state)
            case Undo(run_key=run_key, steps=steps, force=force):
                with self._world.open_workspace(Path(command.workspace)) as workspace:
                    store = self._world.open_checkpoints(workspace)
                    return Undone(outcome=store.undo(run_key, steps, force=force))
            case ListChanges(run_key=run_key):
                with self._world.open_workspace(Path(command.workspace)) as workspace:
                    return Changes(changes=self._world.open_checkpoints(workspace).changes(run_key))
            case ReadContents(name=name):
                with self._world.open_workspace(Path(command.workspace)) as workspace:
                    return Contents(data=self._world.open_checkpoints(workspace).contents(name))
            case ListFiles(run_key=run_key):
                with self._world.open_workspace(Path(command.workspace)) as workspace:
                    return Files(files=self._world.open_checkpoints(workspace).files(run_key))
            case WriteReviewed(run_key=run_key, path=path, now=now):
                wanted = command.data if command.wanted == "data" else command.wanted
                with self._world.open_workspace(Path(command.workspace)) as workspace:
                    return Files(files=(self._world.open_checkpoints(workspace).review(run_key, path, now, wanted),))
        raise ValueError(f"{type(command).__name__} is no request")

    def _found_sandbox(self) -> CommandSandbox:
        if self._sandbox is None:
            self._sandbox = self._world.find_sandbox()
        return self._sandbox

    def _run(self, command: Run) -> ToolResult:
        began = time.monotonic()
        run = command.run

        def is_cancelled() -> bool:
            return command.request in self._cancelled or self._is_closing.is_set()

        def is_late() -> bool:
            return time.monotonic() - began > run.time_limit_s + _LATE_SECONDS

        try:
            result = self._call(command, is_cancelled=is_cancelled, is_over=lambda: is_cancelled() or is_late())
        except (ToolError, AppError) as error:
            outcome: Outcome = "cancelled" if is_cancelled() else "timed_out" if is_late() else "failed"
            result = ToolResult(content=str(error), outcome=outcome)
        except Exception as error:  # noqa: BLE001 - a fault in a tool is a result, too: the run goes on
            words = f"The tool failed by a fault of Sawhorse ({type(error).__name__}: {error})."
            result = ToolResult(content=words, outcome="failed")
        if result.sandbox:
            self._world.end_leftovers()
        return msgspec.structs.replace(result, seconds=time.monotonic() - began)

    def _call(self, command: Run, *, is_cancelled: Callable[[], bool], is_over: Callable[[], bool]) -> ToolResult:
        run = command.run
        tool = self._world.tools.get(run.name)
        if tool is None:
            raise ToolError(f"There is no tool named {run.name}.")
        if is_cancelled():
            raise ToolError("It was stopped before it began.")
        with self._world.open_workspace(Path(run.workspace)) as workspace:
            recorder = self._world.open_checkpoints(workspace).recorder(run.run_key)
            context = ToolContext(
                workspace=workspace,
                recorder=recorder,
                sandbox=self._found_sandbox(),
                outputs=self._world.outputs,
                reach=run.reach,
                time_limit_s=run.time_limit_s,
                write=lambda text: self._send(Output(request=command.request, text=text)),
                is_cancelled=is_over,
            )
            try:
                return tool(run.arguments, context)
            finally:
                recorder.finish()  # a tool that failed has not: what people change later would count as its step's
