"""The program as a terminal runs it: a process of its own, in a process group of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

PROGRAM = (sys.executable, "-m", "ui.entry")
LIMIT_S = 60


def run(*arguments: str | bytes, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=LIMIT_S,
    )


def start(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Start the program; the caller reads its standard output and ends it."""
    pipe = subprocess.PIPE
    options = {"stdin": subprocess.DEVNULL, "stdout": pipe, "stderr": pipe} | options
    return subprocess.Popen([*PROGRAM, *arguments], encoding="utf-8", start_new_session=True, **options)


def turns(lines: str | Sequence[str]) -> list[dict[str, Any]]:
    """Return the ends of turns in JSON lines."""
    lines = lines.splitlines() if isinstance(lines, str) else lines
    return [value for value in map(json.loads, lines) if value["type"] == "turn_end"]
