"""What a tool gets besides its arguments, inside the process that runs tools."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.tools.tool import Reach, SandboxState, ToolResult
from app.tools.tree import Parts, Tree

#: Most characters of a result a model is given at once; the rest can be paged through.
MAX_RESULT_CHARACTERS = 32_000


class ToolError(Exception):
    """A failure told to the model in words it can act on: what, why, what to try."""


class WorkspaceFolder(Protocol):
    """The one folder tools act in. Paths given to it are a model's: relative, or absolute below the folder.

    Every verb resolves beneath the folder, following no link out of it (``app/tools/workspace.py``).

    Raises (every verb):
        ToolError: The path leads out of the folder, or the system refuses.
    """

    @property
    def root(self) -> Path:
        """The folder, absolute and resolved."""
        ...

    @property
    def tree(self) -> Tree:
        """What lies in it, by names that are no links."""
        ...

    def parts(self, path: str) -> Parts:
        """Return the names that lead to what a path means; it need not exist."""
        ...

    def status(self, path: str) -> os.stat_result | None:
        """Return the status of what a path means, links followed; None where nothing is there."""
        ...

    def check_writable(self, path: str) -> None:
        """Refuse, before any work is done, what ``write_file`` will refuse."""
        ...

    def relative(self, path: str) -> str:
        """Return a path below the folder in its one spelling, "" for the folder itself; it need not exist."""
        ...

    def open_file(self, path: str) -> int:
        """Return a descriptor for reading a regular file; devices, FIFOs and sockets are refused unopened."""
        ...

    def write_file(self, path: str, data: bytes) -> None:
        """Put a file in place whole, making the folders above it; its mode is kept."""
        ...


class Recorder(Protocol):
    """Keeps what is about to change, for one step of a run; see ``app/tools/checkpoints.py``."""

    def before_write(self, path: str) -> None:
        """Keep a file, or that there is none, before it is changed."""
        ...

    def before_command(self) -> str:
        """Keep the whole folder before a command; return why that is not possible, in words, or ""."""
        ...

    def finish(self) -> tuple[str, tuple[str, ...]]:
        """Note what really changed; return the step's name, "" if nothing did, and the paths. Again the same, later."""
        ...


class CommandSandbox(Protocol):
    """What commands are run in; see ``app/tools/sandbox``."""

    @property
    def state(self) -> SandboxState:
        """What it holds back on this machine."""
        ...

    def start(self, argv: Sequence[str], workspace: Path, folder: Path, reach: Reach) -> subprocess.Popen[bytes]:
        """Start a command in ``folder``, which is ``workspace`` or below it; see ``Reach``.

        Both output streams come through one pipe; standard input is empty; the environment is clean; the
        whole tree of processes ends with ``stop``, or with this process.

        Raises:
            ToolError: A rule cannot be enforced here, so the command is not run.
        """
        ...

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End a command and everything it started, and wait for its end."""
        ...


@dataclass(frozen=True)
class ToolContext:
    """The world as one call may see it.

    Attributes:
        outputs: Folder for outputs too long for a model; ``read_file`` pages through them as "output:NAME".
        write: Shows output while the tool still runs.
        is_cancelled: Whether the call is to end as soon as it can.
    """

    workspace: WorkspaceFolder
    recorder: Recorder
    sandbox: CommandSandbox
    outputs: Path
    reach: Reach
    time_limit_s: float
    write: Callable[[str], None]
    is_cancelled: Callable[[], bool]


#: What each tool's file defines as ``run``. It raises ``ToolError`` for what the model can put right.
RunTool = Callable[[Mapping[str, Any], ToolContext], ToolResult]
