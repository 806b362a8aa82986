"""The child process that runs tools: their code, commands and files can hang or crash without the window."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.ipc.child import Channel, open_channel
from app.paths import find_paths
from app.tools.builtin import BUILTIN
from app.tools.checkpoints import CheckpointStore
from app.tools.messages import AnyToolCommand
from app.tools.sandbox.find import find_sandbox
from app.tools.sandbox.processes import descendants, kill
from app.tools.server import ToolServer, World
from app.tools.workspace import Workspace

CHECKPOINTS, OUTPUTS = "checkpoints", "outputs"
#: Long outputs are deleted after so long; what a conversation shows of them is kept with it.
_KEEP_OUTPUTS_S = 30 * 24 * 3600.0
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


def main() -> None:
    """Serve until the parent closes its end."""
    channel: Channel[AnyToolCommand] = open_channel(AnyToolCommand)
    _adopt_orphans()
    paths = find_paths()
    outputs = paths.data / OUTPUTS
    delete_old(outputs, _KEEP_OUTPUTS_S)
    store = CheckpointStore(paths.data / CHECKPOINTS)
    own = tuple(dict.fromkeys((paths.data, paths.config, paths.cache, paths.logs)))
    world = World(
        tools={spec.name: run for spec, run in BUILTIN},
        outputs=outputs,
        open_workspace=Workspace,
        open_checkpoints=store.of,
        find_sandbox=lambda: find_sandbox(own),
        end_leftovers=_end_leftovers,
    )
    server = ToolServer(world, channel.send)
    for command in channel:
        server.obey(command)
    server.close()
    store.close()


def delete_old(folder: Path, age_s: float, clock: Callable[[], float] = time.time) -> None:
    """Delete files of a folder that have not been written to for so long."""
    with contextlib.suppress(FileNotFoundError):
        for path in folder.iterdir():
            with contextlib.suppress(OSError):
                if clock() - path.lstat().st_mtime > age_s:
                    path.unlink()


def _adopt_orphans() -> None:
    """Become the parent of processes whose guard was killed, so that they are found."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end_leftovers() -> None:
    """End what a command has left although its sandbox was stopped: its guard was killed."""
    kill(descendants(os.getpid()))
    if sys.platform != "win32":
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


if __name__ == "__main__":
    main()
