"""Whether files are found at once in a folder of 100,000, and the tree keeps up with 20,000 in one folder."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import psutil
from PySide6.QtWidgets import QApplication

from app.files.folder_messages import IndexBuilt
from app.files.folder_service import FolderService
from app.ipc.launch import clean_environment
from tests.bench.bench_conversation import Heartbeat, settle, wait
from tests.bench.measurement import Measurement, percentile
from ui.files.file_tree import FileTree
from ui.process_transport import QtProcessTransport
from ui.theme import Theme

FILES = 100_000
PER_FOLDER = 50
IN_ONE_FOLDER = 20_000
NAMES = "engine model view cache tree parser index search folder match tool chat file state theme test"
WORDS = NAMES.split()
QUERIES = ("e", "en", "engine", "engine mod", "mdlvw", "test/parse", "zzzz", "view99")
MIB = 2**20


def run() -> Iterator[Measurement]:
    """Measure through the child processes, with the widget off screen."""
    application = cast("QApplication", QApplication.instance() or QApplication(sys.argv[:1]))
    with TemporaryDirectory(prefix="sawhorse-bench-") as folder:
        root = Path(folder)
        fill(root)
        transports: list[QtProcessTransport] = []

        def make_transport() -> QtProcessTransport:
            transports.append(QtProcessTransport(clean_environment()))
            return transports[-1]

        service = FolderService(make_transport)
        service.open(folder)
        try:
            yield from measure_index(application, service, transports)
            yield from measure_tree(application, service)
        finally:
            service.close()
            for transport in transports:
                transport.close()


def fill(root: Path) -> None:
    """Make the files, empty ones, and rules that leave none of them out."""
    for number in range(FILES // PER_FOLDER):
        folder = root / WORDS[number % 16] / f"{WORDS[number // 16 % 16]}{number}"
        folder.mkdir(parents=True)
        for place in range(PER_FOLDER):
            (folder / f"{WORDS[place % 16]}_{WORDS[(place + number) % 16]}{place}.py").touch()
    many = root / "many"
    many.mkdir()
    for number in range(IN_ONE_FOLDER):
        (many / f"entry{number}.txt").touch()
    (root / ".gitignore").write_text("*.pyc\n__pycache__/\nbuild/\n.venv/\nnode_modules/\n*.log\n", "utf-8")


def measure_index(
    application: QApplication, service: FolderService, transports: list[QtProcessTransport]
) -> Iterator[Measurement]:
    """Learning the paths, and finding some, as go to file does."""
    built: list[IndexBuilt] = []
    service.on_indexed = built.append
    service.index()
    wait(application, lambda: bool(built))
    yield Measurement(f"learn the paths of {built[0].files:,} files", built[0].seconds, "s", 5)
    (pid,) = [transport.pid for transport in transports if transport.pid]
    yield Measurement("memory of the process that knows them", psutil.Process(pid).memory_info().rss / MIB, "MiB", 120)
    taken = []
    for query in QUERIES:
        found: list[object] = []
        begun = time.perf_counter()
        service.find(query, 60, found.append, with_folders=False)
        wait(application, lambda found=found: bool(found))  # type: ignore[misc]
        taken.append((time.perf_counter() - begun) * 1000)
    yield Measurement("find by a few letters, slowest query", max(taken), "ms", 150)


def measure_tree(application: QApplication, service: FolderService) -> Iterator[Measurement]:
    """Opening a folder with very many entries, and noticing a new one in it."""
    tree = FileTree(Theme("light"), service.finder())
    tree.resize(256, 900)
    tree.model.wanted.connect(lambda path, limit: service.list_folder(path, show(tree, path), limit=limit))
    tree.show_folder(service.folder)
    tree.show()
    tree.model.want("")
    wait(application, lambda: tree.model.index_of("many").isValid())
    settle(application)
    gaps = []
    steps: list[Callable[[], object]] = [lambda: tree.reveal("many/entry0.txt"), lambda: tree.model.want("many")]
    for step in steps:
        heart = Heartbeat()
        step()
        wait(application, lambda: tree.model.index_of("many/entry1.txt").isValid())
        settle(application)
        heart.stop()
        gaps += heart.gaps_ms
    yield Measurement(f"event loop gap, a folder of {IN_ONE_FOLDER:,}, p99", percentile(gaps, 99), "ms", 16)
    yield Measurement(f"event loop gap, a folder of {IN_ONE_FOLDER:,}, longest", max(gaps), "ms", 50)
    tree.close()
    tree.deleteLater()


def show(tree: FileTree, path: str) -> Callable[[object], None]:
    """Return what shows a listing."""
    return lambda listed: tree.show_listed(path, listed)  # type: ignore[arg-type]
