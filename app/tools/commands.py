"""Runs a command in the sandbox for a tool: streams its output, ends it in time, and tells what came of it."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.tools.context import ToolContext, ToolError
from app.tools.output import Collected, Output
from app.tools.protected import PROTECTED
from app.tools.sandbox.environment import MAX_PROCESSES, MAX_TREE_BYTES
from app.tools.sandbox.processes import usage
from app.tools.tool import Outcome, ToolResult
from app.tools.views import TerminalView

#: Linux takes no longer argument (MAX_ARG_STRLEN is 128 KiB).
MAX_ARGUMENT_BYTES = 120_000
#: More changed files are counted, not named; a build may change ten thousand.
MAX_CHANGED_FILES = 200
_READ_BYTES = 1 << 15
_QUEUED_PIECES = 16
_POLL_SECONDS = 0.05
_WATCH_SECONDS = 0.25
_DRAIN_SECONDS = 1.0
_GIB = 1024**3
_KILLED = 137  # 128 and the number of SIGKILL

_OUTCOMES: dict[str, Outcome] = {"": "done", "time limit": "timed_out", "stopped": "cancelled"}


@dataclass(frozen=True)
class _End:
    exit_code: int | None
    ended: str
    seconds: float


def checked_argument(text: str, what: str) -> str:
    """Return a command or program, if the system can take it as an argument.

    Raises:
        ToolError: It cannot.
    """
    if "\0" in text:
        raise ToolError(f"The {what} contains a NUL character, which no program can be given.")
    try:
        length = len(text.encode())
    except UnicodeEncodeError:
        raise ToolError(f"The {what} contains half of a character, which cannot be passed on.") from None
    if length > MAX_ARGUMENT_BYTES:
        raise ToolError(
            f"The {what} is longer than {MAX_ARGUMENT_BYTES:,} bytes. Write it to a file in the workspace and run that."
        )
    if not text.strip():
        raise ToolError(f"The {what} is empty.")
    return text


def folder_of(context: ToolContext, path: str) -> Path:
    """Return the folder a command is to run in.

    Raises:
        ToolError: It is none, or leads out of the workspace.
    """
    root = context.workspace.root
    folder = (root / context.workspace.relative(path or ".")).resolve()
    if folder != root and root not in folder.parents:
        raise ToolError(f"{path} leads out of the workspace.")
    if not folder.is_dir():
        raise ToolError(f"{path} is not a folder in the workspace.")
    return folder


def run_held(argv: Sequence[str], shown: str, context: ToolContext, folder: Path, limit_s: float) -> ToolResult:
    """Run a command to its end.

    Args:
        shown: The command as a person sees it.
        folder: Where it runs; the workspace or below.
        limit_s: After so long it is ended, with everything it started.

    Raises:
        ToolError: It could not be run.
    """
    note = context.recorder.before_command()
    output = Output(context.outputs, context.write)
    process = context.sandbox.start(argv, context.workspace.root, folder, context.reach)
    reader = _Reader(process)
    try:
        end = _follow(process, reader, output, context, limit_s)
    finally:
        context.sandbox.stop(process)
        for piece in reader.close():
            output.feed(piece)
        step, changed = context.recorder.finish()
    collected = output.finish()
    held_by = "none" if context.reach == "unsandboxed" else context.sandbox.state.kind
    view = TerminalView(
        command=shown,
        output=collected.view,
        exit_code=end.exit_code,
        ended=end.ended,
        sandbox=held_by,
        omitted_bytes=collected.omitted_bytes,
        changed_files=changed[:MAX_CHANGED_FILES],
        changed_total=len(changed),
        note=note,
    )
    return ToolResult(
        content=_told(end, collected, context, limit_s),
        view=view,
        outcome=_OUTCOMES.get(end.ended, "failed"),
        step=step,
        sandbox=held_by,
        seconds=end.seconds,
    )


class _Reader:
    """Reads a command's output in a thread; when nobody takes it, it reads no more, and the command has to wait."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101 - sandboxes make it a pipe
        self._stream = process.stdout
        self.pieces: queue.Queue[bytes] = queue.Queue(_QUEUED_PIECES)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def has_ended(self) -> bool:
        """Whether everything was read and taken."""
        return not self._thread.is_alive() and self.pieces.empty()

    def close(self) -> list[bytes]:
        """Return what had not been taken when the command ended."""
        left: list[bytes] = []
        deadline = time.monotonic() + _DRAIN_SECONDS
        while not self.has_ended and time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                left.append(self.pieces.get(timeout=_POLL_SECONDS))
        self._is_over.set()
        if not self._thread.is_alive():
            self._stream.close()
        return left

    def _read(self) -> None:
        while data := os.read(self._stream.fileno(), _READ_BYTES):
            while not self._is_over.is_set():
                try:
                    self.pieces.put(data, timeout=_POLL_SECONDS)
                    break
                except queue.Full:
                    continue


