"""Commands held by macOS's own sandbox, through ``sandbox-exec`` and a profile in its language (SBPL).

Apple calls the program deprecated and documents the language no more, but browsers and coding agents rely on it.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from app.tools.protected import PROTECTED_FILES, PROTECTED_FOLDERS
from app.tools.sandbox import environment
from app.tools.sandbox.fitness import refuse_unfit
from app.tools.sandbox.unheld import Guarded, Unheld, temporary_folder
from app.tools.tool import Reach, SandboxState

#: By its full path: what stands first on the search path may be anything.
PROGRAM = "/usr/bin/sandbox-exec"
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/dtracehelper", "/dev/tty")


def profile(workspace: Path, temporary: Path, home: Path, hidden: Sequence[Path], reach: Reach) -> str:
    """Return the profile of one command; later rules win over earlier ones. Pure.

    Args:
        workspace, temporary: The folders it can write in, resolved.
        home: Cannot be read, except for the workspace and tools.
        hidden: Cannot be read, wherever they are.
        reach: Whether it has the network.
    """
    tools = [home / name for name in environment.TOOLS_AT_HOME]
    rules = [
        "(version 1)",
        "(deny default)",
        "(allow process-fork process-exec)",
        "(allow process-info* signal (target same-sandbox))",
        "(allow sysctl-read)",
        "(allow ipc-posix-sem)",
        '(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo")'
        ' (global-name "com.apple.system.notification_center") (global-name "com.apple.bsd.dirhelper"))',
        "(allow file-read* file-test-existence)",
        f"(deny file-read* {_subpaths([home, Path('/Volumes'), Path('/private/var/run'), *hidden])})",
        f"(allow file-read-metadata {_literals([home, *workspace.parents])})",
        f"(allow file-read* {_subpaths([*tools, workspace, temporary])})",
        f"(allow file-write* {_subpaths([workspace, temporary])} {_literals([Path(name) for name in _DEVICES])})",
        f"(deny file-read* file-write* {_subpaths(hidden)})" if hidden else "",
        *(f"(deny file-write* (regex {_pattern(workspace, name)}))" for name in PROTECTED_FOLDERS + PROTECTED_FILES),
        # A folder above them must not be moved away with them in it.
        f"(deny file-write-unlink {_literals([workspace, workspace / '.git'])})",
        "(deny file-write-setugid)",
    ]
    if reach == "network":
        rules += [
            "(allow network-outbound (remote ip))",
            "(allow network-bind network-inbound (local ip))",
            "(allow system-socket)",
            '(allow network-outbound (literal "/private/var/run/mDNSResponder"))',
            '(allow mach-lookup (global-name "com.apple.SystemConfiguration.configd")'
            ' (global-name "com.apple.trustd.agent") (global-name "com.apple.SecurityServer"))',
        ]
    return "\n".join(rule for rule in rules if rule)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _subpaths(paths: Sequence[Path]) -> str:
    return " ".join(f"(subpath {_quoted(str(path))})" for path in paths)


def _literals(paths: Sequence[Path]) -> str:
    return " ".join(f"(literal {_quoted(str(path))})" for path in dict.fromkeys(paths))


def _pattern(workspace: Path, name: str) -> str:
    """Return a regular expression for a protected path and all below it, at any depth and in either case.

    The file system takes ``.GIT`` for ``.git``, so the expression does, too.
    """
    either = "".join(f"[{c.lower()}{c.upper()}]" if c.isalpha() else _escaped(c) for c in name)
    # In the language's literal of an expression a quotation mark cannot be written; any character stands for it.
    return '#"' + f"^{_escaped(str(workspace))}/(.*/)?{either}(/.*)?$".replace('"', ".") + '"'


def _escaped(text: str) -> str:
    return re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", text)


class Seatbelt:
    """``CommandSandbox`` of macOS.

    Args:
        program: The path of sandbox-exec.
        home: The person's home folder, resolved.
        hidden: More folders a command does not see.
    """

    def __init__(self, program: str, home: Path, hidden: Sequence[Path] = ()) -> None:
        self._program = program
        self._home = home
        self._hidden = tuple(path.resolve() for path in hidden if path.is_dir())
        self._guarded = Guarded()
        self._unheld = Unheld()

    @property
    def state(self) -> SandboxState:
        """What it holds back on this machine."""
        return SandboxState(
            kind="sandbox-exec",
            can_cut_network=True,
            message="Commands can write only in the workspace, cannot read your home folder, and have no network "
            "unless you allow it. Git hooks, editor tasks and the like cannot be changed. Their memory and the number "
            "of their processes are watched, not limited.",
        )

    def start(self, argv: Sequence[str], workspace: Path, folder: Path, reach: Reach) -> subprocess.Popen[bytes]:
        """Start a command; see ``CommandSandbox``."""
        if reach == "unsandboxed":
            return self._unheld.start(argv, workspace, folder, reach)
        refuse_unfit(workspace, self._home)
        tools = environment.tools_at_home(self._home)
        with temporary_folder() as temporary:
            text = profile(workspace, temporary, self._home, self._hidden, reach)
            plan = {
                "argv": [self._program, "-p", text, *argv],
                "environment": environment.command_environment(temporary, temporary, tools),
                "temporary": str(temporary),
            }
            return self._guarded.start(plan, folder)

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End a command and everything it started, and wait for its end."""
        (self._guarded if self._guarded.has(process) else self._unheld).stop(process)
