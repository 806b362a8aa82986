"""Brings a backend into the data folder: fetched, verified, unpacked.

A backend is code that the engine loads. An archive is touched only once its sha256 is the one that the package itself
names, and what is unpacked are plain files without a path.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx2

from app.backends.places import FOLDER, backend_folder, library_of
from app.backends.values import Backend
from app.errors import AppError

_TIMEOUT = httpx2.Timeout(30.0, connect=15.0)
_PIECE_BYTES = 1 << 20
_MOST_FILES = 64
_FETCHING = ".fetching-"


def install(backend: Backend, data: Path, on_progress: Callable[[int], None]) -> None:
    """Fetch, verify and unpack a backend.

    Args:
        backend: Which.
        data: The data folder.
        on_progress: Hears the bytes fetched so far.

    Raises:
        AppError: It could not be fetched or written, or is not what it should be; nothing of it stays.
    """
    root = data / FOLDER
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in root.glob(f"{_FETCHING}*"):  # by a child that was ended
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=_FETCHING) as place:
            archive = Path(place) / "archive"
            _fetch(backend, archive, on_progress)
            fresh = Path(place) / "files"
            _unpack(archive, fresh)
            target = backend_folder(data, backend.name, backend.llama_cpp_python)
            shutil.rmtree(target, ignore_errors=True)
            fresh.replace(target)
    except httpx2.HTTPError as error:
        raise AppError(
            "The GPU backend could not be fetched", f"{error or type(error).__name__}.", "Try again."
        ) from error
    except OSError as error:
        raise AppError("The GPU backend could not be written", f"{root}: {error.strerror or error}.") from error


def remove(data: Path, name: str) -> None:
    """Delete a backend, for every version of llama.cpp."""
    for folder in (data / FOLDER).glob(f"{name}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _fetch(backend: Backend, to: Path, on_progress: Callable[[int], None]) -> None:
    digest, fetched = hashlib.sha256(), 0
    with httpx2.stream("GET", backend.url, timeout=_TIMEOUT, follow_redirects=True) as response, to.open("wb") as file:
        response.raise_for_status()
        for piece in response.iter_bytes(_PIECE_BYTES):
            fetched += len(piece)
            if fetched > backend.size:
                raise _damaged(f"It is larger than the {backend.size:,} bytes it should have")
            digest.update(piece)
            file.write(piece)
            on_progress(fetched)
    if fetched != backend.size:
        raise _damaged(f"It has {fetched:,} bytes instead of {backend.size:,}")
    if digest.hexdigest() != backend.sha256:
        raise _damaged("Its sha256 is not the one that belongs to this version of Sawhorse")


def _unpack(archive: Path, to: Path) -> None:
    to.mkdir(mode=0o700)
    try:
        with tarfile.open(archive, "r:gz") as packed:
            members = packed.getmembers()
            if len(members) > _MOST_FILES or any(not m.isfile() or m.name != os.path.basename(m.name) for m in members):  # noqa: PTH119 - of a name in an archive
                raise _damaged("It holds more than plain files")
            packed.extractall(to, members, filter="data")
    except tarfile.TarError as error:
        raise _damaged("It cannot be unpacked") from error
    if library_of(to) is None:
        raise _damaged("There is no backend in it")


def _damaged(why: str) -> AppError:
    return AppError("The GPU backend was not installed", f"{why}.", "Nothing of it was kept. Try again later.")
