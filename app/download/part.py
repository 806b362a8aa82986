"""One partial file and its journal: written by several threads, read back by the one that hashes."""

from __future__ import annotations

import contextlib
import errno
import threading
from collections.abc import Iterator

from app.catalog.variants import RemoteFile
from app.download.disk import PositionedFile, reserve, sync_data
from app.download.errors import DownloadError, Stopped
from app.download.journal import Journal
from app.download.names import Target
from app.download.recent import Recent

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class PartFile:
    """The open partial file; its chunks are each written from their start by one thread at a time."""

    def __init__(self, file: RemoteFile, target: Target, chunk: int) -> None:
        """Open what an earlier try left, or begin.

        Raises:
            DownloadError: It cannot be written, or another process does.
        """
        self.file = file
        self.target = target
        self._lock = threading.Condition()
        self._writers = 0
        self._is_closed = False
        self._last = (0, 0)  # done and fetched bytes when it was closed
        #: Set when a writer has got a piece further, for whoever hashes.
        self.grown = threading.Event()
        self.recent = Recent()
        #: Set when a chunk is complete, for whoever brings it to the disk.
        self.filled = threading.Event()
        try:
            self.journal = Journal(target.journal, file.size_bytes, chunk, file.sha256)
            try:
                self._data = PositionedFile(target.part)
            except BaseException:
                self.journal.close()
                raise
        except OSError as error:
            raise write_error(error, target) from error
        if self._data.size() != file.size_bytes:  # new, or not what the journal speaks of
            self.journal.forget()

    @property
    def size(self) -> int:
        """Bytes of the complete file."""
        return self.journal.size

    @property
    def done_bytes(self) -> int:
        """Bytes that are there."""
        with self._lock:
            return self._last[0] if self._is_closed else sum(self.journal.written)

    @property
    def fetched_bytes(self) -> int:
        """Bytes fetched for it over every try."""
        with self._lock:
            return self._last[1] if self._is_closed else self.journal.fetched

    def reserve(self) -> None:
        """Take the space it needs. Raises DownloadError if the disk has less."""
        try:
            reserve(self._data.fd, self.size)
        except OSError as error:
            raise write_error(error, self.target) from error

    def position(self, chunk: int) -> int:
        """Return the offset in the file of the first byte that a chunk lacks. Raises Stopped."""
        with self._still_open():
            return chunk * self.journal.chunk + self.journal.written[chunk]

    def end(self, chunk: int) -> int:
        """Return the offset of a chunk's end."""
        return chunk * self.journal.chunk + self.journal.length(chunk)

    def is_complete(self, chunk: int) -> bool:
        """Tell whether all of a chunk is there. Raises Stopped."""
        with self._still_open():
            return bool(self.journal.written[chunk] == self.journal.length(chunk))

    def append(self, chunk: int, data: bytes | memoryview) -> None:
        """Write the next bytes of a chunk, just fetched.

        Raises:
            DownloadError: The disk is full or broken.
            Stopped: The file was closed meanwhile.
        """
        offset = self.position(chunk)
        self.write(data, offset)
        with self._still_open():
            self.journal.written[chunk] += len(data)
            self.journal.fetched += len(data)
            is_full = self.journal.written[chunk] == self.journal.length(chunk)
        if is_full:
            self.filled.set()
        self.recent.offer(offset, data)
        self.grown.set()

    def write(self, data: bytes | memoryview, offset: int) -> None:
        """Write bytes in place, claiming nothing. Raises as ``append``."""
        with self._still_open():
            self._writers += 1
        try:
            self._data.write(data, offset)
        except OSError as error:
            raise write_error(error, self.target) from error
        finally:
            self._leave()

    def count(self, fetched: int) -> None:
        """Count bytes that were fetched but not kept. Raises Stopped."""
        with self._still_open():
            self.journal.fetched += fetched

    def note_etag(self, etag: str) -> None:
        """Keep the entity tag of what is being fetched. Raises Stopped."""
        with self._still_open():
            if etag != self.journal.etag:
                self.journal.etag = etag

    def unclaim(self, chunk: int) -> None:
        """Say that a chunk has to be fetched again. Raises Stopped."""
        with self._still_open():
            self.journal.written[chunk] = self.journal.synced[chunk] = 0
            self.journal.flush()

    def available(self, offset: int) -> int:
        """Return how many bytes can be read from ``offset`` on, up to its chunk's end."""
        chunk = offset // self.journal.chunk
        return max(0, self.position(chunk) - offset)

    def read_into(self, view: memoryview, offset: int) -> int:
        """Read back what was written. Raises DownloadError."""
        try:
            return self._data.read_into(view, offset)
        except OSError as error:
            raise write_error(error, self.target) from error

    def sync(self) -> None:
        """Bring what was written so far to the disk, and only then say so in the journal.

        Raises:
            DownloadError: The disk does not take it.
            Stopped: The file was closed meanwhile.
        """
        with self._still_open():
            before = list(self.journal.written)
            if before == list(self.journal.synced):
                return
            self._writers += 1
        try:
            sync_data(self._data.fd)
        except OSError as error:
            raise write_error(error, self.target) from error
        finally:
            self._leave()
        with self._still_open():
            for chunk, written in enumerate(before):
                self.journal.synced[chunk] = min(written, self.journal.written[chunk])
            self.journal.flush()

    def close(self) -> None:
        """Close and unlock it once no thread is in the middle of writing; later writes raise ``Stopped``."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            self._last = sum(self.journal.written), self.journal.fetched
            self._lock.wait_for(lambda: self._writers == 0)
            self._data.close()
            self.journal.close()

    @contextlib.contextmanager
    def _still_open(self) -> Iterator[None]:
        """Hold the lock; raises Stopped where the file is closed, for whoever has not heard of it yet."""
        with self._lock:
            if self._is_closed:
                raise Stopped
            yield

    def _leave(self) -> None:
        with self._lock:
            self._writers -= 1
            self._lock.notify_all()


def write_error(error: OSError, target: Target) -> DownloadError:
    """Put a failure of the disk into words."""
    if error.errno in _FULL:
        return DownloadError(
            "disk_full",
            "The disk is full",
            f"{target.final.name} could not be written to {target.final.parent}.",
            "Free some space and resume: what has been fetched is kept.",
        )
    return DownloadError(
        "unwritable",
        "The model cannot be written",
        f"{target.part}: {error.strerror or error}.",
        "Check the folder and the disk, then resume.",
    )
