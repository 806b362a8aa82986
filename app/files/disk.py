"""Reads a file's bytes safely, whatever the path leads to, and says what the file was like."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
from bisect import bisect_left
from contextlib import suppress
from pathlib import Path
from typing import AnyStr, NamedTuple

from app.files.errors import NotTextError
from app.tools.text import size_words

#: Larger files are not edited: a document of them would take gigabytes, and every pause of typing be felt.
MAX_EDIT_BYTES = 50 * 2**20
_CHUNK_BYTES = 2**20
#: A file that changes while it is read is read again so often.
_TRIES = 3
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class Contents(NamedTuple):
    """A file's bytes and its status when they were read."""

    data: bytes
    status: os.stat_result


def read_contents(path: str) -> Contents:
    """Read a regular file whole.

    Nothing else is opened, for opening a device can do things; and what became a FIFO meanwhile is opened without
    waiting for its other end.

    Raises:
        NotTextError: It is no regular file, or larger than ``MAX_EDIT_BYTES``.
        OSError: As the system says.
    """
    check_regular(path, os.stat(path))  # noqa: PTH116 - paths here are plain text
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
    fd = os.open(path, flags)
    try:
        for tries_left in reversed(range(_TRIES)):
            before = os.fstat(fd)
            check_regular(path, before)
            _check_size(path, before.st_size)
            os.lseek(fd, 0, os.SEEK_SET)
            data = _read(fd)
            _check_size(path, len(data))
            after = os.fstat(fd)
            if tries_left == 0 or look_of(before) == look_of(after):
                break
    finally:
        os.close(fd)
    return Contents(data, after)


def digest_of(data: bytes) -> str:
    """Return what tells these bytes from all others."""
    return hashlib.blake2b(data, digest_size=32).hexdigest()


def digest_at(path: str) -> str:
    """Return ``digest_of`` what a regular file holds, of any size. Raises OSError."""
    digest = hashlib.blake2b(digest_size=32)
    with Path(path).open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def shared_length(one: AnyStr, other: AnyStr) -> int:
    """Return how long the beginning is that two texts have in common."""
    length = min(len(one), len(other))
    return bisect_left(range(length), True, key=lambda place: one[: place + 1] != other[: place + 1])


def look_of(status: os.stat_result) -> tuple[int, int, int]:
    """Return what of a status tells that a file is another, without reading it."""
    return status.st_size, status.st_mtime_ns, status.st_ino


def check_regular(path: str, status: os.stat_result) -> None:
    """Raise NotTextError for what is no regular file."""
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "no file")
        raise NotTextError(f"{Path(path).name} is {kind}", f"{path} is {kind}; only files hold text.")


def sync_folder(folder: str) -> None:
    """Wait until a folder's names are on the disk, where the system can do that."""
    if sys.platform == "win32":
        return
    with suppress(OSError):  # some network file systems cannot
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def is_virtual(contents: Contents) -> bool:
    """Whether the system makes a file up as it is read, as in /proc; such a one cannot be replaced."""
    return bool(contents.data) and contents.status.st_size == 0


def _check_size(path: str, size: int) -> None:
    if size > MAX_EDIT_BYTES:
        raise NotTextError(
            f"{Path(path).name} is too large to edit",
            f"It has {size_words(size)}; files of up to {size_words(MAX_EDIT_BYTES)} can be edited.",
            "Read it with a pager such as less, or split it into parts.",
        )


def _read(fd: int) -> bytes:
    pieces: list[bytes] = []
    room = MAX_EDIT_BYTES + 1
    while room > 0 and (chunk := os.read(fd, min(room, _CHUNK_BYTES))):
        pieces.append(chunk)
        room -= len(chunk)
    return b"".join(pieces)


def is_gone(error: OSError) -> bool:
    """Whether an error says that nothing is there."""
    return error.errno in {errno.ENOENT, errno.ENOTDIR}
