"""How long files take on their way through the process that reads, saves, keeps and searches them."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.files.recovery import RecoveryRecord
from app.files.search_files import SearchEnd, SearchQuery
from app.files.search_service import SearchService
from app.files.service import FileService
from app.ipc.popen_transport import PopenTransport
from tests.bench.measurement import Measurement

LINES = 100_000
ROUNDS = 5
SECONDS = 60.0


def run() -> Iterator[Measurement]:
    """Measure with a module of the standard library many times over, and with the standard library."""
    module = Path(os.__file__).read_text("utf-8")
    text = "\n".join((module * (LINES // module.count("\n") + 1)).split("\n")[:LINES])
    with tempfile.TemporaryDirectory() as folder:
        transport = PopenTransport()
        service = FileService(transport, folder)
        try:
            yield from measure_files(transport, service, Path(folder, "long.py"), text)
        finally:
            service.close()
            transport.close()
    transport = PopenTransport()
    search = SearchService(transport)
    try:
        yield from measure_search(transport, search)
    finally:
        search.close()
        transport.close()


def measure_files(transport: PopenTransport, service: FileService, path: Path, text: str) -> Iterator[Measurement]:
    """Read, save and keep one long file; the first reading starts the process."""
    path.write_text(text, "utf-8")
    note = f"{len(text):,} characters"
    first, file = timed(transport, lambda done: service.read(str(path), "", done))
    yield Measurement(f"read {LINES:,} lines, the process started for it", first, "ms", 500, note=note)
    again = min(timed(transport, lambda done: service.read(str(path), "", done))[0] for _ in range(ROUNDS))
    yield Measurement(f"read {LINES:,} lines", again, "ms", 200)
    saved, _ = timed(transport, lambda done: service.save(file, text + "\n", done))
    yield Measurement(f"save {LINES:,} lines", saved, "ms", 500)
    record = RecoveryRecord(path=str(path), name="", text=text, saved_at=1.0)
    kept, _ = timed(transport, lambda done: service.keep("key", record, done))
    yield Measurement(f"keep {LINES:,} lines for the case of a crash", kept, "ms", 500)


def measure_search(transport: PopenTransport, search: SearchService) -> Iterator[Measurement]:
    """Search the standard library; the first time starts the process and reads from the disk, the second is counted."""
    query = SearchQuery(folder=str(Path(os.__file__).parent), text="def main")
    heard: list[float] = []

    def ask(done: Callable[[Any], None]) -> None:
        search.search(query, lambda _: heard.append(time.perf_counter()), done)

    timed(transport, ask)
    heard.clear()
    begun = time.perf_counter()
    took, end = timed(transport, ask)
    note = f"{end.lines:,} lines" if isinstance(end, SearchEnd) else "failed"
    yield Measurement("search the standard library, to the first file", (heard[0] - begun) * 1000, "ms", 200)
    yield Measurement("search the standard library", took, "ms", 5_000, note=note)


def timed(transport: PopenTransport, ask: Callable[[Callable[[Any], None]], Any]) -> tuple[float, Any]:
    """Return how many milliseconds an answer takes, and the answer."""
    answers: list[Any] = []
    begun = time.perf_counter()
    ask(answers.append)
    while not answers and time.perf_counter() - begun < SECONDS:
        transport.pump(0.1)
    return (time.perf_counter() - begun) * 1000, answers[0]
