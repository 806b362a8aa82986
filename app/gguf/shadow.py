"""Shadow files: a model's headers on sparse files of its full length, for llama.cpp to plan a load with.

They hold a few megabytes and claim tens of gigabytes; llama.cpp checks lengths but reads no weights in a dry run.
Linux and macOS make a file sparse by setting its length; Windows has to be told first, and can do so on NTFS alone.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from app.errors import AppError

_PREFIX = "shadow-"
#: A folder that is this old belongs to nobody, even if its number is now another process's.
_OLD_S = 24 * 3600.0
_FSCTL_SET_SPARSE = 0x900C4  # winioctl.h


@contextmanager
def shadow_files(folder: Path, heads: Sequence[bytes], lengths: Sequence[int]) -> Iterator[Path]:
    """Make shadow files in a folder of their own below ``folder``; yield the first; remove them at the end.

    Raises:
        AppError: The disk is full, or cannot hold sparse files.
    """
    sweep(folder)
    own = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=folder))
    try:
        paths = [own / _name(index, len(heads)) for index in range(len(heads))]
        for path, head, length in zip(paths, heads, lengths, strict=True):
            _write(path, head, length)
        yield paths[0]
    finally:
        shutil.rmtree(own, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove shadow files whose process was ended before it could."""
    for entry in folder.glob(f"{_PREFIX}*"):
        owner = entry.name.removeprefix(_PREFIX).partition("-")[0]
        try:
            is_old = time.time() - entry.stat().st_mtime > _OLD_S
        except OSError:
            continue
        if is_old or not (owner.isdigit() and psutil.pid_exists(int(owner))):
            shutil.rmtree(entry, ignore_errors=True)


def _name(index: int, count: int) -> str:
    """Return a name as llama.cpp expects it of shards."""
    return "model.gguf" if count == 1 else f"model-{index + 1:05d}-of-{count:05d}.gguf"


def _write(path: Path, head: bytes, length: int) -> None:
    try:
        with path.open("wb") as file:
            file.write(head)
            file.flush()
            if sys.platform == "win32":
                _make_sparse(file.fileno())
            file.truncate(length)
    except OSError as error:
        raise AppError(
            "The model's load cannot be planned exactly",
            f"No sparse file of {length / 1e9:,.1f} GB could be made in {path.parent}: {error.strerror or error}.",
            "Free some space there, or set SAWHORSE_HOME to a folder on a local disk (NTFS on Windows).",
        ) from error


def _make_sparse(descriptor: int) -> None:
    """Tell NTFS to leave holes; without that, setting the length would take all of it from the disk."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - exists on Windows only

        returned = ctypes.c_ulong()
        done = ctypes.windll.kernel32.DeviceIoControl(
            ctypes.c_void_p(msvcrt.get_osfhandle(descriptor)), _FSCTL_SET_SPARSE,
            None, 0, None, 0, ctypes.byref(returned), None,
        )  # fmt: skip
        if not done:
            raise OSError(0, "this file system has no sparse files")
