"""Reads what a searching process prints, line by line, until it ends, a limit is reached or the call is cancelled."""

from __future__ import annotations

import queue
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress

_CHUNK_BYTES = 2**16
#: How often it is looked whether the call was cancelled.
_LOOK_S = 0.1
#: A longer line of output is no match that could be shown.
_MAX_LINE_BYTES = 64 * 2**20


class Stopped(Exception):  # noqa: N818 - an end, not an error
    """The search was ended early; its text says why."""


def lines_of(
    process: subprocess.Popen[bytes], limit_s: float, is_cancelled: Callable[[], bool], stop: Callable[[], None]
) -> Generator[bytes, None, None]:
    """Yield the lines a process prints; whatever happens, it has ended afterwards.

    Args:
        stop: Ends the process and waits for its end.

    Raises:
        Stopped: The time is up, or the call was cancelled.
    """
    chunks: queue.Queue[bytes] = queue.Queue(maxsize=16)
    is_over = threading.Event()
    reader = threading.Thread(target=_read, args=(process, chunks, is_over), name="search output", daemon=True)
    reader.start()
    deadline = time.monotonic() + limit_s
    try:
        yield from _split(_chunks(chunks, deadline, limit_s, is_cancelled))
    finally:
        is_over.set()
        stop()
        reader.join()
        if process.stdout is not None:
            process.stdout.close()


def _read(process: subprocess.Popen[bytes], chunks: queue.Queue[bytes], is_over: threading.Event) -> None:
    if process.stdout is None:
        raise ValueError("the process has no pipe")
    while True:
        chunk = process.stdout.read1(_CHUNK_BYTES)  # type: ignore[attr-defined]  # a BufferedReader, unless asked otherwise
        while not is_over.is_set():
            with suppress(queue.Full):
                chunks.put(chunk, timeout=_LOOK_S)
                break
        if not chunk or is_over.is_set():
            return


def _chunks(
    chunks: queue.Queue[bytes], deadline: float, limit_s: float, is_cancelled: Callable[[], bool]
) -> Iterator[bytes]:
    while True:
        if is_cancelled():
            raise Stopped("it was cancelled")
        if time.monotonic() > deadline:
            raise Stopped(f"it took more than {limit_s:.0f} s")
        with suppress(queue.Empty):
            chunk = chunks.get(timeout=_LOOK_S)
            if not chunk:
                return
            yield chunk


def _split(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest: list[bytes] = []
    size = 0
    for chunk in chunks:
        *whole, last = chunk.split(b"\n")
        for line in whole:
            yield b"".join((*rest, line))
            rest, size = [], 0
        if size <= _MAX_LINE_BYTES:
            rest.append(last)
            size += len(last)
    if any(rest):
        yield b"".join(rest)
