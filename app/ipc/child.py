"""The ground under every child process: a clean channel to the parent, and an end when the parent ends."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

from app.ipc.codec import FrameDecoder, encode

T = TypeVar("T")
READ_BYTES = 1 << 16
_PR_SET_PDEATHSIG = 1  # prctl(2)


class Channel(Generic[T]):
    """Messages from and to the parent. Reading is for one thread, sending for any."""

    def __init__(self, message_type: Any, read_fd: int, write_fd: int) -> None:
        self._decoder: FrameDecoder[T] = FrameDecoder(message_type)
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[T]:
        """Yield messages until the parent closes its end."""
        while data := os.read(self._read_fd, READ_BYTES):
            yield from self._decoder.feed(data)

    def send(self, message: Any) -> None:
        """Send one message; blocks while the parent does not read. Ends the process if the parent is gone."""
        data = memoryview(encode(message))
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._write_fd, data) :]
            except OSError:
                os._exit(0)  # nobody is left to hear, and other threads may be deep inside C code


def open_channel(message_type: Any, *, oom_score_adj: int | None = None) -> Channel[Any]:
    """Prepare this process as a child and return its channel.

    Standard output becomes the channel alone: whatever a C library prints goes to standard error, where
    it cannot damage a frame. Ctrl+C in a terminal is left to the parent.

    Args:
        message_type: The tagged union of messages to be read.
        oom_score_adj: On Linux, how readily the system may end this process when memory runs out
            (-1000 to 1000); the desktop should outlive a model.
    """
    _die_with_parent()
    read_fd = os.dup(0)
    write_fd = os.dup(1)
    os.dup2(2, 1)
    _read_nothing_from_stdin()
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - exists on Windows only

        msvcrt.setmode(read_fd, os.O_BINARY)
        msvcrt.setmode(write_fd, os.O_BINARY)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable(all_threads=False)
    _no_core_dump()
    if oom_score_adj is not None and sys.platform == "linux":
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(str(oom_score_adj), "ascii")
    return Channel(message_type, read_fd, write_fd)


def _read_nothing_from_stdin() -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _die_with_parent() -> None:
    """Ask Linux to kill this process when its parent dies; elsewhere the closed pipe ends it."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the request was in place
        os._exit(0)


def _no_core_dump() -> None:
    """A crash with a model in memory would write tens of gigabytes."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - exists on POSIX only

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
