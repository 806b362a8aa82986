"""What can be chosen: the variants (quantizations) of a model, in a repository or on disk. Values only."""

from __future__ import annotations

from typing import Literal

from app.engine.messages import Value

Source = Literal["huggingface", "docker"]
Place = Literal["sawhorse", "folder", "huggingface", "lmstudio", "ollama", "llama.cpp", "docker", "starter"]


class RemoteFile(Value, frozen=True, kw_only=True):
    """A file that can be fetched.

    Attributes:
        name: Its path inside the repository, with "/" ("Q8_0/model-Q8_0-00001-of-00003.gguf").
        url: Where it is fetched from, at a pinned revision.
        size_bytes: Its length.
        sha256: 64 hex digits; empty where the source tells none.
    """

    name: str
    url: str
    size_bytes: int
    sha256: str = ""


class Variant(Value, frozen=True, kw_only=True):
    """One quantization of a model as a repository offers it.

    Attributes:
        repository: "owner/name".
        revision: The commit, or the tag for Docker Hub, the files are pinned to.
        quantization: As its files are named: "Q4_K_M", "UD-Q4_K_XL", "MXFP4_MOE"; unique in a repository.
        files: All shards in order; llama.cpp is given the first.
    """

    source: Source
    repository: str
    revision: str
    quantization: str
    files: tuple[RemoteFile, ...]

    @property
    def size_bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.size_bytes for file in self.files)


class Repository(Value, frozen=True, kw_only=True):
    """A repository and its variants, smallest first.

    Attributes:
        gated: Its files are given only to those who accepted its terms.
        n_params: Weights of the model as the source tells; 0 where it does not.
        notes: What was left out and why, in sentences.
    """

    source: Source
    id: str
    revision: str
    variants: tuple[Variant, ...]
    gated: bool = False
    private: bool = False
    license: str = ""
    n_params: int = 0
    notes: tuple[str, ...] = ()


class FoundRepository(Value, frozen=True, kw_only=True):
    """A repository that a search found; ``updated`` is an ISO 8601 date, empty where unknown."""

    id: str
    downloads: int = 0
    likes: int = 0
    updated: str = ""
    gated: bool = False


class LocalModel(Value, frozen=True, kw_only=True):
    """A model that is on disk already, wherever it lies; never moved.

    Attributes:
        path: What llama.cpp is given: the only file, or the first shard.
        files: All its files in order.
        size_bytes: Of all files.
        name: For people.
        quantization: From its name or header; empty where neither tells.
        place: Whose folder it lies in.
        repository: "owner/name" where the place tells it, else empty.
        missing: Names of shards that are not there; a model with any cannot be loaded.
        file_sizes: Of each of ``files``, in bytes; empty where they were not looked at.
        sha256: Of each of ``files``, as the place tells it without reading them; an empty one where it does not.
    """

    path: str
    files: tuple[str, ...]
    size_bytes: int
    name: str
    quantization: str
    place: Place
    repository: str = ""
    missing: tuple[str, ...] = ()
    file_sizes: tuple[int, ...] = ()
    sha256: tuple[str, ...] = ()
