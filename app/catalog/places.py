"""Where other programs keep their models, by their own rules and settings; only folders that exist are named."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from app.catalog.messages import Folder
from app.catalog.variants import Place

_MAX_SETTINGS_BYTES = 1 << 20


def known_places(
    environment: Mapping[str, str] | None = None, home: Path | None = None, platform: str = sys.platform
) -> list[Folder]:
    """Return the folders of other programs that are there, each once.

    - Hugging Face: ``HF_HUB_CACHE``, else ``hub`` in ``HF_HOME`` or in the cache folder's ``huggingface``.
    - LM Studio: ``models`` in ``~/.lmstudio``, until 2024 in ``~/.cache/lm-studio``, or in what
      ``~/.lmstudio-home-pointer`` names; and the folder that its settings name.
    - Ollama: ``OLLAMA_MODELS``, ``~/.ollama/models``, and the folder of its system service.
    - llama.cpp: ``LLAMA_CACHE``, else ``llama.cpp`` in the cache folder (``fs_get_cache_directory``).
    - Docker Model Runner: ``MODELS_PATH``, else ``~/.docker/models``.
    """
    environment = os.environ if environment is None else environment
    try:
        home = Path.home() if home is None else home
    except RuntimeError:  # a user without a home has no such folders
        return []
    seen: set[str] = set()
    folders = []
    for place, path in _candidates(environment, home, platform):
        try:
            if not path.is_dir():
                continue
            real = str(path.resolve())
        except (OSError, RuntimeError, ValueError):  # a loop of links, or a name that is none
            continue
        if real not in seen:
            seen.add(real)
            folders.append(Folder(place=place, path=str(path)))
    return folders


def _candidates(environment: Mapping[str, str], home: Path, platform: str) -> Iterator[tuple[Place, Path]]:
    def named(variable: str) -> Path | None:
        value = environment.get(variable, "").strip()
        if value.startswith("~"):
            return home / value[1:].lstrip("/\\")
        return Path(value) if value else None

    cache = named("XDG_CACHE_HOME") or home / ".cache"
    hub = (named("HF_HOME") or cache / "huggingface") / "hub"
    yield "huggingface", named("HF_HUB_CACHE") or named("HUGGINGFACE_HUB_CACHE") or hub
    for studio in (_lmstudio_home(home), home / ".lmstudio", cache / "lm-studio"):
        if studio is not None:
            yield "lmstudio", studio / "models"
            if folder := _lmstudio_folder(studio / "settings.json"):
                yield "lmstudio", folder
    if folder := named("OLLAMA_MODELS"):
        yield "ollama", folder
    yield "ollama", home / ".ollama" / "models"
    if platform == "linux":
        yield "ollama", Path("/usr/share/ollama/.ollama/models")
    if folder := named("LLAMA_CACHE"):
        yield "llama.cpp", folder
    if platform == "darwin":
        yield "llama.cpp", home / "Library" / "Caches" / "llama.cpp"
    elif platform == "win32" and (local := named("LOCALAPPDATA")):
        yield "llama.cpp", local / "llama.cpp"
    else:
        yield "llama.cpp", cache / "llama.cpp"
    yield "docker", named("MODELS_PATH") or home / ".docker" / "models"
    if platform == "linux":  # without Docker Desktop it is a volume, which not everyone may read
        yield "docker", Path("/var/lib/docker/volumes/docker-model-runner-models/_data")


def _lmstudio_home(home: Path) -> Path | None:
    """Return where LM Studio says that it lives, when that is not the usual place."""
    try:
        with (home / ".lmstudio-home-pointer").open(encoding="utf-8") as stream:
            text = stream.read(4096).strip()
    except (OSError, ValueError):
        return None
    return Path(text) if text and text.isprintable() else None


def _lmstudio_folder(settings: Path) -> Path | None:
    """Return the folder that was chosen in LM Studio (``downloadsFolder`` in its settings)."""
    value = read_json(settings, _MAX_SETTINGS_BYTES)
    folder = value.get("downloadsFolder") if isinstance(value, dict) else None
    return Path(folder) if isinstance(folder, str) and folder else None


def read_json(path: Path, max_bytes: int) -> Any:
    """Return what a small JSON file of another program holds; None for one that cannot be read or is no JSON."""
    try:
        with path.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except (OSError, ValueError):
        return None
    if len(data) > max_bytes:
        return None
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
