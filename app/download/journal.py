"""Which bytes of a partial file are there. Survives kill -9 to the byte, and power loss to the last sync.

A mapped file of fixed size. ``written`` counts what was handed to the system: it holds as long as the system runs,
whatever becomes of this process, and costs no call to keep. ``synced`` counts what is known to be on the disk itself:
it is raised only after the data was synced, and is all that counts after the next start of the machine.

Layout, little-endian: magic 8, size u64, chunk u64, fetched u64, sha256 32, boot id 64, etag 128; then, for each
chunk, written u64; synced u64; the sha256 of all bytes up to the chunk's end, 32 (zeros: not known yet).
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
from pathlib import Path
from typing import Self

from app.download.disk import boot_id, try_lock
from app.download.errors import DownloadError

MAGIC = b"SAWHORS1"
DIGEST_BYTES = 32
_HEADER = struct.Struct("<8sQQQ32s64s128s")
_FETCHED_AT = 24
_BOOT_AT, _BOOT_BYTES = 64, 64
_ETAG_AT, _ETAG_BYTES = 128, 128
_ARRAYS_AT = 256
_UNKNOWN = bytes(DIGEST_BYTES)


class Journal:
    """The open, locked journal of one partial file.

    Attributes:
        written: By chunk, how many of its bytes, from its start, were written.
        synced: By chunk, how many of them are on the disk itself.
    """

    def __init__(self, path: Path, size: int, chunk: int, sha256: str, *, boot: str | None = None) -> None:
        """Open or make it; one of another file, or damaged, is begun anew.

        Raises:
            DownloadError: Another process has it open ("locked").
            OSError: It cannot be written.
        """
        self.size = size
        self.chunk = chunk
        self.chunks = max(1, -(-size // chunk))
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        try:
            self._lock(path)
            self._sha = bytes.fromhex(sha256) or _UNKNOWN
            boot_bytes = (boot or boot_id()).encode()[:_BOOT_BYTES].ljust(_BOOT_BYTES, b"\0")
            self.is_new = not self._is_ours()
            if self.is_new:
                self._begin(boot_bytes)
            self._map = mmap.mmap(self._fd, self._length)
        except BaseException:
            os.close(self._fd)
            raise
        view = memoryview(self._map)
        end = _ARRAYS_AT + 8 * self.chunks
        self._views = [view, view[_ARRAYS_AT:end].cast("Q"), view[end : end + 8 * self.chunks].cast("Q")]
        self.written, self.synced = self._views[1:]
        self._digests_at = end + 8 * self.chunks
        if self._map[_BOOT_AT : _BOOT_AT + _BOOT_BYTES] != boot_bytes:
            self._trust_only_the_disk(boot_bytes)
        self._check()

    @property
    def _length(self) -> int:
        return _ARRAYS_AT + self.chunks * (16 + DIGEST_BYTES)

    @property
    def fetched(self) -> int:
        """Bytes fetched over the network for this file, over every try."""
        return int.from_bytes(self._map[_FETCHED_AT : _FETCHED_AT + 8], "little")

    @fetched.setter
    def fetched(self, value: int) -> None:
        self._map[_FETCHED_AT : _FETCHED_AT + 8] = value.to_bytes(8, "little")

    @property
    def etag(self) -> str:
        """The entity tag of what was fetched so far; empty if the server gave none."""
        return self._map[_ETAG_AT : _ETAG_AT + _ETAG_BYTES].rstrip(b"\0").decode("latin-1")

    @etag.setter
    def etag(self, value: str) -> None:
        data = value.encode("latin-1", "ignore")
        data = data if len(data) <= _ETAG_BYTES else b""
        self._map[_ETAG_AT : _ETAG_AT + _ETAG_BYTES] = data.ljust(_ETAG_BYTES, b"\0")

    def length(self, chunk: int) -> int:
        """Return a chunk's length in bytes."""
        return min(self.chunk, self.size - chunk * self.chunk)

    def digest(self, chunk: int) -> bytes:
        """Return the sha256 of all bytes up to a chunk's end; empty if it is not known."""
        start = self._digests_at + chunk * DIGEST_BYTES
        digest = self._map[start : start + DIGEST_BYTES]
        return b"" if digest == _UNKNOWN else digest

    def set_digest(self, chunk: int, digest: bytes) -> None:
        """Keep a running digest; an empty one is forgotten."""
        start = self._digests_at + chunk * DIGEST_BYTES
        self._map[start : start + DIGEST_BYTES] = digest or _UNKNOWN

    def claim_all(self) -> None:
        """Say that every byte is there: of a file that was complete before."""
        for chunk in range(self.chunks):
            self.written[chunk] = self.synced[chunk] = self.length(chunk)

    def forget(self) -> None:
        """Say that nothing is there."""
        for chunk in range(self.chunks):
            self.written[chunk] = self.synced[chunk] = 0
            self.set_digest(chunk, b"")
        self.etag = ""
        self.flush()

    def flush(self) -> None:
        """Bring the journal itself to the disk."""
        self._map.flush()

    def close(self) -> None:
        """Close and unlock it."""
        for view in reversed(self._views):
            view.release()
        self._map.close()
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _lock(self, path: Path) -> None:
        if not try_lock(self._fd):
            raise DownloadError(
                "locked",
                "This model is being downloaded already",
                f"Another Sawhorse is writing {path.name.removesuffix(path.suffix)}.",
                "Wait for it, or close it and resume here.",
            )

    def _is_ours(self) -> bool:
        if os.fstat(self._fd).st_size != self._length:
            return False
        os.lseek(self._fd, 0, os.SEEK_SET)
        head = os.read(self._fd, _HEADER.size)
        with contextlib.suppress(struct.error):
            magic, size, chunk, _fetched, sha, _boot, _etag = _HEADER.unpack(head)
            return bool((magic, size, chunk, sha) == (MAGIC, self.size, self.chunk, self._sha))
        return False

    def _begin(self, boot: bytes) -> None:
        head = _HEADER.pack(MAGIC, self.size, self.chunk, 0, self._sha, boot, b"")
        os.ftruncate(self._fd, 0)
        os.lseek(self._fd, 0, os.SEEK_SET)
        os.write(self._fd, head.ljust(self._length, b"\0"))
        os.fsync(self._fd)

    def _trust_only_the_disk(self, boot: bytes) -> None:
        """The machine was started anew: what had only been handed to the system may be lost."""
        self.written[:] = self.synced
        self.flush()  # before the new boot id vouches for ``written``
        self._map[_BOOT_AT : _BOOT_AT + _BOOT_BYTES] = boot
        self.flush()

    def _check(self) -> None:
        for chunk in range(self.chunks):
            if self.written[chunk] > self.length(chunk) or self.synced[chunk] > self.written[chunk]:
                self.forget()
                return
