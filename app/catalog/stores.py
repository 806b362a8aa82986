"""Stores that keep models as blobs named by their hash: Ollama's and Docker Model Runner's. Read, never written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.catalog.places import read_json
from app.catalog.quantizations import parse_quantization
from app.catalog.variants import LocalModel, Place

_MAX_MANIFESTS = 5_000
_MAX_MANIFEST_BYTES = 1 << 20
_MAX_INDEX_BYTES = 16 << 20
_DIGEST = re.compile(r"(sha256)[:-]([0-9a-f]{64})")
_OLLAMA_MODEL = "application/vnd.ollama.image.model"
_DOCKER_MODELS = ("application/vnd.docker.ai.gguf", "application/vnd.cncf.model.weight")
_OLLAMA_HOST = "registry.ollama.ai"


def ollama_models(root: Path) -> tuple[list[LocalModel], list[str]]:
    """Return the models in an Ollama store, and notes.

    ``manifests/HOST/NAMESPACE/NAME/TAG`` is an OCI manifest; the weights are its layer of the media type
    ``application/vnd.ollama.image.model`` and lie in ``blobs/sha256-HEX`` (older ones: ``sha256:HEX``).
    """
    models: list[LocalModel] = []
    notes: list[str] = []
    for path in _manifests(root / "manifests", notes):
        manifest = read_json(path, _MAX_MANIFEST_BYTES)
        layers = _layers(manifest, _OLLAMA_MODEL)
        blobs = [_ollama_blob(root, digest) for digest in layers]
        if not layers:
            continue
        host, *middle, tag = path.relative_to(root / "manifests").parts
        name = "/".join(middle[1:] if host == _OLLAMA_HOST and middle[:1] == ["library"] else middle)
        shown = f"{name}:{tag}"
        present = [blob for blob in blobs if blob is not None]
        if len(layers) > 1:
            notes.append(f"Ollama keeps {shown} in {len(layers)} pieces that llama.cpp cannot load where they lie.")
        elif not present:
            notes.append(f"Ollama lists {shown}, but its weights are not there.")
        elif not _is_gguf(present[0]):
            continue  # safetensors, as newer versions keep for their own engine
        else:
            config = _digest_of(manifest, "config")
            told = read_json(_ollama_blob(root, config) or root / "none", _MAX_MANIFEST_BYTES) if config else None
            file_type = told.get("file_type") if isinstance(told, dict) else None
            quantization = parse_quantization(tag) or _text(file_type)
            models.append(_model("ollama", present, layers, shown, quantization, _hub_name(host, middle)))
    return models, notes


def docker_models(root: Path) -> tuple[list[LocalModel], list[str]]:
    """Return the models in Docker Model Runner's store, and notes.

    ``models.json`` lists manifests with their tags; ``manifests/sha256/HEX`` names the layers, which lie in
    ``blobs/sha256/HEX``; of a model that has run, ``bundles/sha256/HEX/model`` holds links with the names llama.cpp
    wants. Shards can be loaded from there alone.
    """
    models: list[LocalModel] = []
    notes: list[str] = []
    index = read_json(root / "models.json", _MAX_INDEX_BYTES)
    for entry in _list(index.get("models") if isinstance(index, dict) else None)[:_MAX_MANIFESTS]:
        digest = _DIGEST.fullmatch(_text(entry.get("id"))) if isinstance(entry, dict) else None
        if digest is None:
            continue
        manifest = read_json(root / "manifests" / "sha256" / digest[2], _MAX_MANIFEST_BYTES)
        layers = _layers(manifest, *_DOCKER_MODELS)
        if not layers:
            continue
        tags = [tag for tag in _list(entry.get("tags")) if isinstance(tag, str) and tag]
        name = (tags[0] if tags else digest[2][:12]).removeprefix("index.docker.io/").removeprefix("docker.io/")
        files = _bundle(root, digest[2], len(layers))
        blob = root / "blobs" / "sha256" / layers[0]
        if not files and len(layers) == 1 and blob.is_file():
            files = [blob]
        if not files:
            notes.append(f"Docker keeps {name} in {len(layers)} pieces; run it once there, and it can be loaded here.")
        elif _is_gguf(files[0]):
            config = _digest_of(manifest, "config")
            told = read_json(root / "blobs" / "sha256" / config, _MAX_MANIFEST_BYTES) if config else None
            inner = told.get("config") if isinstance(told, dict) else None
            stated = inner.get("quantization") if isinstance(inner, dict) else ""
            quantization = parse_quantization(_text(stated)) or parse_quantization(name.rpartition(":")[2])
            models.append(_model("docker", files, layers, name, quantization, name.partition(":")[0]))
    return models, notes


def _bundle(root: Path, digest: str, count: int) -> list[Path]:
    folder = root / "bundles" / "sha256" / digest / "model"
    names = (
        ["model.gguf"] if count == 1 else [f"model-{number:05d}-of-{count:05d}.gguf" for number in range(1, count + 1)]
    )
    files = [folder / name for name in names]
    return files if all(file.is_file() for file in files) else []


def _manifests(folder: Path, notes: list[str]) -> Iterator[Path]:
    """Yield the manifests of an Ollama store; their depth depends on the registry's names."""
    count = 0

    def failed(error: OSError) -> None:
        notes.append(f"{error.filename} could not be looked at: {error.strerror}.")

    for path, folders, files in os.walk(folder, onerror=failed):
        folders.sort()
        if len(Path(path).relative_to(folder).parts) > 6:
            folders.clear()
        for file in sorted(files):
            count += 1
            if count > _MAX_MANIFESTS:
                return
            if len((Path(path) / file).relative_to(folder).parts) >= 3:
                yield Path(path) / file


def _layers(manifest: Any, *media_types: str) -> list[str]:
    """Return the hex digests of the layers whose media type begins with one of ``media_types``."""
    found = []
    for layer in _list(manifest.get("layers") if isinstance(manifest, dict) else None)[:1000]:
        kind = _text(layer.get("mediaType")) if isinstance(layer, dict) else ""
        digest = _DIGEST.fullmatch(_text(layer.get("digest"))) if kind.startswith(media_types) else None
        if digest is not None and "mmproj" not in kind and "lora" not in kind:
            found.append(digest[2])
    return found


def _digest_of(manifest: Any, field: str) -> str:
    value = manifest.get(field) if isinstance(manifest, dict) else None
    digest = _DIGEST.fullmatch(_text(value.get("digest"))) if isinstance(value, dict) else None
    return digest[2] if digest else ""


def _ollama_blob(root: Path, digest: str) -> Path | None:
    for name in (f"sha256-{digest}", f"sha256:{digest}"):
        if (root / "blobs" / name).is_file():
            return root / "blobs" / name
    return None


def _hub_name(host: str, middle: list[str]) -> str:
    """Return the Hugging Face repository of what Ollama pulled as ``hf.co/OWNER/NAME``."""
    return "/".join(middle) if host in {"hf.co", "huggingface.co"} and len(middle) == 2 else ""


def _is_gguf(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(4) == b"GGUF"
    except OSError:
        return False


def _model(
    place: Place, files: list[Path], digests: list[str], name: str, quantization: str, repository: str
) -> LocalModel:
    sizes = tuple(map(_size, files))
    return LocalModel(
        path=str(files[0]),
        files=tuple(map(str, files)),
        size_bytes=sum(sizes),
        file_sizes=sizes,
        sha256=tuple(digests),
        name=name,
        quantization=quantization,
        place=place,
        repository=repository,
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # gone since it was listed
        return 0


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
