"""Opens models: local files where they lie, remote ones by their headers, which are kept for the next time.

The headers of a repository's file at a pinned revision never change. A dialog with thirty variants would otherwise
fetch a vocabulary of several megabytes thirty times whenever it is opened.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import msgspec

from app.engine.llama.files import model_files
from app.errors import AppError
from app.fit.dry_run import Headers
from app.fit.layout import ModelLayout, content_key, outline
from app.fit.values import ModelSource
from app.gguf.read import HeadersRead, joined, read_local
from app.gguf.remote import read_remote

#: Of kept headers; the ones not used for longest go first.
MAX_KEPT_BYTES = 512 * 1024 * 1024


class HeaderStore:
    """Keeps headers below ``folder``, which is made if need be."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "headers"

    def open(
        self,
        source: ModelSource,
        token: str = "",
        token_host: str = "",
        on_fetched: Callable[[int], None] = lambda _total: None,
    ) -> tuple[ModelLayout, Headers]:
        """Return a model's layout, and where llama.cpp finds its headers. Arguments as for ``read_remote``.

        Raises:
            AppError: The files cannot be read, or are not those of one GGUF model.
        """
        if source.paths:
            return _open_local(source.paths)
        if not source.files:
            raise AppError("There is no model to look at", "No file was named.", "Choose a file or a repository.")
        _check_together(source)
        own = self._folder / _source_key(source)
        read = self._kept(own, source)
        if read is None:
            read = read_remote(source.files, token, token_host, on_fetched)
            self._keep(own, read.heads)
        names = [file.name for file in source.files]
        lengths = tuple(file.size_bytes for file in source.files)
        key = content_key(read.heads, lengths)
        heads = tuple(str(path) for path in _head_paths(own, len(read.heads)))
        return outline(read.model, key, names, read.fetched_bytes), Headers(key=key, heads=heads, lengths=lengths)

    def _kept(self, own: Path, source: ModelSource) -> HeadersRead | None:
        """Return what was kept. It is parsed like anything else: whoever wrote it, it may be damaged."""
        files = _head_paths(own, len(source.files))
        with contextlib.suppress(OSError, AppError):
            heads = [path.read_bytes() for path in files]
            read = read_kept(heads, [(file.name, file.size_bytes) for file in source.files])
            for path in files:
                os.utime(path)
            return read
        return None

    def _keep(self, own: Path, heads: Iterable[bytes]) -> None:
        try:
            own.mkdir(parents=True, exist_ok=True)
            for index, head in enumerate(heads):
                part = own / f"{index}.{os.getpid()}.part"
                part.write_bytes(head)
                part.replace(own / f"{index}.head")
        except OSError as error:
            raise AppError(
                "The model's headers could not be kept",
                f"{own}: {error.strerror or error}.",
                "Free some space on this disk.",
            ) from error
        self._prune(own)

    def _prune(self, newest: Path) -> None:
        kept: list[tuple[float, int, Path]] = []
        for entry in self._folder.iterdir():
            with contextlib.suppress(OSError):
                sizes = [(path.stat().st_mtime, path.stat().st_size) for path in entry.iterdir()]
                kept.append((max(sizes)[0] if sizes else 0.0, sum(size for _time, size in sizes), entry))
        total = sum(size for _time, size, _entry in kept)
        for _time, size, entry in sorted(kept):
            if total <= MAX_KEPT_BYTES or entry == newest:
                return
            for path in entry.iterdir():
                path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                entry.rmdir()
            total -= size


def read_kept(heads: Iterable[bytes], files: Iterable[tuple[str, int]]) -> HeadersRead:
    """Parse headers that were kept of files with these names and lengths.

    Raises:
        GgufError: They are damaged.
    """
    return joined([_KeptHead(name, length, head) for head, (name, length) in zip(heads, files, strict=True)])


class _KeptHead:
    """The beginning of a file whose rest is elsewhere."""

    def __init__(self, name: str, length: int, head: bytes) -> None:
        self.name = name
        self._length = length
        self._head = head

    def length(self) -> int:
        return self._length

    def read(self, start: int, size: int) -> bytes:
        return self._head[start : start + size]


def _open_local(paths: tuple[str, ...]) -> tuple[ModelLayout, Headers]:
    """Open local files; one that is the first of several brings the others, as it does for llama.cpp."""
    files = [Path(path) for path in paths] if len(paths) > 1 else model_files(Path(paths[0]))
    read = read_local(files)
    key = content_key(read.heads, [shard.length for shard in read.model.shards])
    return outline(read.model, key, [file.name for file in files]), Headers(key=key, path=str(files[0]))


def _check_together(source: ModelSource) -> None:
    """Refuse shards that lie in different folders of a server: they are of different repositories or revisions."""
    folders = {(urlsplit(file.url).netloc, str(PurePosixPath(urlsplit(file.url).path).parent)) for file in source.files}
    if len(folders) > 1:
        raise AppError(
            "These files belong to different models",
            f"They come from {len(folders)} different places.",
            "Choose one variant of one repository.",
        )


def _head_paths(own: Path, count: int) -> list[Path]:
    return [own / f"{index}.head" for index in range(count)]


def _source_key(source: ModelSource) -> str:
    return hashlib.sha256(msgspec.json.encode(source)).hexdigest()[:32]
