"""Where the bytes of a header come from: a local file, or a file on a server that is read in ranges."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from app.errors import AppError
from app.gguf.header import HeaderParser, Limits
from app.gguf.model import Shard
from app.gguf.values import GgufError

#: What is asked for at first holds the header of every shard but the first; then a vocabulary in a few requests.
FIRST_BYTES = 256 * 1024
NEXT_BYTES = 1024 * 1024
MAX_PART_BYTES = 2 * 1024 * 1024


class ByteSource(Protocol):
    """A file whose beginning can be read."""

    name: str

    def length(self) -> int:
        """Return its length in bytes."""
        ...

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``; fewer only at the file's end."""
        ...


class LocalFile:
    """A file on disk. Opened once, so that its header and its length are those of the same file."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        self._file = open_file(path)

    def length(self) -> int:
        """Return its length in bytes."""
        return os.fstat(self._file).st_size

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``."""
        try:
            os.lseek(self._file, start, os.SEEK_SET)
            return os.read(self._file, size)
        except OSError as error:
            raise _unreadable(self._path, error) from error

    def close(self) -> None:
        """Close it."""
        os.close(self._file)


def open_file(path: Path) -> int:
    """Open a regular file for reading and return its descriptor; never waits, as a FIFO would have it.

    Raises:
        AppError: It is missing, unreadable or no regular file.
    """
    if not path.is_file():
        raise AppError(
            "The model file is not there" if not path.exists() else "This is not a model file",
            f"{path} {'is not a regular file' if path.exists() else 'does not exist'}.",
            "Choose a file ending in .gguf.",
        )
    try:
        return os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise _unreadable(path, error) from error


def read_header(source: ByteSource, limits: Limits | None = None) -> tuple[Shard, bytes]:
    """Return a file's name, length and header, and the bytes that were read of it.

    Raises:
        GgufError: It is not a GGUF model, or it lies.
        AppError: It cannot be read.
    """
    parser = HeaderParser(limits)
    length = source.length()
    for size in _part_sizes():
        at = len(parser.data)
        wanted = max(size, min(parser.wanted - at, MAX_PART_BYTES))
        part = source.read(at, min(wanted, length - at))
        if not part:
            break
        if parser.feed(part):
            break
    return Shard(source.name, length, parser.end()), bytes(parser.data)


def _part_sizes() -> Iterator[int]:
    yield FIRST_BYTES
    yield NEXT_BYTES
    while True:
        yield MAX_PART_BYTES


def _unreadable(path: Path, error: OSError) -> AppError:
    return GgufError("The model file cannot be read", f"{path}: {error.strerror or error}.", "Check its permissions.")
