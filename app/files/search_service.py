"""Search in files as the window uses it: ask, hear of files as they are found, cancel."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from app.errors import AppError
from app.files.search_files import FileHits, SearchEnd, SearchQuery
from app.files.search_messages import EVENT_TYPE, HitsFound, SearchEvent, SearchFolder, SearchOver
from app.ipc.job import JobProcess
from app.ipc.transport import Transport
from app.tools.names import shown

MODULE = "app.files.search_worker"
#: A search that tells nothing for so long is ended from outside; it ends itself before.
_SILENT_SECONDS = 180.0


class SearchService:
    """A ``FileSearch``. ``tick`` is to be called about once a second."""

    def __init__(self, transport: Transport) -> None:
        self._job: JobProcess[SearchEvent] = JobProcess(transport, MODULE, EVENT_TYPE, "The search")
        self._current = 0

    @property
    def is_busy(self) -> bool:
        """Whether a search is at work."""
        return self._current != 0

    def search(
        self,
        query: SearchQuery,
        on_hits: Callable[[tuple[FileHits, ...]], None],
        on_done: Callable[[SearchEnd | AppError], None],
    ) -> int:
        """Search, and cancel the search before; return a number for ``cancel``."""
        self.cancel(self._current)

        def hear(event: SearchEvent) -> None:
            if isinstance(event, HitsFound):
                on_hits(event.files)
                return
            self._current = 0
            on_done(event.end if isinstance(event, SearchOver) else event.error())

        # Halves of characters, which no message can carry, are no text of a file either.
        unsaved = {shown(path): text.encode("utf-8", "replace") for path, text in query.unsaved.items()}
        words = query.text.encode("utf-8", "replace").decode()
        sent = msgspec.structs.replace(query, folder=shown(query.folder), text=words, unsaved={})
        self._current = self._job.ask(SearchFolder(query=sent, unsaved=unsaved), hear, limit_s=_SILENT_SECONDS)
        return self._current

    def cancel(self, search: int) -> None:
        """End a search, and the process with it; without effect on one that has ended."""
        if search and search == self._current:
            self._current = 0
            self._job.forget(search)

    def rest(self) -> None:
        """Give back the memory of a process that has nothing to do."""
        self._job.rest()

    def tick(self) -> None:
        """Notice a process that has been silent for too long."""
        self._job.tick()

    def close(self) -> None:
        """End the process; nobody is called back any more."""
        self._current = 0
        self._job.close()
