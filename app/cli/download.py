"""``sawhorse download``: fetch one variant of a model, verified; Ctrl+C pauses, the same command goes on."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import msgspec

from app.catalog.service import find_servers
from app.catalog.variants import Variant
from app.cli.interrupts import Interrupts
from app.download.names import model_folder
from app.download.outcomes import RESTING
from app.download.queue import DownloadQueue
from app.download.values import Download
from app.errors import AppError
from app.ipc.launch import clean_environment
from app.ipc.popen_transport import PopenTransport
from app.paths import find_paths

GB = 1e9
MB = 1e6
INTERRUPTED = 130  # what shells make of an end by Ctrl+C
_PUMP_S = 0.25
_JSON_EVERY_S = 1.0


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    parser = commands.add_parser("download", help="download a variant of a model, and verify it")
    parser.add_argument("model", metavar="REPO[:QUANT]", help='such as "owner/name-GGUF:Q4_K_M"')
    parser.add_argument("--to", type=Path, metavar="DIR", help="folder for its files (default: Sawhorse's models)")
    parser.add_argument("--limit", type=float, default=0.0, metavar="MB/S", help="most megabytes per second")
    parser.add_argument("--json", action="store_true", help="print JSON lines")


def run(arguments: argparse.Namespace, find_variant: Callable[[str], Variant]) -> int:
    """Download what was asked for; ``find_variant`` knows what REPO[:QUANT] means.

    Raises:
        AppError: It cannot be found or fetched.
    """
    variant = find_variant(arguments.model)
    folder = (arguments.to or model_folder(find_paths().models, variant)).absolute()
    return download(
        variant,
        folder,
        as_json=arguments.json,
        bytes_per_second=arguments.limit * MB,
        token=find_servers().token,
    )


def download(variant: Variant, folder: Path, *, as_json: bool, bytes_per_second: float = 0.0, token: str = "") -> int:
    """Download a variant into a folder and return the exit code.

    Raises:
        AppError: It failed; what was fetched is kept.
    """
    show: _Show = _JsonLines() if as_json else _ProgressLine() if sys.stderr.isatty() else _Words()
    transport = PopenTransport(clean_environment())
    queue = DownloadQueue(transport, None, lambda: None, bytes_per_second=bytes_per_second)
    try:
        with Interrupts() as interrupts:
            number = queue.add(variant, folder, token).id
            while (now := queue.get(number)).state not in RESTING:
                transport.pump(_PUMP_S)
                queue.tick()
                show.progress(now)
                if interrupts.take():
                    queue.pause(number)
    finally:
        queue.close()
        transport.close()
        show.clear()
    if now.state == "done":
        show.done(now)
        return 0
    if now.problem:
        raise AppError(*_split(now.problem), now.hint)
    print(f"Paused at {_amount(now)}. The same command goes on from there.", file=sys.stderr)
    return INTERRUPTED


class _Show(Protocol):
    def progress(self, download: Download) -> None: ...
    def clear(self) -> None: ...
    def done(self, download: Download) -> None: ...


class _ProgressLine:
    """For a terminal: one line that changes."""

    def progress(self, download: Download) -> None:
        print(f"\r\033[K{describe(download)}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        print("\r\033[K", end="", file=sys.stderr, flush=True)

    def done(self, download: Download) -> None:
        print(download.path)


class _Words:
    """For a log: a line when something else begins."""

    def __init__(self) -> None:
        self._last = ("", "")

    def progress(self, download: Download) -> None:
        now = download.state, download.problem
        if now != self._last:
            self._last = now
            print(describe(download), file=sys.stderr)

    def clear(self) -> None:
        pass

    def done(self, download: Download) -> None:
        print(download.path)


class _JsonLines:
    """For a program."""

    def __init__(self) -> None:
        self._state = ""
        self._told_at = 0.0

    def progress(self, download: Download) -> None:
        if download.state == self._state and time.monotonic() - self._told_at < _JSON_EVERY_S:
            return
        self._state, self._told_at = download.state, time.monotonic()
        self._write("progress", download)

    def clear(self) -> None:
        pass

    def done(self, download: Download) -> None:
        self._write("done", download)

    def _write(self, kind: str, download: Download) -> None:
        line = {
            "type": kind,
            "state": download.state,
            "done_bytes": download.done_bytes,
            "size_bytes": download.variant.size_bytes,
            "fetched_bytes": download.fetched_bytes,
            "bytes_per_second": round(download.speed),
            "seconds_left": download.eta_s,
            "problem": download.problem,
            "path": download.path,
        }
        print(msgspec.json.encode(line).decode(), flush=True)


def describe(download: Download) -> str:
    """Return one line on how far a download is."""
    match download.state:
        case "running":
            left = f"   {_duration(download.eta_s)} left" if download.eta_s is not None else ""
            return f"{_amount(download)}   {download.speed / MB:.1f} MB/s{left}"
        case "waiting":
            return f"{_amount(download)}   waiting: {download.problem} {download.hint}"
        case "verifying":
            return f"{_amount(download)}   verifying"
        case state:
            return f"{_amount(download)}   {state}"


def _amount(download: Download) -> str:
    size = download.variant.size_bytes
    return f"{download.done_bytes / GB:.2f} of {size / GB:.2f} GB   {download.done_bytes / max(1, size):4.0%}"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _split(problem: str) -> tuple[str, str]:
    title, _, message = problem.partition(". ")
    return title, message