def _follow(
    process: subprocess.Popen[bytes], reader: _Reader, output: Output, context: ToolContext, limit_s: float
) -> _End:
    """Pass output on until the command ends, or has to be ended."""
    began = watched = time.monotonic()
    ended = ""
    while not ended:
        with contextlib.suppress(queue.Empty):
            output.feed(reader.pieces.get(timeout=_POLL_SECONDS))
        output.tick()
        now = time.monotonic()
        if process.poll() is not None and reader.pieces.empty():
            break
        if now - began > limit_s:
            ended = "time limit"
        elif context.is_cancelled():
            ended = "stopped"
        elif now - watched > _WATCH_SECONDS:
            ended = _excess(process.pid)
            watched = time.monotonic()
    code = process.poll()
    return _End(None if ended else code, ended, time.monotonic() - began)


def _excess(pid: int) -> str:
    found = usage(pid)
    if found.processes > MAX_PROCESSES:
        return "processes"
    return "memory" if found.resident_bytes > MAX_TREE_BYTES else ""


def _told(end: _End, collected: Collected, context: ToolContext, limit_s: float) -> str:
    """Return what the model reads: how it ended, then what it printed."""
    lines = [_how_it_ended(end, limit_s)]
    failed_inside = end.exit_code not in {0, None} and context.reach != "unsandboxed"
    if failed_inside and (hint := _hint(collected.text, context)):
        lines.append(hint)
    lines.append(collected.text.rstrip("\n") or "(no output)")
    return "\n".join(lines)


def _how_it_ended(end: _End, limit_s: float) -> str:
    match end.ended:
        case "time limit":
            return (
                f"Ended: it ran longer than its limit of {limit_s:g} s. If it waited for an answer: there is nobody to "
                "give one, so use its options that ask nothing. If it serves or watches: it cannot be left running."
            )
        case "stopped":
            return f"Ended by the person after {end.seconds:.1f} s."
        case "processes":
            return f"Ended: it had more than {MAX_PROCESSES} processes."
        case "memory":
            return f"Ended: its processes took more than {MAX_TREE_BYTES / _GIB:.0f} GiB of memory."
    killed = " (it was killed)" if end.exit_code == _KILLED else ""
    return f"Exit code {end.exit_code}{killed} after {end.seconds:.1f} s."


def _hint(text: str, context: ToolContext) -> str:
    """Return what the sandbox may have to do with a failure; "" if it looks like nothing."""
    tail = text[-2_000:].casefold()
    refused = any(words in tail for words in ("permission denied", "read-only file system", "not permitted"))
    # Where nothing may be made, there is something that can be neither read nor written.
    plugged = any(words in tail for words in ("not a directory", "no such device or address"))
    refused = refused or (plugged and any(path.split("/")[0] in tail for path in PROTECTED))
    offline = any(
        words in tail
        for words in ("could not resolve", "name resolution", "network is unreachable", "temporary failure in name")
    )
    if offline and context.reach == "sandbox":
        return 'The sandbox has no network; permissions "network" asks the person for it.'
    if refused and context.sandbox.state.kind == "landlock":
        return (
            "This sandbox lets commands write only in folders and files that are there: make new ones at the top of "
            "the workspace with write_file."
        )
    if refused:
        return "The sandbox allows writing in the workspace only, and not to .git/hooks, .git/config and the like."
    return ""
