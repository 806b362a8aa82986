"""Commands held by bubblewrap: namespaces of their own for files, processes and network, and a system-call filter."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import select
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil

from app.tools.context import ToolError
from app.tools.sandbox import environment, processes, seccomp
from app.tools.sandbox.fitness import refuse_unfit
from app.tools.sandbox.protected_paths import Janitor
from app.tools.sandbox.unheld import Unheld
from app.tools.tool import Reach, SandboxState

_INFO_SECONDS = 1.0
_TMPFS_BYTES = 4 * 1024**3
#: Where other people's files, sockets and disks are; each is an empty folder to a command.
_HIDDEN = environment.words("/tmp /var/tmp /run /home /root /mnt /media /var/spool /var/mail")  # noqa: S108
#: Parts of /proc that root may write without any capability.
_KERNEL_SETTINGS = ("sys", "sysrq-trigger", "irq", "bus")
#: Programs of NixOS, in spite of where they are.
_SEEN_IN_RUN = ("/run/current-system", "/run/opengl-driver")
#: Sets limits and becomes the command: set from outside, some of its processes could be born without.
#: The number of processes counts for a user in one user namespace, so it has to be set within.
_LIMITS = (
    f"ulimit -c 0; ulimit -d {environment.MAX_DATA_BYTES // 1024}; ulimit -f {environment.MAX_FILE_BYTES // 512}; "
    f"ulimit -u {environment.HARD_MAX_PROCESSES} || ulimit -p {environment.HARD_MAX_PROCESSES}"
)
_TRAMPOLINE = f'{{ {_LIMITS}; }} 2>/dev/null; exec "$@"'


class _Info(msgspec.Struct):
    """What ``--info-fd`` says."""

    pid: int = msgspec.field(name="child-pid", default=0)


@dataclass
class _Held:
    janitor: Janitor
    info: int  # the descriptor bubblewrap writes ``_Info`` to


class Bubblewrap:
    """``CommandSandbox`` of bubblewrap.

    Args:
        program: The path of bwrap.
        home: The person's home folder, resolved.
        hidden: More folders a command does not see: those with conversations, settings and checkpoints.
    """

    def __init__(self, program: str, home: Path, hidden: Sequence[Path] = ()) -> None:
        self._program = program
        self._home = home
        self._hidden = tuple(path.resolve() for path in hidden if path.is_dir())
        self._tools = environment.tools_at_home(home)
        self._size = ["--size", str(_TMPFS_BYTES)] if _version(program) >= (0, 7) else []
        machine = seccomp.MACHINES[platform.machine()]
        families = (seccomp.AF_INET, seccomp.AF_INET6, seccomp.AF_NETLINK)
        self._filter = seccomp.build_filter(machine, families, by_path=False)
        self._held: dict[int, _Held] = {}
        self._unheld = Unheld()

    @property
    def state(self) -> SandboxState:
        """What it holds back on this machine."""
        return SandboxState(
            kind="bubblewrap",
            can_cut_network=True,
            message="Commands can write only in the workspace and see neither your home folder nor other programs. "
            "They have no network unless you allow it. Git hooks, editor tasks and the like cannot be changed.",
        )

    def start(self, argv: Sequence[str], workspace: Path, folder: Path, reach: Reach) -> subprocess.Popen[bytes]:
        """Start a command; see ``CommandSandbox``."""
        if reach == "unsandboxed":
            return self._unheld.start(argv, workspace, folder, reach)
        refuse_unfit(workspace, self._home)
        janitor = Janitor(workspace)
        try:
            process, info = self._launch(argv, self._options(workspace, folder, janitor, reach))
        except OSError as error:
            janitor.close()
            raise ToolError(f"The sandbox could not be started ({error.strerror or error}).") from error
        self._held[process.pid] = _Held(janitor, info)
        return process

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End a command and everything it started, and wait for its end."""
        held = self._held.pop(process.pid, None)
        if held is None:
            self._unheld.stop(process)
            return
        processes.ask_to_end(process)
        first = _first_inside(held.info)
        process.kill()  # the first process inside dies with it, and the kernel ends all others with that one
        process.wait()
        if not processes.wait_gone(first):
            processes.kill([first] if first else [])
        held.janitor.close()

    @property
    def _home_inside(self) -> Path:
        return self._home if self._home.is_dir() else Path("/tmp")  # noqa: S108 - its own /tmp

    def _launch(self, argv: Sequence[str], options: Sequence[str]) -> tuple[subprocess.Popen[bytes], int]:
        """Start bubblewrap; return it and the descriptor it writes ``_Info`` to."""
        rules = _memory_file(self._filter)
        info, info_out = os.pipe()
        channels = ["--seccomp", str(rules), "--info-fd", str(info_out)]
        try:
            process = subprocess.Popen(
                [self._program, *options, *channels, "--", "/bin/sh", "-c", _TRAMPOLINE, "sh", *argv],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment.command_environment(self._home_inside, Path("/tmp"), self._tools),  # noqa: S108 - its own /tmp
                cwd="/",
                pass_fds=(rules, info_out),
                start_new_session=True,
            )
        except BaseException:
            os.close(info)
            raise
        finally:
            os.close(rules)
            os.close(info_out)
        return process, info

    def _options(self, workspace: Path, folder: Path, janitor: Janitor, reach: Reach) -> list[str]:
        options = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
        for name in _KERNEL_SETTINGS:
            if (path := Path("/proc") / name).exists():
                options += ["--ro-bind", str(path), str(path)]
        hidden = _outermost([*map(Path, _HIDDEN), self._home, *self._hidden])
        for path in hidden:
            options += [*self._size, "--tmpfs", str(path)]
        if any(environment.below(self._home, path) for path in hidden):
            options += ["--dir", str(self._home)]
        seen = [path for path in (*map(Path, _SEEN_IN_RUN), _resolver(), *self._tools) if path.exists()]
        for path in seen:
            if any(environment.below(path, folder) for folder in hidden):
                options += ["--ro-bind", str(path), str(path)]
        options += ["--bind", str(workspace), str(workspace), *janitor.masks.arguments()]
        for path in self._hidden:
            if environment.below(path, workspace):
                options += ["--tmpfs", str(path)]
        options += ["--unshare-all", *(["--share-net"] if reach == "network" else [])]
        return [*options, "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--chdir", str(folder)]


