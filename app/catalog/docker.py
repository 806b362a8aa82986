"""What Docker Hub offers of a model: tags and OCI manifests, every GGUF layer of which is a shard. Child process only.

The protocol is that of the OCI distribution specification with Docker Hub's tokens; media types and annotations are
those of Docker Model Runner (``pkg/distribution/types/config.go``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import httpx2
import msgspec

from app.catalog.errors import CatalogError
from app.catalog.http import CarefulClient
from app.catalog.names import is_safe_name, parse_shard
from app.catalog.quantizations import is_same, parse_quantization, sort_key
from app.catalog.reference import Reference
from app.catalog.variants import RemoteFile, Repository, Variant

SERVICE = "registry.docker.io"
_GGUF = "application/vnd.docker.ai.gguf"  # ".v3"; the CNCF's ModelPack says "weight" and names the file
_WEIGHT = "application/vnd.cncf.model.weight"
_PATH = "org.cncf.model.filepath"
_ACCEPT = "application/vnd.docker.distribution.manifest.v2+json,application/vnd.oci.image.manifest.v1+json"
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
MAX_TAGS = 40
MAX_LAYERS = 1000


class _Descriptor(msgspec.Struct):
    media_type: str = msgspec.field(name="mediaType", default="")
    digest: str = ""
    size: int = 0
    annotations: dict[str, str] = {}


class _Manifest(msgspec.Struct):
    layers: list[_Descriptor] = []
    config: _Descriptor = msgspec.field(default_factory=_Descriptor)


class _Tags(msgspec.Struct):
    tags: list[str] | None = None


class _Token(msgspec.Struct):
    token: str = ""
    access_token: str = ""


class DockerHub:
    """A registry and the server that hands out its tokens; both can be others than Docker's."""

    def __init__(self, registry: str, auth: str, version: str = "") -> None:
        self._registry = registry.rstrip("/")
        self._auth = auth.rstrip("/")
        self._headers = {"user-agent": f"sawhorse/{version}" if version else "sawhorse"}

    def list_repository(self, reference: Reference) -> Repository:
        """Return the variants of a repository: its tags that hold GGUF files, those with the same files only once.

        Raises:
            CatalogError: It is not there, holds no GGUF files, or the registry did not answer.
        """
        name, notes = reference.repository, []
        with CarefulClient(self._registry) as client:
            self._authorise(client, name)
            tags = [reference.quantization] if reference.quantization else self._tags(client, name)
            if len(tags) > MAX_TAGS:
                notes.append(f"Only {MAX_TAGS} of {len(tags):,} tags were looked at.")
            variants: dict[tuple[str, ...], Variant] = {}
            for tag in sorted(tags[:MAX_TAGS], key=lambda tag: (tag == "latest", tag)):
                variant = self._variant(client, name, tag)
                if variant is not None:
                    variants.setdefault(tuple(file.sha256 for file in variant.files), variant)
        if not variants:
            raise CatalogError(
                "no_models",
                f"{name} holds no GGUF files",
                f"None of its {len(tags):,} tags on Docker Hub is a model in the GGUF format.",
                "Look for the model on Hugging Face.",
            )
        return Repository(
            source="docker",
            id=name,
            revision=reference.quantization or "latest",
            variants=_named(list(variants.values())),
            notes=tuple(notes),
        )

    def _authorise(self, client: CarefulClient, name: str) -> None:
        """Get a token for reading, which Docker Hub gives to anyone; a registry without such a server needs none."""
        if not self._auth:
            return
        answer = client.get(
            f"{self._auth}/token",
            params={"service": SERVICE, "scope": f"repository:{name}:pull"},
            headers=self._headers,
        )
        token = self._decoded(answer, _Token)
        self._headers["authorization"] = f"Bearer {token.token or token.access_token}"

    def _tags(self, client: CarefulClient, name: str) -> list[str]:
        answer = self._get(client, name, "tags/list", f"There is no repository {name} on Docker Hub")
        tags = self._decoded(answer, _Tags).tags or []
        return [tag for tag in tags if re.fullmatch(r"[\w][\w.-]{0,127}", tag)]

    def _variant(self, client: CarefulClient, name: str, tag: str) -> Variant | None:
        answer = self._get(client, name, f"manifests/{tag}", f"{name} has no tag “{tag}” on Docker Hub")
        manifest = self._decoded(answer, _Manifest)
        layers = [layer for layer in manifest.layers[:MAX_LAYERS] if _is_model(layer)]
        if not layers:
            return None
        quantization = parse_quantization(self._told(client, name, manifest.config)) or parse_quantization(tag) or tag
        files = []
        for layer, file in zip(layers, _file_names(name, quantization, layers), strict=True):
            digest = _DIGEST.fullmatch(layer.digest)
            if digest is None or layer.size <= 0:
                raise _not_understood(self._registry, f"a layer with digest {layer.digest!r} and size {layer.size}")
            url = f"{self._registry}/v2/{name}/blobs/{layer.digest}"
            files.append(RemoteFile(name=file, url=url, size_bytes=layer.size, sha256=digest[1]))
        return Variant(source="docker", repository=name, revision=tag, quantization=quantization, files=tuple(files))

    def _told(self, client: CarefulClient, name: str, config: _Descriptor) -> str:
        """Return the quantization in a model's config, such as "MOSTLY_Q4_K_M"; empty where there is none."""
        if not _DIGEST.fullmatch(config.digest) or config.size > 1 << 20:
            return ""
        answer = self._get(client, name, f"blobs/{config.digest}", "")
        if answer.status_code != 200:
            return ""
        try:
            value: Any = msgspec.json.decode(answer.content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return ""
        inner = value.get("config") if isinstance(value, dict) else None
        told = inner.get("quantization") if isinstance(inner, dict) else None
        return told if isinstance(told, str) else ""

    def _get(self, client: CarefulClient, name: str, path: str, missing: str) -> httpx2.Response:
        headers = {**self._headers, "accept": _ACCEPT}
        answer = client.get(f"{self._registry}/v2/{name}/{path}", headers=headers)
        if answer.status_code in {401, 403, 404} and missing:
            raise CatalogError(
                "not_found",
                missing,
                f"The registry answered with status {answer.status_code}: it is not there, or is private.",
                "Check the spelling.",
            )
        return answer

    def _decoded(self, answer: httpx2.Response, kind: Any) -> Any:
        if answer.status_code != 200:
            raise _not_understood(str(answer.url.host), f"status {answer.status_code}")
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _not_understood(str(answer.url.host), str(error)) from error


def _is_model(layer: _Descriptor) -> bool:
    if layer.media_type.startswith(_WEIGHT):
        file = layer.annotations.get(_PATH, "").lower()
        return file.endswith(".gguf") and "mmproj" not in file
    return layer.media_type.startswith(_GGUF) and not layer.media_type.startswith((f"{_GGUF}.mmproj", f"{_GGUF}.lora"))


def _file_names(repository: str, quantization: str, layers: Sequence[_Descriptor]) -> list[str]:
    """Name the layers as llama.cpp wants shards to be named: as the maker did where that will do, else anew."""
    given = [layer.annotations.get(_PATH, "") for layer in layers]
    if all(is_safe_name(name) and name.lower().endswith(".gguf") for name in given):
        first = parse_shard(given[0])
        if len(given) == 1 or (first and given == [first.path(number) for number in range(1, len(given) + 1)]):
            return given
    base = f"{repository.rpartition('/')[2]}-{quantization}"
    if len(layers) == 1:
        return [f"{base}.gguf"]
    return [f"{base}-{number:05d}-of-{len(layers):05d}.gguf" for number in range(1, len(layers) + 1)]


def _named(variants: list[Variant]) -> tuple[Variant, ...]:
    """Tell apart variants of the same quantization by their tags, and sort them."""
    named = []
    for variant in variants:
        same = [other for other in variants if is_same(other.quantization, variant.quantization)]
        name = variant.quantization if len(same) == 1 else f"{variant.quantization} ({variant.revision})"
        named.append(msgspec.structs.replace(variant, quantization=name))
    return tuple(sorted(named, key=lambda variant: (variant.size_bytes, *sort_key(variant.quantization))))


def _not_understood(host: str, detail: str) -> CatalogError:
    return CatalogError(
        "not_understood",
        f"{host} does not answer as a registry does",
        "Its answer is not the expected JSON.",
        "A sign-in page of the network may stand between: open the address in a browser.",
        detail,
    )
