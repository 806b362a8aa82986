"""How long it takes from starting the program until its window can be used, and the memory of the window's process."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from tempfile import TemporaryDirectory

from tests.bench.measurement import Measurement

TIMES = 5
MIB = 1024**2


def run() -> Iterator[Measurement]:
    """Start a fresh process a few times, each time with an empty home and then with the one it left."""
    starts: list[float] = []
    again: list[float] = []
    memory: list[int] = []
    for _ in range(TIMES):
        with TemporaryDirectory(prefix="sawhorse-bench-") as home:
            for times in (starts, again):
                seconds, rss_bytes = start(home)
                times.append(seconds)
                memory.append(rss_bytes)
    note = f"median of {TIMES}, slowest {max(starts):.2f} s"
    yield Measurement("first start to a usable window", statistics.median(starts), "s", 1.0, note=note)
    note = f"median of {TIMES}, slowest {max(again):.2f} s"
    yield Measurement("later start to a usable window", statistics.median(again), "s", 1.0, note=note)
    yield Measurement("memory of the window's process", max(memory) / MIB, "MiB", 200, note="resident, model loaded")


def start(home: str) -> tuple[float, int]:
    """Return seconds from starting the process to a usable window, and its resident memory with a model loaded."""
    environment = {**os.environ, "SAWHORSE_HOME": home}
    begun = time.monotonic()
    command = [sys.executable, "-m", "tests.bench.first_window"]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=120)
    figures = json.loads(done.stdout)
    return figures["usable_at"] - begun, figures["rss_bytes"]
