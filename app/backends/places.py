"""Where backends lie in the data folder, and how the engine is told of the one that was chosen."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from pathlib import Path

from app.backends.values import TITLES
from app.ipc.launch import BACKEND_VARIABLE

FOLDER = "backends"


def backend_folder(data: Path, name: str, llama_cpp_python: str) -> Path:
    """Return where a backend for a version of llama.cpp lies."""
    return data / FOLDER / f"{name}-{llama_cpp_python}"


def installed(data: Path, llama_cpp_python: str) -> tuple[str, ...]:
    """Return the names of the backends that are there for this llama.cpp."""
    return tuple(name for name in TITLES if library_of(backend_folder(data, name, llama_cpp_python)) is not None)


def library_of(folder: Path) -> Path | None:
    """Return the library of an unpacked backend; None if it is not whole."""
    try:
        name = json.loads((folder / "backend.json").read_text("utf-8"))["library"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    path = folder / Path(str(name)).name
    return path if path.is_file() else None


def use(environment: MutableMapping[str, str], data: Path, name: str, llama_cpp_python: str) -> None:
    """Have engines that are started from now on load a backend, if it is there; an empty name is for none."""
    library = library_of(backend_folder(data, name, llama_cpp_python)) if name else None
    if library is not None:
        environment[BACKEND_VARIABLE] = str(library)
