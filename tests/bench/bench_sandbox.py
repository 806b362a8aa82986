"""What a sandbox adds to the start of a command, and what the output of a command costs."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from app.tools.context import CommandSandbox
from app.tools.output import Output
from app.tools.sandbox import landlock
from app.tools.sandbox.environment import home_folder
from app.tools.sandbox.find import find_sandbox, probe
from app.tools.sandbox.landlock import Landlock
from app.tools.sandbox.unheld import Unheld
from app.tools.tool import Reach
from tests.bench.measurement import Measurement, percentile

TIMES = 60
OUTPUT_BYTES = 200_000_000
PIECE = b"a line of output as programs print them\n" * 800


def run() -> Iterator[Measurement]:
    """Start a command that does nothing, plain and in each sandbox, in turns."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        (folder / ".git/hooks").mkdir(parents=True)
        (folder / ".git/config").touch()
        contenders: dict[str, Callable[[], None]] = {"no sandbox, no guard": lambda: _plain(folder)}
        for title, sandbox, reach in _sandboxes():
            contenders[title] = lambda sandbox=sandbox, reach=reach: _held(sandbox, folder, reach)  # type: ignore[misc]
        times: dict[str, list[float]] = {title: [] for title in contenders}
        for _ in range(TIMES):
            for title, start in contenders.items():
                began = time.perf_counter()
                start()
                times[title].append((time.perf_counter() - began) * 1000)
    plain = median(times.pop("no sandbox, no guard"))
    yield Measurement("a command from start to end, nothing around it", plain, "ms", note=f"median of {TIMES}")
    for title, found in times.items():
        note = f"p95 {percentile(found, 95) - plain:.0f} ms"
        yield Measurement(f"{title}: added to a command", median(found) - plain, "ms", 25, note=note)
    yield _output_speed()


def _sandboxes() -> Iterator[tuple[str, CommandSandbox, Reach]]:
    found = find_sandbox()
    if found.state.kind != "none":
        yield found.state.kind, found, "sandbox"
    abi = landlock.kernel_version()
    if found.state.kind != "landlock" and abi >= landlock.LEAST_ABI and not probe(Landlock(abi, home_folder())):
        yield "landlock", Landlock(abi, home_folder()), "sandbox"
    yield "outside of a sandbox", Unheld(), "unsandboxed"


def _plain(folder: Path) -> None:
    subprocess.run(["/bin/sh", "-c", "true"], cwd=folder, check=True, capture_output=True, stdin=subprocess.DEVNULL)


def _held(sandbox: CommandSandbox, folder: Path, reach: Reach) -> None:
    process = sandbox.start(["/bin/sh", "-c", "true"], folder, folder, reach)
    process.communicate()
    sandbox.stop(process)
    assert process.returncode == 0


def _output_speed() -> Measurement:
    with tempfile.TemporaryDirectory() as folder:
        output = Output(Path(folder), lambda _text: None)
        began = time.perf_counter()
        for _ in range(OUTPUT_BYTES // len(PIECE)):
            output.feed(PIECE)
        seconds = time.perf_counter() - began
        output.finish()
    return Measurement("output of a command taken in", OUTPUT_BYTES / 1e6 / seconds, "MB/s", 50, "at least")
