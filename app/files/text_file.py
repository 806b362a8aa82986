"""A text file as an editor holds it: what it says, how its bytes say it, and how it is written back whole."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.errors import AppError
from app.files.editing import Indent

LineEnding = Literal["\n", "\r\n", "\r"]


class FileChangedOutsideError(AppError):
    """The file on disk is not the one that was read: somebody else has changed, replaced or deleted it."""


class NotTextError(AppError):
    """The file cannot be shown as text: it is binary, no regular file, or too large to edit."""


class FileStamp(msgspec.Struct, frozen=True, kw_only=True):
    """What a file on disk was like when it was read or written.

    Attributes:
        size: Bytes.
        mtime_ns: Its time of change in nanoseconds.
        inode: Its number on its disk.
        digest: BLAKE2b of its bytes, in hexadecimal.
    """

    size: int
    mtime_ns: int
    inode: int
    digest: str


class TextFormat(msgspec.Struct, frozen=True, kw_only=True):
    """How text is written as bytes.

    Attributes:
        encoding: A Python codec's name, such as "utf-8" or "cp1252".
        has_bom: It begins with a byte order mark.
        line_ending: What ends most lines, and every new one.
        is_mixed: Some lines end otherwise.
    """

    encoding: str = "utf-8"
    has_bom: bool = False
    line_ending: LineEnding = "\n"
    is_mixed: bool = False


class TextFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file that was read or written.

    Attributes:
        path: Absolute.
        text: Its characters with every line ended by a line feed.
        stamp: What it was like on disk.
        can_write: The system lets it be written.
        endings: What each line ends with where that is mixed, in order; empty where it is not.
    """

    path: str
    text: str
    format: TextFormat
    indent: Indent
    stamp: FileStamp
    can_write: bool = True
    endings: tuple[LineEnding, ...] = ()


def read_text_file(path: str, encoding: str = "") -> TextFile:
    """Read a file; ``encoding`` overrules what its bytes look like.

    Raises:
        NotTextError: It is binary, no regular file, or larger than can be edited.
        AppError: It cannot be read, or not in that encoding.
    """
    raise NotImplementedError


def save_text_file(
    file: TextFile, text: str, *, path: str = "", new_format: TextFormat | None = None, force: bool = False
) -> TextFile:
    """Write ``text`` where ``file`` came from, or to another ``path``, in its own ``format`` or another.

    After a crash or a full disk at any moment the file is the old one or the new one, whole.

    Raises:
        FileChangedOutsideError: It changed since it was read; ``force`` writes all the same.
        AppError: It cannot be written, or ``text`` not in that encoding; the file is as it was.
    """
    raise NotImplementedError
