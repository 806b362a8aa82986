"""The system call openat2 of Linux 5.6, which Python does not have: opens beneath a folder, following no link."""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import sys

# include/uapi/linux/openat2.h; the number is the same on every architecture but Alpha
_SYS_OPENAT2 = 437
_RESOLVE_NO_MAGICLINKS = 0x02
_RESOLVE_NO_SYMLINKS = 0x04
_RESOLVE_BENEATH = 0x08
#: The kernel gives up, to be safe, when something was renamed meanwhile; it asks to be called again.
_TRIES = 16


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def open_beneath(folder_fd: int, path: bytes, flags: int) -> int:
    """Open a path (at most 4,095 bytes) that stays below a folder and has no link in it.

    Raises:
        OSError: ELOOP for a link, EXDEV where it leads out, and the usual ones.
    """
    how = _OpenHow(flags | os.O_CLOEXEC, 0, _RESOLVE_BENEATH | _RESOLVE_NO_SYMLINKS | _RESOLVE_NO_MAGICLINKS)
    number = 0
    for _ in range(_TRIES):
        fd: int = _syscall()(_SYS_OPENAT2, folder_fd, path, ctypes.byref(how), ctypes.sizeof(how))
        if fd >= 0:
            return fd
        number = ctypes.get_errno()
        if number not in {errno.EAGAIN, errno.EINTR}:
            break
    raise OSError(number, os.strerror(number), os.fsdecode(path))


@functools.cache
def works() -> bool:
    """Whether this kernel, and the sandbox this process may be in, allow it: found out by trying."""
    if sys.platform != "linux":
        return False
    try:
        folder = os.open("/", os.O_PATH | os.O_DIRECTORY)
        try:
            os.close(open_beneath(folder, b".", os.O_PATH | os.O_DIRECTORY))
        finally:
            os.close(folder)
    except (OSError, AttributeError):
        return False
    return True


@functools.cache
def _syscall() -> ctypes._NamedFuncPointer:
    function = ctypes.CDLL(None, use_errno=True).syscall
    function.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t)
    function.restype = ctypes.c_long
    return function
