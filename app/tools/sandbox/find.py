"""Finds the strongest sandbox that works here, by running a command in it."""

from __future__ import annotations

import contextlib
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.tools.context import CommandSandbox, ToolError
from app.tools.sandbox import landlock, seatbelt, seccomp
from app.tools.sandbox.bubblewrap import Bubblewrap
from app.tools.sandbox.environment import home_folder
from app.tools.sandbox.landlock import Landlock
from app.tools.sandbox.seatbelt import Seatbelt
from app.tools.sandbox.unheld import Unheld

PROBE_SECONDS = 10.0
_MOST_WORDS = 300
_INSTALL = "Install bubblewrap with your system's package manager (the package is called bubblewrap)."
_ALLOW = (
    "This system keeps programs from making user namespaces. An AppArmor profile for bwrap allows it; see "
    "kernel.apparmor_restrict_unprivileged_userns."
)
_RESTRICTED = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")


def find_sandbox(hidden: Sequence[Path] = ()) -> CommandSandbox:
    """Return the strongest sandbox that works; the last resort holds nothing and says so.

    Args:
        hidden: Folders no sandboxed command may see: Sawhorse's own.
    """
    home = home_folder()
    if sys.platform == "darwin":
        return _on_macos(home, hidden)
    if sys.platform != "linux":
        return Unheld("Sawhorse has no sandbox for this system yet.")
    if platform.machine() not in seccomp.MACHINES:
        return Unheld(f"Sawhorse has no system-call filter for this processor ({platform.machine()}).")
    program = shutil.which("bwrap")
    if program is None:
        why, hint = "bubblewrap, which holds back more, is not installed.", _INSTALL
    else:
        bubblewrap = Bubblewrap(program, home, hidden)
        if not (failure := probe(bubblewrap)):
            return bubblewrap
        why, hint = f"bubblewrap, which holds back more, does not work here: {failure}.", _hint()
    return _landlock(home, hidden, why, hint)


def _landlock(home: Path, hidden: Sequence[Path], why: str, hint: str) -> CommandSandbox:
    abi = landlock.kernel_version()
    if abi < landlock.LEAST_ABI:
        found = f"version {abi}" if abi else "none"
        return Unheld(f"{why} Landlock needs Linux 6.2 or later with it switched on (here: {found}).", hint)
    sandbox = Landlock(abi, home, hidden, why, hint)
    failure = probe(sandbox)
    return Unheld(f"{why} Landlock does not work here: {failure}.", hint) if failure else sandbox


def _on_macos(home: Path, hidden: Sequence[Path]) -> CommandSandbox:
    sandbox = Seatbelt(seatbelt.PROGRAM, home, hidden)
    failure = probe(sandbox)
    return Unheld(f"sandbox-exec does not work here: {failure}.") if failure else sandbox


def _hint() -> str:
    with contextlib.suppress(OSError):
        if _RESTRICTED.read_text("ascii").strip() == "1":
            return _ALLOW
    return ""


def probe(sandbox: CommandSandbox) -> str:
    """Run a command in a sandbox, in an empty folder; return what went wrong, "" for nothing."""
    with _folder() as folder:
        try:
            process = sandbox.start(["/bin/sh", "-c", "echo works"], folder, folder, "sandbox")
        except ToolError as error:
            return str(error).rstrip(".")
        output = b""
        with contextlib.suppress(subprocess.TimeoutExpired):
            output, _ = process.communicate(timeout=PROBE_SECONDS)
        code = process.poll()
        sandbox.stop(process)
    if code is None:
        return f"it gave no answer within {PROBE_SECONDS:.0f} seconds"
    said = output.decode(errors="replace").strip()
    if code == 0 and said == "works":
        return ""
    return " ".join(said.split())[:_MOST_WORDS].rstrip(".") or f"it ended with code {code}"


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sawhorse-probe-", ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()
