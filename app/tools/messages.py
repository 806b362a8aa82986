"""The messages between the window and the process that runs tools."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.ipc.job import JobFailed
from app.tools.tool import FileChange, RunFile, SandboxState, ToolResult, ToolRun, UndoOutcome


class ToolCommand(msgspec.Struct, frozen=True, kw_only=True, tag_field="command"):
    """Something the process is asked to do."""

    request: int


class Run(ToolCommand, tag="run", frozen=True, kw_only=True):
    """Run a call. Answers: Output…, then Ran."""

    run: ToolRun


class CancelRun(ToolCommand, tag="cancel", frozen=True, kw_only=True):
    """End the call of that request; its last event is Ran, outcome "cancelled"."""


class Probe(ToolCommand, tag="probe", frozen=True, kw_only=True):
    """Find out which sandbox works here, by running it. Answers: Probed."""


class Undo(ToolCommand, tag="undo", frozen=True, kw_only=True):
    """Take back steps, in the reverse of their order; with ``run_key`` alone the whole run. Answers: Undone.

    ``force`` also takes back files that somebody changed since.
    """

    workspace: str
    run_key: str
    steps: tuple[str, ...] = ()
    force: bool = False


class ListChanges(ToolCommand, tag="list_changes", frozen=True, kw_only=True):
    """List what a run has changed and not taken back. Answers: Changes."""

    workspace: str
    run_key: str


class ReadContents(ToolCommand, tag="read_contents", frozen=True, kw_only=True):
    """Read a file's contents from the checkpoint store. Answers: Contents."""

    workspace: str
    name: str


class ListFiles(ToolCommand, tag="list_files", frozen=True, kw_only=True):
    """List the files that a run changed, as they are reviewed. Answers: Files."""

    workspace: str
    run_key: str


class WriteReviewed(ToolCommand, tag="write_reviewed", frozen=True, kw_only=True):
    """Write a file as a person who reviews a run wants it. Answers: Files, with that one.

    Attributes:
        now: What the person saw there, as in ``RunFile``; if it is another, nothing is written.
        wanted: "before": as before the run; "after": as the run left it; "data": ``data``.
    """

    workspace: str
    run_key: str
    path: str
    now: str | None
    wanted: Literal["before", "after", "data"]
    data: bytes = b""


AnyToolCommand = Run | CancelRun | Probe | Undo | ListChanges | ReadContents | ListFiles | WriteReviewed


class ToolEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Something the process answers."""

    request: int = 0


class Output(ToolEvent, tag="output", frozen=True, kw_only=True):
    """A call printed something; colours (SGR) are the only escape sequences in it."""

    text: str


class Ran(ToolEvent, tag="ran", frozen=True, kw_only=True):
    """A call ended."""

    result: ToolResult


class Probed(ToolEvent, tag="probed", frozen=True, kw_only=True):
    """Which sandbox works here."""

    sandbox: SandboxState


class Undone(ToolEvent, tag="undone", frozen=True, kw_only=True):
    """What was taken back."""

    outcome: UndoOutcome


class Changes(ToolEvent, tag="changes", frozen=True, kw_only=True):
    """What a run changed, in order."""

    changes: tuple[FileChange, ...]


class Contents(ToolEvent, tag="contents", frozen=True, kw_only=True):
    """A file's bytes; None when the store no longer has them."""

    data: bytes | None


class Files(ToolEvent, tag="files", frozen=True, kw_only=True):
    """Files that a run changed."""

    files: tuple[RunFile, ...]


#: A request other than Run that failed answers ``JobFailed``.
AnyToolEvent = Output | Ran | Probed | Undone | Changes | Contents | Files | JobFailed
