"""A text file as an editor holds it: what it says, how its bytes say it, and how it is written back whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Literal

import msgspec

from app.errors import AppError
from app.files.disk import check_regular, digest_at, digest_of, is_virtual, look_of, read_contents, shared_length
from app.files.editing import Indent
from app.files.encodings import MARKS, SNIFFED_BYTES, decode, decode_as, encoding_label
from app.files.errors import (
    CannotEncodeError,
    FileChangedOutsideError,
    NotTextError,
    cannot_read,
    cannot_write,
)  # fmt: skip
from app.files.indents import detect_indent
from app.files.line_endings import Endings, endings_after, find_endings, with_endings, with_line_feeds
from app.files.saving import write_file
from app.tools.text import size_words

__all__ = [
    "FileChangedOutsideError",
    "FileStamp",
    "LineEnding",
    "NotTextError",
    "TextFile",
    "TextFormat",
    "has_changed",
    "is_unchanged",
    "new_text_file",
    "read_text_file",
    "save_text_file",
]

LineEnding = Literal["\n", "\r\n", "\r"]


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
    path = os.path.abspath(path)  # noqa: PTH100 - Path.absolute keeps ".."
    try:
        contents = read_contents(path)
    except OSError as error:
        raise cannot_read(path, error) from error
    data, status = contents
    decoded = decode_as(data, encoding) if encoding else decode(data)
    if decoded is None and encoding:
        raise AppError(
            f"{os.path.basename(path)} is not in {encoding_label(encoding)}",  # noqa: PTH119
            "Some of its bytes are no text in that encoding.",
            "Choose another encoding.",
        )
    if decoded is None or "\0" in decoded.text[:SNIFFED_BYTES]:
        raise NotTextError(
            f"{os.path.basename(path)} is binary",  # noqa: PTH119
            f"It has {size_words(len(data))}, and bytes that no text has.",
            "Open it with the program it is for.",
        )
    endings = find_endings(decoded.text)
    text = with_line_feeds(decoded.text)
    return TextFile(
        path=path,
        text=text,
        format=_format(decoded.encoding, decoded.has_bom, endings),
        indent=detect_indent(text),
        stamp=_stamp(status, data),
        can_write=os.access(path, os.W_OK) and not is_virtual(contents),
        endings=endings.each,
    )


def save_text_file(
    file: TextFile,
    text: str,
    *,
    path: str = "",
    new_format: TextFormat | None = None,
    force: bool = False,
    backup_folder: str = "",
) -> TextFile:
    """Write ``text`` where ``file`` came from, or to another ``path``, in its own ``format`` or another.

    After a crash or a full disk at any moment the file is the old one or the new one, whole.

    Args:
        force: Replace a file that changed outside, or that is there under the other path.
        backup_folder: Where a file is kept that can only be written in place; ``finish_writes`` of that folder
            makes it whole after a crash. Without one such a file is not written.

    Raises:
        FileChangedOutsideError: It changed since it was read; ``force`` writes all the same.
        FileExistsAlreadyError: There is a file under the other path; ``force`` replaces it.
        CannotEncodeError: The encoding lacks a character of the text.
        AppError: It cannot be written; the file is as it was.
    """
    path = os.path.abspath(path or file.path)  # noqa: PTH100
    is_same = os.path.realpath(path) == os.path.realpath(file.path)
    text = with_line_feeds(text)
    endings = endings_after(file.text, text, Endings(file.format.line_ending, file.endings))
    if new_format is not None and (not new_format.is_mixed or new_format.line_ending != endings.usual):
        endings = Endings(new_format.line_ending)
    wanted = new_format or file.format
    text_format = _format(wanted.encoding, wanted.has_bom and wanted.encoding in MARKS, endings)
    data = _encode(path, text, text_format, endings)

    def check() -> None:
        if is_same and not force:
            _check_unchanged(path, file.stamp)

    stamp = _write(path, data, check, backup_folder, is_new=not is_same and not force)
    return msgspec.structs.replace(
        file, path=path, text=text, format=text_format, stamp=stamp, can_write=True, endings=endings.each
    )


def new_text_file(path: str, text: str = "", text_format: TextFormat | None = None, *, force: bool = False) -> TextFile:
    """Make a file.

    Raises:
        FileExistsAlreadyError: There is one; ``force`` replaces it.
        CannotEncodeError: The encoding lacks a character of the text.
        AppError: It cannot be written.
    """
    path, text = os.path.abspath(path), with_line_feeds(text)  # noqa: PTH100
    wanted = text_format or TextFormat()
    endings = Endings(wanted.line_ending)
    text_format = _format(wanted.encoding, wanted.has_bom and wanted.encoding in MARKS, endings)
    data = _encode(path, text, text_format, endings)
    stamp = _write(path, data, lambda: None, "", is_new=not force)
    return TextFile(path=path, text=text, format=text_format, indent=detect_indent(text), stamp=stamp)


def has_changed(file: TextFile) -> bool:
    """Whether a file on disk is another than the one read or written; it is read only if it looks so."""
    return not is_unchanged(file.path, file.stamp)


def is_unchanged(path: str, stamp: FileStamp) -> bool:
    """Whether the file on disk is the one with that stamp."""
    try:
        _check_unchanged(path, stamp)
    except (AppError, OSError):
        return False
    return True


def _check_unchanged(path: str, stamp: FileStamp) -> None:
    name = os.path.basename(path)  # noqa: PTH119
    try:
        status = os.stat(path)  # noqa: PTH116
        if look_of(status) == (stamp.size, stamp.mtime_ns, stamp.inode):
            return
        check_regular(path, status)
        if status.st_size == stamp.size and digest_at(path) == stamp.digest:
            return
    except FileNotFoundError:
        raise FileChangedOutsideError(
            f"{name} is not there any more", f"{path} was deleted or moved.", "Save it anew, or close it."
        ) from None
    raise FileChangedOutsideError(
        f"{name} was changed by another program",
        f"{path} is not as it was when it was read here.",
        "Compare the two, then reload it or save over it.",
    )


def _write(path: str, data: bytes, check: Callable[[], None], backup_folder: str, *, is_new: bool) -> FileStamp:
    try:
        status = write_file(path, data, check=check, backup_folder=backup_folder, is_new=is_new)
    except OSError as error:
        raise cannot_write(path, error) from error
    return _stamp(status, data)


def _encode(path: str, text: str, text_format: TextFormat, endings: Endings) -> bytes:
    """Return the bytes of a text, and make sure that they say it."""
    encoding = text_format.encoding
    try:
        data = with_endings(text, endings).encode(encoding)
        at = -1 if encoding in MARKS else _first_difference(text, with_line_feeds(data.decode(encoding)))
    except UnicodeEncodeError as error:
        at = len(with_line_feeds(error.object[: error.start]))
    except (UnicodeDecodeError, LookupError) as error:
        raise AppError(f"{os.path.basename(path)} was not saved", str(error), "Save it as UTF-8.") from error  # noqa: PTH119
    if at >= 0:
        raise _no_such_character(path, text, at, encoding)
    return (MARKS[encoding] if text_format.has_bom else b"") + data


def _first_difference(text: str, other: str) -> int:
    return -1 if text == other else shared_length(text, other)


def _no_such_character(path: str, text: str, at: int, encoding: str) -> CannotEncodeError:
    character = text[at : at + 1]
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    shown = character if character.isprintable() and not "\ud800" <= character <= "\udfff" else ""
    what = f"{shown} (U+{ord(character):04X})" if shown else f"U+{ord(character):04X}" if character else "the text"
    is_unicode = encoding in MARKS
    return CannotEncodeError(
        f"{os.path.basename(path)} was not saved",  # noqa: PTH119
        f"Line {line:,}, column {column:,} has {what}, which {encoding_label(encoding)} cannot write.",
        "It is half of a character; delete it." if is_unicode else "Save it as UTF-8, or replace the character.",
    )


def _format(encoding: str, has_bom: bool, endings: Endings) -> TextFormat:
    return TextFormat(encoding=encoding, has_bom=has_bom, line_ending=endings.usual, is_mixed=bool(endings.each))


def _stamp(status: os.stat_result, data: bytes) -> FileStamp:
    size, mtime_ns, inode = look_of(status)
    return FileStamp(size=size, mtime_ns=mtime_ns, inode=inode, digest=digest_of(data))
