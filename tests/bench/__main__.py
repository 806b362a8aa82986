"""Runs the benches: ``python -m tests.bench [NAME ...] [--json FILE]``; exit 1 if a budget is missed.

Each ``bench_NAME.py`` beside this file has ``run() -> Iterable[Measurement]`` and gets a process of its own, so
that no bench warms up, slows down or crashes another.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import psutil

from tests.bench.measurement import Measurement, row

FOLDER = Path(__file__).parent
TIMEOUT_SECONDS = 1800


def main() -> int:
    """Run what the command line names; return the exit code."""
    names = sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure against the budgets.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}; all of them by default")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE too")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if unknown := set(options.names) - set(names):
        parser.error(f"there is no bench {', '.join(sorted(unknown))}")
    if options.inside:
        measure(options.names[0], options.inside)
        return 0
    return run_all(options.names or names, options.json)


def run_all(names: list[str], json_file: Path | None) -> int:
    """Run benches one after the other, printing each figure; return 1 if a bench failed or missed a budget."""
    machine = describe_machine()
    print(machine)
    results: dict[str, list[Measurement]] = {}
    failed = []
    for name in names:
        print(f"\n{name}", flush=True)
        found = run_in_process(name)
        failed += [name] if found is None else []
        results[name] = found or []
        for measurement in results[name]:
            print("  " + row(measurement), flush=True)
    missed = [m.what for measurements in results.values() for m in measurements if not m.is_ok]
    if json_file:
        figures = {name: [asdict(m) | {"is_ok": m.is_ok} for m in found] for name, found in results.items()}
        json_file.write_text(json.dumps({"machine": machine, "figures": figures, "failed": failed}, indent=2), "utf-8")
    total = sum(len(found) for found in results.values())
    print(f"\n{total} figures, {len(missed)} over budget, {len(failed)} benches failed")
    return 1 if missed or failed else 0


def run_in_process(name: str) -> list[Measurement] | None:
    """Run one bench in a process and a home of its own; None if it failed, which it has then said itself."""
    with tempfile.TemporaryDirectory(prefix="sawhorse-bench-") as folder:
        answer = Path(folder) / "figures.json"
        environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, "SAWHORSE_HOME": str(Path(folder) / "home")}
        command = [sys.executable, "-m", "tests.bench", name, "--inside", str(answer)]
        try:
            subprocess.run(command, env=environment, timeout=TIMEOUT_SECONDS, check=True)
        except subprocess.SubprocessError as error:
            print(f"  {error}", file=sys.stderr)
            return None
        return [Measurement(**figure) for figure in json.loads(answer.read_text("utf-8"))]


def measure(name: str, answer: Path) -> None:
    """Run one bench in this process and leave its figures in ``answer``."""
    figures = importlib.import_module(f"tests.bench.bench_{name}").run()
    answer.write_text(json.dumps([asdict(figure) for figure in figures]), "utf-8")


def describe_machine() -> str:
    """Return one line on where the figures come from."""
    memory_gib = psutil.virtual_memory().total / 1024**3
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count()
    return f"{platform.platform()}, Python {platform.python_version()}, {cores} cores, {memory_gib:.0f} GiB"


if __name__ == "__main__":
    sys.exit(main())
