"""Commands that nothing holds, but whose processes all end with them; a person has to allow each."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.ipc.launch import child_command, clean_environment
from app.tools.context import ToolError
from app.tools.sandbox import guard, processes
from app.tools.sandbox.environment import QUIET
from app.tools.sandbox.guard import CONTROL
from app.tools.tool import Reach, SandboxState

_WAIT_SECONDS = 10.0


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a command's folder for temporary files: its guard removes it, or this, if the command is not started."""
    folder = Path(tempfile.mkdtemp(prefix="sawhorse-command-")).resolve()
    try:
        yield folder
    except BaseException:
        folder.rmdir()
        raise


class Guarded:
    """Starts commands below a guard, a small process that ends all of them when they or this process ends."""

    def __init__(self) -> None:
        self._controls: dict[int, int] = {}  # by the guard's process id: the pipe whose closing is the order to end

    def start(self, plan: dict[str, Any], folder: Path) -> subprocess.Popen[bytes]:
        """Start a command as a plan has it (``app/tools/sandbox/guard.py``), in a folder.

        Raises:
            ToolError: It cannot be started.
        """
        read_end, write_end = os.pipe()
        try:
            process = subprocess.Popen(
                _guard_command(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={CONTROL: str(read_end)},
                cwd=folder,
                pass_fds=(read_end,),
                start_new_session=True,
            )
        except OSError as error:
            os.close(write_end)
            raise ToolError(f"The command could not be started ({error.strerror or error}).") from error
        finally:
            os.close(read_end)
        self._controls[process.pid] = write_end
        with contextlib.suppress(BrokenPipeError):
            view = memoryview(guard.encoded_plan(plan))
            while view:
                view = view[os.write(write_end, view) :]
        return process

    def has(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it started that process and did not stop it yet."""
        return process.pid in self._controls

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End a command and everything it started, and wait for its end."""
        processes.ask_to_end(process)
        control = self._controls.pop(process.pid, None)
        if control is not None:
            os.close(control)
        try:
            process.wait(_WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            left = processes.descendants(process.pid)
            process.kill()
            processes.kill(left)
            process.wait()


class Unheld:
    """``CommandSandbox`` that holds nothing back; it is asked for with the reach "unsandboxed" only.

    Args:
        why: Why there is no sandbox, for people.
        hint: What would make one work.
    """

    def __init__(self, why: str = "", hint: str = "") -> None:
        self._why = why
        self._hint = hint
        self._guarded = Guarded()

    @property
    def state(self) -> SandboxState:
        """That nothing is held back."""
        message = f"Commands are not held back by anything, so each one is asked for. {self._why}".strip()
        return SandboxState(kind="none", can_cut_network=False, message=message, hint=self._hint)

    def start(
        self,
        argv: Sequence[str],
        workspace: Path,  # noqa: ARG002 - it is not kept to it
        folder: Path,
        reach: Reach,
    ) -> subprocess.Popen[bytes]:
        """Start a command; see ``CommandSandbox``."""
        if reach != "unsandboxed":
            raise ToolError(f"There is no sandbox on this machine, so the command was not run. {self._why}".strip())
        variables = {**clean_environment(), **QUIET}
        if sys.platform == "win32":
            return _start_on_windows(argv, folder, variables)
        return self._guarded.start({"argv": list(argv), "environment": variables}, folder)

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End a command and everything it started, and wait for its end."""
        if sys.platform == "win32":
            left = processes.descendants(process.pid)
            processes.kill(left)
            process.kill()
            process.wait()
        else:
            self._guarded.stop(process)


def _start_on_windows(argv: Sequence[str], folder: Path, variables: dict[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=variables,
            cwd=folder,
        )
    except OSError as error:
        raise ToolError(f"The command could not be started ({error.strerror or error}).") from error


def _guard_command() -> list[str]:
    if getattr(sys, "frozen", False):
        return child_command("app.tools.sandbox.guard")
    # By its path and without site-packages, of which it needs nothing: it starts in half the time.
    return [sys.executable, "-I", "-S", guard.__file__]
