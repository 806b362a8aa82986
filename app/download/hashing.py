"""The sha256 of a file while it is being fetched: of what is still in memory, else read back from the page cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from app.download.part import PartFile

READ_BYTES = 1024 * 1024
WAIT_S = 0.25


class Hasher:
    """Follows a partial file from its start to its end.

    Chunks arrive in any order but close to each other, so the front of the hash trails them by little, and what it
    reads is still in memory. What an earlier run had already hashed is compared at each chunk's end: a chunk that
    differs was damaged on the disk and is fetched again, alone.

    Args:
        is_stopped: Asked between pieces.
        fetch_again: Called with the number of a damaged chunk, which has been taken out of the journal.
    """

    def __init__(self, part: PartFile, is_stopped: Callable[[], bool], fetch_again: Callable[[int], None]) -> None:
        self._part = part
        self._is_stopped = is_stopped
        self._fetch_again = fetch_again
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._before = [hashlib.sha256()]  # by chunk, the state at its start
        self._doubted: set[int] = set()
        self.position = 0

    @property
    def hexdigest(self) -> str:
        """The digest of what has been hashed so far."""
        return self._before[-1].hexdigest()

    def run(self) -> bool:
        """Hash to the end and tell whether it was reached; False: stopped. Raises DownloadError."""
        journal = self._part.journal
        while len(self._before) <= journal.chunks:
            chunk = len(self._before) - 1
            state = self._before[chunk].copy()
            if not self._hash_chunk(chunk, state):
                return False
            digest, known = state.digest(), journal.digest(chunk)
            if known and digest != known:
                if self._again(chunk):
                    continue
                for later in range(chunk, journal.chunks):  # a fresh copy differs too: what was known was wrong
                    journal.set_digest(later, b"")
            journal.set_digest(chunk, digest)
            self._before.append(state)
        return True

    def rewind(self, chunk: int) -> None:
        """Begin anew at a chunk whose bytes have changed, and forget what was known from there on."""
        del self._before[chunk + 1 :]
        self.position = chunk * self._part.journal.chunk
        for later in range(chunk, self._part.journal.chunks):
            self._part.journal.set_digest(later, b"")

    def _again(self, chunk: int) -> bool:
        if chunk in self._doubted:
            return False
        self._doubted.add(chunk)
        self.position = chunk * self._part.journal.chunk
        self._part.unclaim(chunk)
        self._fetch_again(chunk)
        return True

    def _hash_chunk(self, chunk: int, state: hashlib._Hash) -> bool:
        part, end = self._part, self._part.end(chunk)
        while self.position < end:
            if self._is_stopped():
                return False
            part.grown.clear()
            if piece := part.recent.take(self.position):
                state.update(piece)
                self.position += len(piece)
                continue
            ready = part.available(self.position)
            if ready < min(READ_BYTES, end - self.position):  # few large steps cost less than many small ones
                part.grown.wait(WAIT_S)
                continue
            count = part.read_into(self._buffer[: min(ready, READ_BYTES)], self.position)
            state.update(self._buffer[:count])
            self.position += count
        return True


def running_digests(
    read: Callable[[memoryview, int], int], size: int, chunk: int, on_bytes: Callable[[int], None]
) -> Iterator[bytes]:
    """Yield the sha256 of all bytes up to each chunk's end; ends early where the file does.

    Args:
        read: Fills a buffer from an offset and returns how much there was.
        on_bytes: Told how many bytes were read, piece by piece; may raise to end it.
    """
    buffer = memoryview(bytearray(READ_BYTES))
    state, position = hashlib.sha256(), 0
    for number in range(max(1, -(-size // chunk))):
        end = min(size, (number + 1) * chunk)
        while position < end:
            count = read(buffer[: min(READ_BYTES, end - position)], position)
            if not count:
                return
            on_bytes(count)
            state.update(buffer[:count])
            position += count
        yield state.digest()
