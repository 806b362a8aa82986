"""What lies beside a model's file and tells where it came from: manifests, a cache's links, llama.cpp's notes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from app.catalog.places import read_json
from app.catalog.reference import parse_reference
from app.errors import AppError

_MAX_BYTES = 8 << 20  # Sawhorse's holds a digest for every 64 MiB of the model
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Origin(msgspec.Struct, frozen=True):
    """Where a file came from; either is empty where nothing tells it."""

    repository: str = ""
    sha256: str = ""


def origin_of(path: Path, size: int, mtime_ns: int) -> Origin:
    """Return where a file came from.

    - ``.NAME.sawhorse.json``: written once a download is verified; its hash is believed while the file is unchanged.
    - A link into ``blobs``: the Hugging Face cache names what is kept in LFS by its sha256.
    - ``NAME.json``: until 2026 llama.cpp noted there the address it fetched a file from.
    """
    manifest = read_json(path.with_name(f".{path.name}.sawhorse.json"), _MAX_BYTES)
    if isinstance(manifest, dict):
        is_unchanged = (manifest.get("size_bytes"), manifest.get("mtime_ns")) == (size, mtime_ns)
        return Origin(_text(manifest.get("repository")), _hash(manifest.get("sha256")) if is_unchanged else "")
    if path.is_symlink():
        return Origin("", _hash(_target_name(path)))
    note = read_json(path.with_name(f"{path.name}.json"), 1 << 16)
    url = _text(note.get("url")) if isinstance(note, dict) else ""
    return Origin(_repository_of(url) if url else "")


def _target_name(path: Path) -> str:
    try:
        return path.readlink().name
    except OSError:
        return ""


def _repository_of(url: str) -> str:
    try:
        return parse_reference(url).repository
    except AppError:
        return ""


def _hash(value: Any) -> str:
    return value if isinstance(value, str) and _SHA256.fullmatch(value) else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= 200 else ""
