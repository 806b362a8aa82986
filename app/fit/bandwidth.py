"""Measures how fast memory and a disk are read, once, and keeps the figures.

Memory is read by C code that lets go of Python's lock, in as many threads as the engine uses. A disk is read past
the system's cache, or not at all: a figure from the cache would promise gigabytes a second for any disk.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import platform
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil

#: What one thread reads at a time; together far more than any processor's cache.
_BLOCK_BYTES = 96 * 1024 * 1024
_MEMORY_SECONDS = 0.6
_DISK_BYTES = 128 * 1024 * 1024
_DISK_SECONDS = 1.0
_PART_BYTES = 8 * 1024 * 1024
#: Figures are taken again after so long: memory modules and disks change.
_LASTS_S = 90 * 24 * 3600.0
#: Whatever else the machine does makes a figure too small, never too large: the best of so many occasions counts.
_OCCASIONS = 3
_APART_S = 600.0


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes per second, for what was measured, when last (seconds since 1970) and on how many occasions."""

    what: str
    bandwidth: float
    at: float
    occasions: int = 1

    @property
    def is_settled(self) -> bool:
        """Whether there is no reason to measure again now."""
        age = time.time() - self.at
        return 0 <= age < _APART_S or (0 <= age < _LASTS_S and self.occasions >= _OCCASIONS)


def memory_bandwidth(threads: int) -> float:
    """Return at how many bytes per second ``threads`` threads together read memory; takes about a second."""
    find = _finder()
    blocks = [(ctypes.c_char * _BLOCK_BYTES)() for _ in range(max(1, threads))]
    for block in blocks:
        ctypes.memset(block, 1, _BLOCK_BYTES)  # untouched pages are all one page of zeros
    best, ends = 0.0, time.monotonic() + _MEMORY_SECONDS
    while time.monotonic() < ends:
        readers = [threading.Thread(target=find, args=(block, 0, _BLOCK_BYTES)) for block in blocks]
        begun = time.perf_counter()
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        best = max(best, len(blocks) * _BLOCK_BYTES / (time.perf_counter() - begun))
    return best


def _finder() -> Callable[..., object]:
    """C's ``memchr``, looking for what is not there: nothing but reading, with the widest instructions there are."""
    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    find = library.memchr
    find.restype, find.argtypes = ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t)
    return lambda block, byte, size: find(ctypes.addressof(block), byte, size)


def disk_bandwidth(folder: Path) -> float:
    """Return at how many bytes per second files in ``folder`` are read from the disk; 0 where it cannot be measured.

    Writes a file of its own, of random bytes: any other may be sparse, compressed or cached.
    """
    with contextlib.suppress(OSError), tempfile.TemporaryDirectory(prefix=".sawhorse-probe-", dir=folder) as own:
        path = Path(own) / "bytes"
        noise = os.urandom(_PART_BYTES)
        with path.open("wb") as file:
            for _ in range(_DISK_BYTES // _PART_BYTES):
                file.write(noise)
            file.flush()
            os.fsync(file.fileno())
        return _read_past_cache(path)
    return 0.0


def _read_past_cache(path: Path) -> float:
    """Raises OSError where the file system does not let the cache be passed by."""
    if sys.platform == "linux":
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECT)
    elif sys.platform == "darwin":
        import fcntl  # noqa: PLC0415 - exists on POSIX only

        descriptor = os.open(path, os.O_RDONLY)
        fcntl.fcntl(descriptor, fcntl.F_NOCACHE, 1)
    else:
        return 0.0  # Windows has no such flag in what Python opens files with
    try:
        with mmap.mmap(-1, _PART_BYTES) as part:  # direct reads want memory that begins at a page
            done, begun = 0, time.perf_counter()
            while (size := os.readv(descriptor, [part])) > 0:
                done += size
                if time.perf_counter() - begun > _DISK_SECONDS:
                    break
            return done / (time.perf_counter() - begun)
    finally:
        os.close(descriptor)


# --- kept figures -------------------------------------------------------------------------------------------------


def kept_memory_bandwidth(cache: Path, threads: int) -> float:
    """Return the bandwidth of memory, measured now or before on this machine with as many threads."""
    what = f"memory {platform.machine()} {platform.processor()} {psutil.virtual_memory().total} {threads} threads"
    return _kept(cache / "bandwidth.json", what, lambda: memory_bandwidth(threads))


def kept_disk_bandwidth(cache: Path, folder: Path) -> float:
    """Return the bandwidth of the disk ``folder`` is on, measured now or before; 0 where it cannot be measured."""
    try:
        device = folder.stat().st_dev
    except OSError:
        return 0.0
    return _kept(cache / "bandwidth.json", f"disk {device} {folder}", lambda: disk_bandwidth(folder))


def _kept(file: Path, what: str, measure: Callable[[], float]) -> float:
    known = _read(file)
    found = next((figure for figure in known if figure.what == what), None)
    if found is not None and found.is_settled:
        return found.bandwidth
    bandwidth = measure()
    occasions = 1
    if found is not None and 0 <= time.time() - found.at < _LASTS_S:
        bandwidth, occasions = max(bandwidth, found.bandwidth), found.occasions + 1
    if bandwidth > 0:
        others = [figure for figure in known if figure.what != what][-16:]
        _write(file, [*others, Measured(what=what, bandwidth=bandwidth, at=time.time(), occasions=occasions)])
    return bandwidth


def _read(file: Path) -> list[Measured]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[Measured])
    except (OSError, msgspec.MsgspecError):
        return []


def _write(file: Path, figures: list[Measured]) -> None:
    with contextlib.suppress(OSError):  # a figure that is not kept is measured again
        part = file.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(msgspec.json.encode(figures))
        part.replace(file)
