"""Models that are on disk already: folders of any depth are walked, shards put together; nothing is written."""

from __future__ import annotations

import os
import re
import stat
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from app.catalog.messages import Folder
from app.catalog.names import Shard, parse_shard, stem
from app.catalog.quantizations import is_model_file, parse_quantization, without_quantization
from app.catalog.sidecars import origin_of
from app.catalog.stores import docker_models, ollama_models
from app.catalog.variants import LocalModel, Place

MAX_DEPTH = 12
MAX_ENTRIES = 200_000
MAX_MODELS = 5_000
MAX_NOTES = 20
#: Below the 60 s after which the parent gives a silent child up.
MAX_SECONDS = 40.0
_SNAPSHOT = re.compile(r"models--(?P<owner>[\w.-]+?)--(?P<name>[\w.-]+)/snapshots/[^/]+/", re.ASCII)
_SKIPPED_FOLDERS = frozenset({"blobs", "node_modules", "__pycache__"})


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How far a scan goes before it says that it stopped."""

    depth: int = MAX_DEPTH
    entries: int = MAX_ENTRIES
    models: int = MAX_MODELS
    seconds: float = MAX_SECONDS


def scan(
    folders: Iterable[Folder], limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
) -> tuple[tuple[LocalModel, ...], tuple[str, ...]]:
    """Return the models in some folders, by name, and sentences on what could not be looked at.

    A file that several paths lead to is listed once, at the first. A folder that belongs to another's is walked once.
    """
    walk = _Walk(limits or Limits(), clock)
    models: list[LocalModel] = []
    for folder in folders:
        match folder.place:
            case "ollama":
                found, notes = ollama_models(Path(folder.path))
            case "docker":
                found, notes = docker_models(Path(folder.path))
            case _:
                found, notes = _in_folder(folder, walk), []
        models += found
        walk.notes += notes
    unique = {os.path.realpath(model.path): model for model in reversed(models)}
    ordered = sorted(unique.values(), key=lambda model: (model.name.lower(), model.size_bytes, model.path))
    if len(ordered) > walk.limits.models:
        walk.notes.append(f"Only {walk.limits.models:,} of {len(ordered):,} models are listed.")
    notes = walk.notes[:MAX_NOTES]
    if len(walk.notes) > MAX_NOTES:
        notes.append(f"And {len(walk.notes) - MAX_NOTES:,} more places could not be looked at.")
    return tuple(ordered[: walk.limits.models]), tuple(notes)


class _File(msgspec.Struct, frozen=True):
    """A file below a root; ``name`` is its path from there, with "/"."""

    name: str
    size: int
    mtime_ns: int


class _Walk:
    """A walk through folders with an end: each real folder once, no deeper and no longer than the limits."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits = limits
        self.notes: list[str] = []
        self._clock = clock
        self._deadline = clock() + limits.seconds
        self._entries = 0
        self._seen: set[tuple[int, int]] = set()
        self._stopped = False

    def files(self, root: Path) -> Iterator[_File]:
        """Yield every GGUF file below ``root``."""
        pending = [(root, "", 0)]
        while pending and not self._stopped:
            folder, relative, depth = pending.pop()
            for entry in self._entries_of(folder):
                name = f"{relative}{entry.name}"
                try:
                    status = entry.stat()
                except OSError:  # a link that leads nowhere, or in a circle
                    continue
                if stat.S_ISDIR(status.st_mode):
                    if depth < self.limits.depth and entry.name not in _SKIPPED_FOLDERS:
                        pending.append((Path(entry.path), f"{name}/", depth + 1))
                elif stat.S_ISREG(status.st_mode) and entry.name.lower().endswith(".gguf"):
                    yield _File(name, status.st_size, status.st_mtime_ns)

    def _entries_of(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in self._seen and status.st_ino:
                return []
            self._seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as entries:
                found = []
                for entry in entries:
                    self._entries += 1
                    if self._entries > self.limits.entries or self._clock() > self._deadline:
                        self._stop(folder)
                        break
                    found.append(entry)
        except OSError as error:
            self.notes.append(f"{folder} could not be looked at: {error.strerror or error}.")
            return []
        return sorted(found, key=lambda entry: entry.name)

    def _stop(self, folder: Path) -> None:
        if not self._stopped:
            self._stopped = True
            self.notes.append(f"The search stopped in {folder}: there are too many files. Add a smaller folder.")


def _in_folder(folder: Folder, walk: _Walk) -> list[LocalModel]:
    root = Path(folder.path)
    if not root.is_dir():
        if folder.place == "folder":
            walk.notes.append(f"{root} is not there.")
        return []
    models: list[LocalModel] = []
    sets: dict[tuple[str, int], dict[int, _File]] = defaultdict(dict)
    shards: dict[tuple[str, int], Shard] = {}
    for file in walk.files(root):
        if not is_model_file(file.name):
            continue
        if shard := parse_shard(file.name):
            sets[shard.prefix, shard.count][shard.number] = file
            shards[shard.prefix, shard.count] = shard
        else:
            models.append(_model(folder.place, root, [file], ()))
    for key, found in sets.items():
        shard = shards[key]
        lacking = [shard.path(number) for number in range(1, min(shard.count, 1000) + 1) if number not in found]
        missing = tuple(path.rpartition("/")[2] for path in lacking)
        models.append(_model(folder.place, root, [found[number] for number in sorted(found)], missing))
    return models


def _model(place: Place, root: Path, files: list[_File], missing: tuple[str, ...]) -> LocalModel:
    first = files[0].name
    origins = [origin_of(root / file.name, file.size, file.mtime_ns) for file in files]
    return LocalModel(
        path=str(root / first),
        files=tuple(str(root / file.name) for file in files),
        size_bytes=sum(file.size for file in files),
        file_sizes=tuple(file.size for file in files),
        sha256=tuple(origin.sha256 for origin in origins),
        name=without_quantization(stem(first)),
        quantization=parse_quantization(first),
        place=place,
        repository=origins[0].repository or _repository(place, first),
        missing=missing,
    )


def _repository(place: Place, name: str) -> str:
    """Return the repository that the layout of a place tells.

    Hugging Face: ``models--OWNER--NAME/snapshots/COMMIT/…``, which llama.cpp has taken over; LM Studio and Sawhorse:
    ``OWNER/NAME/…``.
    """
    if match := _SNAPSHOT.match(name):
        return f"{match['owner']}/{match['name']}"
    parts = name.split("/")
    return "/".join(parts[:2]) if place in {"lmstudio", "sawhorse"} and len(parts) > 2 else ""
