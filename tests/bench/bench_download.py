"""Downloads over the loopback: against a plain socket that is copied to a file, and with many cuts."""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from app.catalog.variants import RemoteFile, Variant
from app.download.outcomes import RESTING
from app.download.queue import DownloadQueue
from app.download.tuning import Tuning
from app.ipc.popen_transport import PopenTransport
from tests.bench.measurement import Measurement
from tests.hub.server import Hub

MIB = 1024**2
SIZE = 1024 * MIB
ROUNDS = 5
CUTS = 100
CUT_SIZE = 256 * MIB


def run() -> Iterator[Measurement]:
    """Measure throughput and what cuts cost."""
    with tempfile.TemporaryDirectory(prefix="sawhorse-bench-") as name:
        folder = Path(name)
        ours, raw = throughputs(folder)
        note = f"median of {ROUNDS} rounds in turns, to the disk, server in a process of its own"
        yield Measurement("download with hashing", statistics.median(ours) / 1e6, "MB/s", note=note)
        yield Measurement("a plain socket copied to a file", statistics.median(raw) / 1e6, "MB/s", note=note)
        ratio = statistics.median(mine / other for mine, other in zip(ours, raw, strict=True))
        yield Measurement("download / plain socket", ratio, budget=0.8, direction="at least")
        yield Measurement("bytes fetched after 100 random cuts / size", cut_cost(folder), budget=1.02)


def throughputs(folder: Path) -> tuple[list[float], list[float]]:
    """Return bytes per second of both contenders, round by round."""
    served = folder / "served.gguf"
    with served.open("wb") as file:
        for _ in range(SIZE // MIB):
            file.write(os.urandom(MIB))
    ours, raw = [], []
    with serving(served) as offer, Downloader() as downloader:
        downloader.download(offer, folder / "warm")
        (folder / "warm" / served.name).unlink()
        for number in range(ROUNDS):
            target = folder / f"ours-{number}"
            ours.append(offer["size"] / downloader.download(offer, target))
            (target / served.name).unlink()
            raw.append(offer["size"] / copy_socket(offer["direct"], folder / "raw"))
            (folder / "raw").unlink()
    served.unlink()
    return ours, raw


@contextmanager
def serving(file: Path) -> Iterator[dict[str, Any]]:
    """Serve a file from another process."""
    command = [sys.executable, "-m", "tests.hub", str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.stdin.close()


def copy_socket(url: str, target: Path) -> float:
    """Return the seconds that the simplest program takes: ask, receive, write, sync."""
    parts = urlsplit(url)
    buffer = memoryview(bytearray(MIB))
    begun = time.perf_counter()
    with socket.create_connection((parts.hostname or "", parts.port or 80)) as connection, target.open("wb", 0) as file:
        request = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(1)
        while count := connection.recv_into(buffer):
            file.write(buffer[:count])
        os.fsync(file.fileno())
    return time.perf_counter() - begun


class Downloader:
    """The real queue with its process."""

    def __init__(self, tuning: Tuning | None = None) -> None:
        self._transport = PopenTransport()
        self._queue = DownloadQueue(self._transport, None, lambda: None, tuning=tuning)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.close()
        self._transport.close()

    def download(self, offer: dict[str, Any], folder: Path) -> float:
        """Return the seconds from the wish to the verified file."""
        name = offer.get("name", "served.gguf")
        file = RemoteFile(name=name, url=offer["url"], size_bytes=offer["size"], sha256=offer["sha256"])
        variant = Variant(
            source="huggingface", repository="a/b", revision=offer["revision"], quantization="Q4", files=(file,)
        )
        begun = time.perf_counter()
        number = self._queue.add(variant, folder).id
        while self._queue.get(number).state not in RESTING:
            self._transport.pump(0.05)
            self._queue.tick()
        seconds = time.perf_counter() - begun
        assert self._queue.get(number).state == "done", self._queue.get(number)
        return seconds


def cut_cost(folder: Path) -> float:
    """Return how much more than its size a file costs when its connections are cut again and again."""
    with Hub() as hub, Downloader(Tuning(retry_s=0.01)) as downloader:
        (stored,) = hub.publish("a/b", {"served.gguf": os.urandom(CUT_SIZE)})
        hub.faults.cut_randomly(seed=1, cuts=CUTS, most_bytes=CUT_SIZE // CUTS)
        offer = {
            "url": hub.file_url("a/b", stored.name),
            "size": stored.size,
            "sha256": stored.sha256,
            "revision": hub.revision,
        }
        downloader.download(offer, folder / "cut")
        assert hub.faults.used == CUTS, hub.faults.used
        return hub.sent_bytes / stored.size
