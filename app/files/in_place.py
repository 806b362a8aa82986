"""Writes a file in place, so that it stays the very file; a journal makes it whole again after a crash.

The journal holds the file as it was and as it will be. It is on the disk before the first byte is changed, and is
deleted when the last one is on the disk.
"""

from __future__ import annotations

import errno
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from app.errors import AppError
from app.files.disk import look_of, shared_length, sync_folder
from app.files.errors import FileChangedOutsideError
from app.files.left_over import JOURNAL_SUFFIX

if sys.platform != "win32":
    import fcntl

_NEW_SUFFIX = ".journal-new"


class Journal(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is being written in place.

    Attributes:
        path: Its path, as the system's bytes.
    """

    path: bytes
    old: bytes
    new: bytes


def write_in_place(target: str, data: bytes, status: os.stat_result, backup_folder: str) -> os.stat_result:
    """Write ``data`` into a file that is there, and return its status.

    Raises:
        FileChangedOutsideError: It is not the file with that status any more.
        AppError: It could neither be written nor made as it was; it says where the copy is.
        OSError: As the system says; the file is as it was.
    """
    fd = os.open(target, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    try:
        if look_of(os.fstat(fd)) != look_of(status):
            raise FileChangedOutsideError(
                f"{Path(target).name} changed while it was saved", target, "Compare it, and save again."
            )
        old = _read(fd)
        with _kept(Journal(path=os.fsencode(target), old=old, new=data), Path(backup_folder)) as journal:
            try:
                _overwrite(fd, old, data)
            except OSError as error:
                _put_back(fd, old, journal, error)
                raise
            status = os.fstat(fd)
            journal.unlink()
        return status
    finally:
        os.close(fd)


def finish_writes(backup_folder: str) -> list[str]:
    """Finish what processes that died were writing in place; return sentences on what was found.

    A file that somebody changed since is left alone, and the journal with it, out of the way.
    """
    said: list[str] = []
    with suppress(FileNotFoundError):
        for path in sorted(Path(backup_folder).iterdir()):
            if path.suffix in {JOURNAL_SUFFIX, _NEW_SUFFIX}:
                with suppress(OSError):
                    said += _finish(path)
    return said


def is_between(current: bytes, old: bytes, new: bytes) -> bool:
    """Whether a file is one that ``_overwrite`` may leave behind on its way from ``old`` to ``new``."""
    written = shared_length(current, new)
    return (
        len(current) >= len(old)
        and new[len(old) :].startswith(current[len(old) :])
        and current[written : len(old)] == old[written:]
    )


def _finish(path: Path) -> list[str]:
    with path.open("rb") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # BlockingIOError: its writer is at work
        kept = file.read()
    try:
        journal = msgspec.msgpack.decode(kept, type=Journal)
    except msgspec.DecodeError:  # it had not begun to write the file itself
        path.unlink()
        return []
    target = os.fsdecode(journal.path)
    try:
        fd = os.open(target, os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError:
        return [_left_alone(path, target)]
    try:
        current = _read(fd)
        if current in {journal.old, journal.new}:
            path.unlink()
            return []
        if not is_between(current, journal.old, journal.new):
            return [_left_alone(path, target)]
        _overwrite(fd, current, journal.new)
        path.unlink()
        return [f"Saving {target} was interrupted; it is finished now."]
    finally:
        os.close(fd)


def _left_alone(path: Path, target: str) -> str:
    aside = path.with_suffix(".kept")
    path.replace(aside)
    return f"Saving {target} was interrupted, and it has changed since. Both its texts are kept in {aside}."


@contextmanager
def _kept(journal: Journal, folder: Path) -> Iterator[Path]:
    """Put a journal on the disk; it is locked meanwhile, where a lock does not keep it from being deleted."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = folder / f"{secrets.token_hex(8)}{_NEW_SUFFIX}"
    path = new.with_suffix(JOURNAL_SUFFIX)
    fd = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        if sys.platform != "win32":
            fcntl.flock(fd, fcntl.LOCK_EX)
        _write_at(fd, 0, msgspec.msgpack.encode(journal))
        os.fsync(fd)
        if sys.platform == "win32":
            os.close(fd)
            fd = -1
        new.rename(path)
        sync_folder(str(folder))
        yield path
    finally:
        with suppress(OSError):
            new.unlink()
        if fd >= 0:
            os.close(fd)


def _overwrite(fd: int, old: bytes, new: bytes) -> None:
    """Write what is longer first: where the disk is full, nothing is changed yet."""
    if len(new) > len(old):
        try:
            _write_at(fd, len(old), new[len(old) :])
        except OSError:
            os.ftruncate(fd, len(old))
            raise
    _write_at(fd, 0, new[: len(old)])
    os.ftruncate(fd, len(new))
    os.fsync(fd)


def _put_back(fd: int, old: bytes, journal: Path, error: OSError) -> None:
    try:
        _write_at(fd, 0, old)
        os.ftruncate(fd, len(old))
    except OSError:
        raise AppError(
            "The file was damaged while it was saved",
            f"{error.strerror}, and it could not be made as it was.",
            f"A copy of it is kept in {journal}.",
        ) from error
    with suppress(OSError):
        journal.unlink()


def _write_at(fd: int, place: int, data: bytes) -> None:
    os.lseek(fd, place, os.SEEK_SET)
    rest = memoryview(data)
    while rest:
        written = os.write(fd, rest)
        if written == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        rest = rest[written:]


def _read(fd: int) -> bytes:
    os.lseek(fd, 0, os.SEEK_SET)
    pieces = []
    while chunk := os.read(fd, 2**20):
        pieces.append(chunk)
    return b"".join(pieces)