def _outermost(paths: Sequence[Path]) -> list[Path]:
    """Return the folders there are, resolved, without those below another."""
    found: list[Path] = []
    for path in sorted({path.resolve() for path in paths if path.is_dir()}):
        if not any(environment.below(path, above) for above in found):
            found.append(path)
    return found


def _resolver() -> Path:
    """Return the file that names the DNS servers; systemd keeps it in ``/run``."""
    return Path("/etc/resolv.conf").resolve()


def _memory_file(data: bytes) -> int:
    descriptor = os.memfd_create("sawhorse-filter", os.MFD_CLOEXEC)
    os.write(descriptor, data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _first_inside(info: int) -> psutil.Process | None:
    """Return the first process of the sandbox, read from what bubblewrap wrote; None if it did not come so far."""
    text = b""
    try:
        while b"}" not in text and select.select([info], [], [], _INFO_SECONDS)[0]:
            if not (more := os.read(info, 4096)):
                break
            text += more
    finally:
        os.close(info)
    with contextlib.suppress(msgspec.MsgspecError, psutil.Error):
        first = processes.process_of(msgspec.json.decode(text, type=_Info).pid)
        return first if first is not None and first.name() == "bwrap" else None
    return None


def _version(program: str) -> tuple[int, ...]:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=5, check=False).stdout
        return tuple(int(number) for number in re.findall(r"\d+", said))
    return ()
