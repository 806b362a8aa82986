"""A workspace for a test, and what a tool gets besides its arguments."""

from __future__ import annotations

import hashlib
import stat
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.tools.context import Recorder, RunTool, ToolContext
from app.tools.tool import Reach, SandboxState, ToolResult
from app.tools.workspace import Workspace


class NoRecorder:
    """Keeps nothing but which files were about to change."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def before_write(self, path: str) -> None:
        self.paths.append(path)

    def before_command(self) -> str:
        return ""

    def finish(self) -> tuple[str, tuple[str, ...]]:
        return ("step" if self.paths else "", tuple(self.paths))


class NoSandbox:
    """Runs commands as they are."""

    state = SandboxState(kind="none", can_cut_network=False, message="")

    def __init__(self) -> None:
        self.started: list[list[str]] = []

    def start(self, argv: Sequence[str], workspace: Path, folder: Path, reach: Reach) -> subprocess.Popen[bytes]:
        self.started.append(list(argv))
        return subprocess.Popen(
            argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()


class Bench:
    """A workspace folder and the tools on it."""

    def __init__(self, folder: Path, recorder: Recorder | None = None) -> None:
        self.root = folder / "ws"
        self.root.mkdir()
        self.outputs = folder / "outputs"
        self.outputs.mkdir()
        self.workspace = Workspace(self.root)
        self.recorder = recorder or NoRecorder()
        self.sandbox = NoSandbox()
        self.is_cancelled: Callable[[], bool] = lambda: False
        self.time_limit_s = 20.0

    def context(self) -> ToolContext:
        return ToolContext(
            workspace=self.workspace,
            recorder=self.recorder,
            sandbox=self.sandbox,
            outputs=self.outputs,
            reach="sandbox",
            time_limit_s=self.time_limit_s,
            write=lambda _: None,
            is_cancelled=self.is_cancelled,
        )

    def run(self, tool: RunTool, **arguments: Any) -> ToolResult:
        return tool(arguments, self.context())

    def put(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def bytes(self, name: str) -> bytes:
        return (self.root / name).read_bytes()


def tree_hash(root: Path) -> dict[str, str]:
    """Return what every entry below a folder is: kind, permissions, content or target."""
    found: dict[str, str] = {}
    for path in root.rglob("*"):
        status = path.lstat()
        what = f"{stat.S_IFMT(status.st_mode):o}"
        if stat.S_ISLNK(status.st_mode):
            what += f" -> {path.readlink()}"
        else:
            what += f" {stat.S_IMODE(status.st_mode):o}"
        if stat.S_ISREG(status.st_mode):
            what += f" {hashlib.sha256(path.read_bytes()).hexdigest()}"
        found[str(path.relative_to(root))] = what
    return found
