"""What a download asks of the operating system's files: space, durability, positions, a lock, which boot this is."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import struct
import sys
import threading
from pathlib import Path

import psutil

_CANNOT_RESERVE = {errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL}
_BINARY = getattr(os, "O_BINARY", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


class PositionedFile:
    """A file that threads read and write at positions of their own."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | _BINARY | _NO_FOLLOW, 0o644)
        self._lock = threading.Lock()

    def write(self, data: bytes | memoryview, offset: int) -> None:
        """Write all of ``data`` at ``offset``. Raises OSError."""
        view = memoryview(data)
        while view:
            written = self._write(view, offset)
            view, offset = view[written:], offset + written

    def read_into(self, view: memoryview, offset: int) -> int:
        """Fill ``view`` from ``offset`` and return how many bytes there were. Raises OSError."""
        if hasattr(os, "preadv"):
            return os.preadv(self.fd, [view], offset)
        with self._lock:
            os.lseek(self.fd, offset, os.SEEK_SET)
            data = os.read(self.fd, len(view))
        view[: len(data)] = data
        return len(data)

    def size(self) -> int:
        """Its length in bytes."""
        return os.fstat(self.fd).st_size

    def close(self) -> None:
        """Close it."""
        os.close(self.fd)

    def _write(self, view: memoryview, offset: int) -> int:
        if hasattr(os, "pwrite"):
            return os.pwrite(self.fd, view, offset)
        with self._lock:
            os.lseek(self.fd, offset, os.SEEK_SET)
            return os.write(self.fd, view)


def free_bytes(folder: Path) -> int:
    """Return how many bytes can still be written to the disk of ``folder``."""
    return shutil.disk_usage(folder).free


def allocated_bytes(path: Path) -> int:
    """Return how much of the disk a file takes already; 0 if it is not there."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0
    blocks = getattr(status, "st_blocks", None)
    return status.st_size if blocks is None else blocks * 512  # POSIX counts in units of 512 bytes


def reserve(fd: int, size: int) -> None:
    """Give a file its length, and take its space from the disk where the filesystem can.

    ``os.posix_fallocate`` is not used: where a filesystem cannot reserve, the C library writes to every block
    instead, which takes minutes for a large file.

    Raises:
        OSError: Above all ENOSPC.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        fallocate = libc.fallocate64
        fallocate.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
        while size and fallocate(fd, 0, 0, size) != 0:
            number = ctypes.get_errno()
            if number == errno.EINTR:
                continue
            if number not in _CANNOT_RESERVE:
                raise OSError(number, os.strerror(number))
            break
    elif sys.platform == "darwin":
        _reserve_on_mac(fd, size)
    os.ftruncate(fd, size)  # on Windows this reserves too


def _reserve_on_mac(fd: int, size: int) -> None:
    import fcntl  # noqa: PLC0415 - exists on POSIX only

    # struct fstore of fcntl(2): F_ALLOCATEALL, from the end of the file (F_PEOFPOSMODE)
    request = struct.pack("IiqqQ", 0x4, 3, 0, max(0, size - os.fstat(fd).st_size), 0)
    try:
        fcntl.fcntl(fd, 42, request)  # F_PREALLOCATE
    except OSError as error:
        if error.errno not in _CANNOT_RESERVE:
            raise


def sync_data(fd: int) -> None:
    """Return once what was written is on the disk itself, not in a cache."""
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415 - exists on POSIX only

        try:
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
        except OSError:
            os.fsync(fd)  # a network disk
    elif hasattr(os, "fdatasync"):
        os.fdatasync(fd)
    else:
        os.fsync(fd)


def sync_folder(folder: Path) -> None:
    """Make a rename last; Windows needs none of it."""
    if sys.platform == "win32":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def try_lock(fd: int) -> bool:
    """Lock a file for this process until it is closed, whatever ends the process; False: another has it."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - exists on Windows only

        os.lseek(fd, 1 << 40, os.SEEK_SET)  # far behind the end, where nobody reads
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl  # noqa: PLC0415 - exists on POSIX only

    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a filesystem without locks: better than no download
    return True


def boot_id() -> str:
    """Return what differs after the next start of the machine: until then, what was written can be read back."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return f"booted at {psutil.boot_time():.0f}"
