"""A search that goes on in a thread of its own if it takes long; ``regex`` lets other threads run while it looks."""

from __future__ import annotations

import threading
from itertools import islice
from typing import TYPE_CHECKING

from app.files.find import MAX_HITS, TooLongError, find_hits

if TYPE_CHECKING:
    import regex

#: Processor seconds that the one who asks waits for it, so that most searches are over at once.
FIRST_SECONDS = 0.004
#: Hits handed over at once.
_BATCH = 500


class HitSearch:
    """Looks for all hits; its thread knows the text and nothing else, and ends by itself.

    Args:
        begin, end: Where in the text hits may be.
    """

    def __init__(self, pattern: regex.Pattern[str], text: str, begin: int, end: int) -> None:
        self._pattern = pattern
        self._text = text
        self._lock = threading.Lock()
        self._found: list[tuple[int, int]] = []
        self._is_cancelled = False
        self._problem: TooLongError | None = None
        self._thread: threading.Thread | None = None
        try:
            for hit in islice(find_hits(pattern, text, begin, end, FIRST_SECONDS), MAX_HITS):
                self._found.append(hit)
        except TooLongError:
            begin = self._found[-1][1] if self._found else begin
            room = MAX_HITS - len(self._found)
            self._thread = threading.Thread(target=self._run, args=(begin, end, room), name="find", daemon=True)
            self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether hits may still come."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def problem(self) -> TooLongError | None:
        """Why it was given up, once it has ended."""
        return self._problem

    def cancel(self) -> None:
        """End it at the next hit, or when its time is up."""
        self._is_cancelled = True

    def take(self) -> list[tuple[int, int]]:
        """Return the hits found since the last call, in order."""
        with self._lock:
            found, self._found = self._found, []
        return found

    def _run(self, begin: int, end: int, room: int) -> None:
        batch: list[tuple[int, int]] = []
        try:
            for hit in islice(find_hits(self._pattern, self._text, begin, end), room):
                if self._is_cancelled:
                    return
                batch.append(hit)
                if len(batch) >= _BATCH:
                    self._hand_over(batch)
                    batch = []
        except TooLongError as problem:
            self._problem = problem
        self._hand_over(batch)

    def _hand_over(self, batch: list[tuple[int, int]]) -> None:
        with self._lock:
            self._found += batch
