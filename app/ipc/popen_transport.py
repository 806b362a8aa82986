"""A child process for programs without an event loop of their own: the command line and tests."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO

from app.ipc.transport import ChildExit

READ_BYTES = 1 << 16
STDERR_TAIL_BYTES = 64 * 1024
_WAIT_SECONDS = 5.0
_POLITE_SECONDS = 2.0


class PopenTransport:
    """``Transport`` on subprocess. Threads only move bytes; callbacks come from ``pump``, on the caller's thread."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = None if environment is None else dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []
        self._incoming: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._stderr = bytearray()
        self._error = ""
        self._on_bytes: Callable[[bytes], None] = lambda _data: None
        self._on_exit: Callable[[ChildExit], None] = lambda _exit: None

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(
        self, command: Sequence[str], on_bytes: Callable[[bytes], None], on_exit: Callable[[ChildExit], None]
    ) -> None:
        """Start ``command``; its standard output reaches ``on_bytes``, its end ``on_exit`` exactly once."""
        self._on_bytes, self._on_exit = on_bytes, on_exit
        self._incoming, self._outgoing = queue.SimpleQueue(), queue.SimpleQueue()
        self._stderr.clear()
        self._error = ""
        pipe = subprocess.PIPE
        try:
            process = subprocess.Popen(list(command), stdin=pipe, stdout=pipe, stderr=pipe, env=self._environment)
        except OSError as error:
            self._error = error.strerror or str(error)
            self._incoming.put(None)
            return
        stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
        assert stdin is not None and stdout is not None and stderr is not None  # noqa: S101, PT018 - all are pipes
        self._process = process
        jobs: list[tuple[Callable[..., None], tuple[object, ...]]] = [
            (_read, (stdout, self._incoming)),
            (_read_tail, (stderr, self._stderr)),
            (_write, (stdin, self._outgoing)),
        ]
        self._threads = [threading.Thread(target=job, args=arguments, daemon=True) for job, arguments in jobs]
        for thread in self._threads:
            thread.start()

    def write(self, data: bytes) -> None:
        """Queue ``data`` for the child's standard input; never blocks; ignored after its end."""
        if self._process is not None:
            self._outgoing.put(data)

    def kill(self) -> None:
        """End the child at once; ``on_exit`` still comes, from ``pump``."""
        if self._process is not None:
            self._process.kill()

    def pump(self, timeout_s: float) -> bool:
        """Wait up to ``timeout_s`` for something from the child and pass it on; tell whether there was."""
        try:
            data = self._incoming.get(timeout=timeout_s) if timeout_s > 0 else self._incoming.get_nowait()
        except queue.Empty:
            return False
        if data is None:
            self._on_exit(self._reap())
        else:
            self._on_bytes(data)
        return True

    def close(self) -> None:
        """End the child, at first by closing its input, and wait for it; no callback comes any more."""
        if self._process is not None:
            self._outgoing.put(None)
            try:
                self._process.wait(_POLITE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._reap()
        self._incoming = queue.SimpleQueue()  # what has not been read by now is nobody's

    def _reap(self) -> ChildExit:
        process, self._process = self._process, None
        if process is None:
            return ChildExit(code=None, error=self._error)
        try:
            code = process.wait(timeout=_WAIT_SECONDS)  # it closed its output: it has ended or is about to
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        self._outgoing.put(None)
        for thread in self._threads:
            thread.join(_WAIT_SECONDS)
        tail = self._stderr.decode(errors="replace")
        if code < 0:
            return ChildExit(code=None, signal=-code, stderr_tail=tail)
        return ChildExit(code=code, stderr_tail=tail)


def _read(stream: BinaryIO, to: queue.SimpleQueue[bytes | None]) -> None:
    with stream:
        while data := os.read(stream.fileno(), READ_BYTES):
            to.put(data)
    to.put(None)


def _read_tail(stream: BinaryIO, tail: bytearray) -> None:
    with stream:
        while data := os.read(stream.fileno(), READ_BYTES):
            tail += data
            del tail[:-STDERR_TAIL_BYTES]


def _write(stream: BinaryIO, source: queue.SimpleQueue[bytes | None]) -> None:
    with contextlib.suppress(OSError), stream:
        while (data := source.get()) is not None:
            stream.write(data)
            stream.flush()
