"""Puts bytes in place of a file so that a crash, a full disk or a power cut leaves the old file or the new one, whole.

A new file is written beside the old one, waited for until it is on the disk, and given its name. That makes another
file of it, so a file with several names (hard links), or one whose owner or folder does not let it be replaced, is
written in place instead, as Vim does with 'backupcopy' on "auto"; see ``in_place.py``.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app.files.disk import check_regular, is_gone, sync_folder
from app.files.errors import CannotWriteError, FileExistsAlreadyError
from app.files.in_place import write_in_place

if sys.platform != "win32":
    import fcntl

#: What files that are being written are called; those of a process that died are deleted by the next save there.
PREFIX = ".sawhorse-save-"
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
#: In a folder with more names leftovers are not looked for.
_MOST_NAMES = 50_000


def write_file(
    path: str, data: bytes, *, check: Callable[[], None], backup_folder: str = "", is_new: bool = False
) -> os.stat_result:
    """Put a file in place; links are followed, and its mode, owner and attributes kept.

    Args:
        check: Called at the last moment before anything is changed; raises if it is not to be.
        backup_folder: Where a file is kept while it is written in place; empty if it is not to be.
        is_new: Do not replace a file that is there.

    Returns:
        The new file's status.

    Raises:
        FileExistsAlreadyError: There is one.
        CannotWriteError: It could only be written in place.
        NotTextError: What is there is no regular file.
        OSError: As the system says; the old file is as it was.
    """
    target = os.path.realpath(path)
    folder = os.path.dirname(target)  # noqa: PTH120 - paths here are plain text
    remove_leftovers(folder)
    old = _status(target)
    if old is not None:
        check_regular(path, old)
        if is_new:
            raise exists_already(path)
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "It is read-only", path)
    if old is not None and old.st_nlink > 1:
        return _write_in_place(target, data, old, check, backup_folder, "it has several names (hard links)")
    try:
        # What an old file's mode hides must not be seen in the new one before that has its mode.
        fd, temporary = _make(folder, 0o666 if old is None else 0o600)
    except OSError as error:
        if old is None or error.errno not in _REFUSED:
            raise
        return _write_in_place(target, data, old, check, backup_folder, "its folder cannot be written to")
    try:
        try:
            _write(fd, data)
            is_alike = old is None or _make_alike(fd, target, old)
            if is_alike:
                os.fsync(fd)
                status = os.fstat(fd)
                if sys.platform == "win32":  # where a file that is open cannot be renamed
                    os.close(fd)
                    fd = -1
                check()
                _put_in_place(temporary, target, is_new=is_new)
        finally:
            if fd >= 0:
                os.close(fd)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise
    if old is not None and not is_alike:
        os.unlink(temporary)  # noqa: PTH108
        return _write_in_place(target, data, old, check, backup_folder, "its owner cannot be kept otherwise")
    sync_folder(folder)
    return status


def remove_leftovers(folder: str) -> None:
    """Delete what saves of processes that died have left in a folder; those at work hold a lock on theirs."""
    with suppress(OSError), os.scandir(folder) as entries:
        for count, entry in enumerate(entries):
            if count > _MOST_NAMES:
                return
            if entry.name.startswith(PREFIX) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    _remove_unlocked(entry.path)


def _make(folder: str, mode: int) -> tuple[int, str]:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    while True:
        path = os.path.join(folder, PREFIX + secrets.token_hex(8))  # noqa: PTH118
        fd = os.open(path, flags, mode)
        if sys.platform == "win32":
            return fd, path  # an open file cannot be deleted there, which is lock enough
        fcntl.flock(fd, fcntl.LOCK_EX)
        if os.fstat(fd).st_nlink:
            return fd, path
        os.close(fd)  # another process took it for a leftover before it was locked


def _remove_unlocked(path: str) -> None:
    if sys.platform == "win32":
        os.unlink(path)  # noqa: PTH108
        return
    fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(path)  # noqa: PTH108
    finally:
        os.close(fd)


def _write(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _make_alike(fd: int, target: str, old: os.stat_result) -> bool:
    """Give a new file what the old one has besides its bytes; tell whether its owner could be kept."""
    if sys.platform == "win32":
        return True
    new = os.fstat(fd)
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.fchown(fd, old.st_uid, old.st_gid)
        except OSError:
            return False
    os.fchmod(fd, stat.S_IMODE(old.st_mode))  # after the owner, whose change takes setuid away
    if sys.platform == "linux":
        with suppress(OSError):
            for name in os.listxattr(target):
                with suppress(OSError):  # such as those that only the system sets
                    os.setxattr(fd, name, os.getxattr(target, name))
    return True


def _put_in_place(temporary: str, target: str, *, is_new: bool) -> None:
    if not is_new:
        os.replace(temporary, target)  # noqa: PTH105
        return
    try:
        if sys.platform == "win32":
            os.rename(temporary, target)  # noqa: PTH104 - which replaces nothing there
            return
        try:
            os.link(temporary, target, follow_symlinks=False)  # unlike a rename, this replaces nothing
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if os.path.lexists(target):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target) from None
            os.rename(temporary, target)  # noqa: PTH104
        else:
            os.unlink(temporary)  # noqa: PTH108
    except FileExistsError:
        raise exists_already(target) from None


def exists_already(path: str) -> FileExistsAlreadyError:
    """Return what is said where a new file would replace one."""
    name = Path(path).name
    return FileExistsAlreadyError(f"There is a file {name} already", path, "Choose another name, or replace it.")


def _write_in_place(
    target: str, data: bytes, old: os.stat_result, check: Callable[[], None], backup_folder: str, why: str
) -> os.stat_result:
    if not backup_folder:
        raise CannotWriteError(
            f"{Path(target).name} was not saved",
            f"It can only be written in place, as {why}, and there is no folder for a copy of it meanwhile.",
            "Save it under another name.",
        )
    check()
    return write_in_place(target, data, old, backup_folder)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116
    except OSError as error:
        if is_gone(error):
            return None
        raise
