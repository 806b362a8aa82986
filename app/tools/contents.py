"""Contents of files, kept once each under the SHA-256 of their bytes: small ones in a database, large ones as files."""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import apsw

from app.tools.tree import Tree

#: Larger contents are files of their own; a database is faster below, by measure on ext4.
SMALL_BYTES = 128 * 1024
_CHUNK_BYTES = 2**20
_SNIFFED_BYTES = 8192
#: Linux's request to share a file's blocks (include/uapi/linux/fs.h), which Btrfs, XFS and bcachefs can.
_FICLONE = 0x40049409

SCHEMA = """
    CREATE TABLE IF NOT EXISTS contents (
        name TEXT PRIMARY KEY,         -- SHA-256 of the bytes
        size INTEGER NOT NULL,
        is_text INTEGER NOT NULL,
        data BLOB                      -- the bytes, packed by zlib; NULL: they are a file
    );
"""


class Contents:
    """The contents kept in a folder. Every verb raises OSError or apsw.Error where the disk fails."""

    def __init__(self, folder: Path, db: apsw.Connection) -> None:
        self.folder = folder / "contents"
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._db = db
        db.execute(SCHEMA)

    def keep(self, data: bytes) -> str:
        """Keep small contents and return their name."""
        name = hashlib.sha256(data).hexdigest()
        if not self.has(name):
            is_text = b"\0" not in data[:_SNIFFED_BYTES]
            self._db.execute(
                "INSERT INTO contents VALUES (?, ?, ?, ?)", (name, len(data), is_text, zlib.compress(data, 1))
            )
        return name

    def keep_file(self, fd: int) -> str:
        """Keep what an open file holds, and return its name."""
        if os.fstat(fd).st_size <= SMALL_BYTES:
            data = _read(fd, SMALL_BYTES + 1)
            if len(data) <= SMALL_BYTES:
                return self.keep(data)
            os.lseek(fd, 0, os.SEEK_SET)  # it grew meanwhile
        new = self.folder / f"new-{secrets.token_hex(8)}"
        try:
            name, size, is_text = _copy(fd, new)
            if self.has(name):
                new.unlink()
            else:
                new.replace(self._path(name))
                self._db.execute("INSERT OR REPLACE INTO contents VALUES (?, ?, ?, NULL)", (name, size, is_text))
        except BaseException:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise
        return name

    def has(self, name: str) -> bool:
        """Whether contents are kept."""
        return self._db.execute("SELECT 1 FROM contents WHERE name = ?", (name,)).fetchone() is not None

    def is_text(self, name: str | None) -> bool:
        """Whether contents can be shown as text; so can none at all."""
        row = None if name is None else self._db.execute("SELECT is_text FROM contents WHERE name = ?", (name,)).get
        return name is None or bool(row)

    def read(self, name: str) -> bytes | None:
        """Return the bytes; None if they are not kept, or were damaged."""
        row = self._db.execute("SELECT data FROM contents WHERE name = ?", (name,)).fetchone()
        if row is None:
            return None
        try:
            data = zlib.decompress(row[0]) if row[0] is not None else self._path(name).read_bytes()
        except (OSError, zlib.error):
            return None
        return data if hashlib.sha256(data).hexdigest() == name else None

    def delete_all_but(self, names: set[str]) -> None:
        """Delete what is not named, and what was left by a process that died."""
        kept = {name for (name,) in self._db.execute("SELECT name FROM contents")}
        with self._db:
            self._db.executemany("DELETE FROM contents WHERE name = ?", [(name,) for name in kept - names])
        for path in self.folder.iterdir():
            if path.name not in names or path.name not in kept:
                path.unlink(missing_ok=True)

    def size(self) -> int:
        """Return how many bytes the contents had, before packing."""
        return int(self._db.execute("SELECT coalesce(sum(size), 0) FROM contents").get)

    def sizes(self) -> dict[str, int]:
        """Return the size in bytes of each."""
        return dict(self._db.execute("SELECT name, size FROM contents"))

    def _path(self, name: str) -> Path:
        return self.folder / name


def hash_file(tree: Tree, parts: tuple[str, ...]) -> str:
    """Return the name a file's contents would have. Raises OSError."""
    digest = hashlib.sha256()
    fd = tree.open(parts)
    try:
        while chunk := os.read(fd, _CHUNK_BYTES):
            digest.update(chunk)
    finally:
        os.close(fd)
    return digest.hexdigest()


def _read(fd: int, limit: int) -> bytes:
    pieces = []
    while limit > 0 and (chunk := os.read(fd, limit)):
        pieces.append(chunk)
        limit -= len(chunk)
    return b"".join(pieces)


def _copy(fd: int, path: Path) -> tuple[str, int, bool]:
    """Copy an open file, sharing its blocks where the file system can; return its name, size and whether it is text."""
    digest, size, head = hashlib.sha256(), 0, b""
    with path.open("x+b") as new:
        source = new.fileno() if _clone(fd, new.fileno()) else fd
        while chunk := os.read(source, _CHUNK_BYTES):
            head = head or chunk[:_SNIFFED_BYTES]
            digest.update(chunk)
            size += len(chunk)
            if source == fd:
                new.write(chunk)
    return digest.hexdigest(), size, b"\0" not in head


def _clone(source: int, target: int) -> bool:
    if sys.platform != "linux":
        return False
    import fcntl  # noqa: PLC0415 - exists on POSIX only

    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True
