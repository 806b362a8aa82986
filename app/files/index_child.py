"""The child process that knows all paths of the open folder: it learns them in a thread and answers meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from app.files.folder_messages import BuildIndex, FindPaths, IndexBuilt, IndexCommand, IndexDropped, PathsFound
from app.files.path_index import PathIndex, build_index
from app.ipc.child import Channel, open_channel
from app.ipc.job import JobEvent, failed_by
from app.tools.names import meant
from app.tools.tree_by_path import open_tree


class Indexer:
    """Answers in turn. While a folder is learnt anew, what was known of it before is searched."""

    def __init__(self, send: Callable[[JobEvent], None]) -> None:
        self._send = send
        self._index = PathIndex("")
        self._building: threading.Thread | None = None
        self._cancelled = threading.Event()

    def handle(self, command: IndexCommand) -> None:
        """Do one command; what it answers is sent, by the thread that learns the paths for ``BuildIndex``."""
        if isinstance(command, BuildIndex):
            self.wait(is_cancelled=True)
            self._cancelled = threading.Event()
            self._building = threading.Thread(target=self._build, args=(command, self._cancelled), daemon=True)
            self._building.start()
            return
        if self._index.root != command.root:
            self.wait()
        self._answer(command, partial(self._find, command))

    def wait(self, *, is_cancelled: bool = False) -> None:
        """Wait for the paths that are being learnt, or for the end of that."""
        if is_cancelled:
            self._cancelled.set()
        if self._building is not None:
            self._building.join()
            self._building = None

    def _build(self, command: BuildIndex, cancelled: threading.Event) -> None:
        self._answer(command, partial(self._built, command.root, cancelled))

    def _built(self, root: str, cancelled: threading.Event) -> JobEvent:
        begin = time.monotonic()
        try:
            with open_tree(Path(meant(root))) as tree:
                index = build_index(root, tree, cancelled.is_set)
        except OSError:
            index = PathIndex(root)  # it is gone, and so are its files; the tree says so
        if cancelled.is_set():
            return IndexDropped()
        self._index = index
        seconds = time.monotonic() - begin
        return IndexBuilt(files=index.file_count, folders=index.folder_count, seconds=seconds, is_cut=index.is_cut)

    def _find(self, command: FindPaths) -> JobEvent:
        if self._index.root != command.root:
            return PathsFound(found=())
        found, total = self._index.find(
            command.query, command.limit, recent=command.recent, with_folders=command.with_folders
        )
        return PathsFound(found=found, total=total)

    def _answer(self, command: IndexCommand, work: Callable[[], JobEvent]) -> None:
        try:
            event = work()
        except Exception as error:  # noqa: BLE001 - reported to the parent, where people can read it
            event = failed_by(error)
        self._send(msgspec.structs.replace(event, request=command.request))


def main() -> None:
    """Serve until the parent closes the pipe."""
    channel: Channel[IndexCommand] = open_channel(IndexCommand)
    indexer = Indexer(channel.send)
    for command in channel:
        indexer.handle(command)


if __name__ == "__main__":
    main()
