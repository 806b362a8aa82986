"""The pieces that were just written and are still to be hashed: kept in memory, so that they need not be read back."""

from __future__ import annotations

import threading
from collections import deque

MOST_BYTES = 16 * 1024 * 1024
#: A hash that gets no further for so long is not waited for; it reads from the file then.
PATIENCE_S = 1.0


class Recent:
    """Pieces without a gap from where the hash is; what does not follow on is not kept."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pieces: deque[bytes | memoryview] = deque()
        self._position = 0  # of the first piece, and of the hash where there is none
        self._bytes = 0

    def offer(self, offset: int, data: bytes | memoryview) -> None:
        """Keep a piece if the hash comes to it next; waits a little for a hash that lags."""
        with self._changed:
            if offset != self._position + self._bytes:
                return
            if self._bytes >= MOST_BYTES and not self._changed.wait_for(self._has_room, PATIENCE_S):
                return
            if offset == self._position + self._bytes:
                self._pieces.append(data)
                self._bytes += len(data)

    def take(self, position: int) -> bytes | memoryview | None:
        """Return the piece at ``position``, where the hash is now, if it is here."""
        with self._changed:
            if position != self._position:
                self._pieces.clear()
                self._position, self._bytes = position, 0
            if not self._pieces:
                return None
            piece = self._pieces.popleft()
            self._position += len(piece)
            self._bytes -= len(piece)
            self._changed.notify_all()
            return piece

    def _has_room(self) -> bool:
        return self._bytes < MOST_BYTES
