"""The record of crashes: what Python's fault handler writes as the process dies, and what the next start makes of it.

Two files beside the log: one is open while the program runs, the other holds the last crash until it is read.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

OPEN, LAST = "crash.log", "crash-last.log"
#: A crash has a few lines for each thread; what is longer is of several.
MOST_CHARS = 20_000
LOG_LINES = 60


def begin(logs: Path) -> TextIO:
    """Set aside what the run before wrote as it crashed, and return a new file for this one's fault handler."""
    path = logs / OPEN
    try:
        if path.stat().st_size:
            path.replace(logs / LAST)
    except OSError:
        pass  # there is none, or it cannot be kept
    return path.open("a", encoding="utf-8")


def take_last(logs: Path) -> str:
    """Return what the last crash left, "" for none; a second call has nothing to tell."""
    path = logs / LAST
    try:
        text = path.read_text("utf-8", "replace")[-MOST_CHARS:]
        path.unlink()
    except OSError:
        return ""
    return text.strip()


def report(what: str, versions: list[tuple[str, str]], logs: Path) -> str:
    """Return a report for whoever looks into a fault: what happened, the versions, the end of the log.

    The home folder's name, which is often a person's, is written "~".
    """
    numbers = "\n".join(f"{name}: {number}" for name, number in versions)
    text = f"{what.strip()}\n\n{numbers}\n\nThe end of the log:\n{_end_of(logs / 'sawhorse.log')}"
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > len(os.sep) else text


def _end_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - MOST_CHARS))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return "(there is none)"
    return "\n".join(lines[-LOG_LINES:])
