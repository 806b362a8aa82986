"""Commands held by Landlock: the kernel's own rules on files, for where namespaces may not be used.

A rule gives rights on a folder and all below it, and none can be taken away again further down. So the right to
write is not given on the workspace's root but on each entry that is there and not protected: a command can change
what is in existing folders, and cannot make new entries at the top, where it could plant a protected one.
"""

from __future__ import annotations

import ctypes
import os
import platform
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from app.tools.context import ToolError
from app.tools.protected import PROTECTED
from app.tools.sandbox import environment, seccomp
from app.tools.sandbox.fitness import refuse_unfit
from app.tools.sandbox.guard import LANDLOCK_CREATE_RULESET
from app.tools.sandbox.unheld import Guarded, Unheld, temporary_folder
from app.tools.tool import Reach, SandboxState

#: The first version that covers truncation, and that covers signals to other programs.
LEAST_ABI, SIGNALS_ABI = 3, 6
_CREATE_RULESET_VERSION = 1
# Rights of linux/landlock.h.
_EXECUTE, _WRITE, _READ, _LIST, _TRUNCATE, _DEVICE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
READ_ONLY = _EXECUTE | _READ | _LIST
_ALL = {3: (1 << 15) - 1, 4: (1 << 15) - 1}  # by version; the device's right came with the fifth
_ALL_LATER = (1 << 16) - 1
_OF_FILES = _EXECUTE | _WRITE | _READ | _TRUNCATE | _DEVICE
_DEVICES_AND_SOCKETS = (1 << 6) | (1 << 9) | (1 << 11)  # not to be made
_NETWORK, _SCOPES = 3, 3  # bind and connect by TCP; abstract sockets and signals
#: What can be read of the system; neither home folders, nor /run, /tmp, /var and other disks.
_SYSTEM = environment.words(
    "/usr /bin /sbin /lib /lib32 /lib64 /libx32 /etc /opt /nix /snap /gnu /proc /sys /var/lib /run/current-system"
)
_DEVICES = ("null", "zero", "full", "random", "urandom")


def kernel_version() -> int:
    """Return the version (ABI) of Landlock the kernel offers; 0 for none."""
    if sys.platform != "linux":
        return 0
    call = ctypes.CDLL(None, use_errno=True).syscall
    version = call(ctypes.c_long(LANDLOCK_CREATE_RULESET), None, ctypes.c_size_t(0), _CREATE_RULESET_VERSION)
    return max(0, int(version))


def all_rights(abi: int) -> int:
    """Return every right on files that a version knows."""
    return _ALL.get(abi, _ALL_LATER)


class Landlock:
    """``CommandSandbox`` of Landlock.

    Args:
        abi: The version the kernel offers, at least ``LEAST_ABI``.
        home: The person's home folder, resolved.
        hidden: Folders with conversations, settings and checkpoints.
        why: Why nothing stronger is used.
        hint: What would make that work.
    """

    def __init__(self, abi: int, home: Path, hidden: Sequence[Path] = (), why: str = "", hint: str = "") -> None:
        self._abi = abi
        self._home = home
        self._hidden = tuple(path.resolve() for path in hidden)
        self._why = why
        self._hint = hint
        self._tools = environment.tools_at_home(home)
        self._guarded = Guarded()
        self._unheld = Unheld()

    @property
    def state(self) -> SandboxState:
        """What it holds back on this machine."""
        signals = "" if self._abi >= SIGNALS_ABI else " They can end your other programs (this kernel is too old)."
        return SandboxState(
            kind="landlock",
            can_cut_network=True,
            message="Commands can write only in folders and files the workspace already has, so not make new ones at "
            "its top; .git stays as it is. They cannot read your home folder and have no network unless you allow it. "
            f"They see which programs run.{signals} {self._why}".strip(),
            hint=self._hint,
        )

    def start(self, argv: Sequence[str], workspace: Path, folder: Path, reach: Reach) -> subprocess.Popen[bytes]:
        """Start a command; see ``CommandSandbox``."""
        if reach == "unsandboxed":
            return self._unheld.start(argv, workspace, folder, reach)
        refuse_unfit(workspace, self._home)
        if any(environment.below(path, workspace) for path in self._hidden if path.is_dir()):
            raise ToolError("The workspace holds Sawhorse's own files, which Landlock cannot hide from a command.")
        families = (seccomp.AF_INET, seccomp.AF_INET6, seccomp.AF_NETLINK) if reach == "network" else ()
        machine = seccomp.MACHINES[platform.machine()]
        with temporary_folder() as temporary:
            plan = {
                "argv": list(argv),
                "environment": environment.command_environment(temporary, temporary, self._tools),
                "limits": {
                    "data": environment.MAX_DATA_BYTES,
                    "file": environment.MAX_FILE_BYTES,
                    "processes": environment.HARD_MAX_PROCESSES,
                },
                "landlock": {
                    "handled_fs": all_rights(self._abi),
                    "handled_more": _handled_more(self._abi, reach),
                    "rules": self._rules(workspace, temporary),
                },
                "filter": seccomp.build_filter(machine, families, by_path=True).hex(),
                "temporary": str(temporary),
            }
            return self._guarded.start(plan, folder)

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End a command and everything it started, and wait for its end."""
        (self._guarded if self._guarded.has(process) else self._unheld).stop(process)

    def _rules(self, workspace: Path, temporary: Path) -> list[tuple[str, int]]:
        readable = [*map(Path, _SYSTEM), *self._tools, Path("/etc/resolv.conf"), workspace]
        found = dict.fromkeys(path.resolve() for path in readable if path.exists())
        rules = [(str(path), READ_ONLY if path.is_dir() else READ_ONLY & _OF_FILES) for path in found]
        devices = (Path("/dev") / name for name in _DEVICES)
        rules += [(str(device), _READ | _WRITE) for device in devices if device.exists()]
        everything = all_rights(self._abi) & ~_DEVICES_AND_SOCKETS
        return [*rules, (str(temporary), everything), *writable_entries(workspace, everything)]


def writable_entries(workspace: Path, rights: int) -> list[tuple[str, int]]:
    """Return a rule for each entry of a workspace that a command may change.

    Raises:
        ToolError: The workspace cannot be read.
    """
    protected = {path.split("/")[0].casefold() for path in PROTECTED}
    rules = []
    try:
        entries = sorted(os.scandir(workspace), key=lambda entry: entry.name)
        for entry in entries:
            mode = entry.stat(follow_symlinks=False).st_mode
            if entry.name.casefold() in protected or not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
                continue
            rules.append((entry.path, rights if stat.S_ISDIR(mode) else rights & _OF_FILES))
    except OSError as error:
        raise ToolError(f"The workspace cannot be read ({error.strerror}), so the command was not run.") from error
    return rules


def _handled_more(abi: int, reach: Reach) -> list[int]:
    """Return the ruleset's further fields, as many as a version knows: network, scopes."""
    network = _NETWORK if reach == "sandbox" else 0
    return [*([network] if abi >= 4 else []), *([_SCOPES] if abi >= SIGNALS_ABI else [])]
