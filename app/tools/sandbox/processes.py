"""The processes of a command: how many they are, what they take, and their end."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

#: Between asking processes to end and ending them.
GRACE_SECONDS = 2.0


@dataclass(frozen=True)
class Usage:
    """What a command's processes take together."""

    processes: int
    resident_bytes: int


def descendants(pid: int) -> list[psutil.Process]:
    """Return a process's children, theirs, and so on."""
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).children(recursive=True)
    return []


def usage(pid: int) -> Usage:
    """Add up what a process and all below it take; shared memory counts for each."""
    found = descendants(pid)
    resident = 0
    for process in found:
        with contextlib.suppress(psutil.Error):
            resident += process.memory_info().rss
    return Usage(len(found), resident)


def ask_to_end(process: subprocess.Popen[bytes], grace_s: float = GRACE_SECONDS) -> None:
    """Send SIGTERM to everything below ``process``, and wait a little for its end."""
    if process.poll() is not None:
        return
    for child in descendants(process.pid):
        with contextlib.suppress(psutil.Error):
            child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(grace_s)


def kill(processes: Sequence[psutil.Process]) -> None:
    """End processes at once."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)


def wait_gone(process: psutil.Process | None, limit_s: float = 5.0) -> bool:
    """Wait until a process that is not our child has ended (Linux); tell whether it has."""
    if process is None:
        return True
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return True
    try:
        return not process.is_running() or bool(select.select([descriptor], [], [], limit_s)[0])
    finally:
        os.close(descriptor)


def process_of(pid: int) -> psutil.Process | None:
    """Return a process while it is there."""
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid)
    return None
