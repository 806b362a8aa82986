"""What lies beside a finished model: what it is, and running digests that find a damaged chunk later.

The sha256 of all bytes up to each chunk's end falls out of hashing the whole file once, at no cost; the last one is
the published sha256. So a later check sees at which chunk a file begins to differ, and only that one is fetched again.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from app.catalog.variants import RemoteFile
from app.download.names import Target
from app.engine.messages import Value


class Manifest(Value, frozen=True, kw_only=True):
    """The content of ``.NAME.sawhorse.json``.

    Attributes:
        chunk_bytes: Length of a chunk.
        digests: By chunk, the sha256 in hex digits of all bytes up to its end.
        mtime_ns: When the file was last written, in nanoseconds, as the disk tells it.
        fetched_bytes: What fetching it took, over every try.
    """

    size_bytes: int
    sha256: str
    repository: str
    revision: str
    name: str
    chunk_bytes: int
    digests: tuple[str, ...]
    mtime_ns: int
    fetched_bytes: int = 0
    version: int = 1


def write_manifest(target: Target, manifest: Manifest) -> None:
    """Write it whole or not at all. Raises OSError."""
    data = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    temporary = target.manifest.with_name(target.manifest.name + ".new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(target.manifest)


def read_manifest(target: Target) -> Manifest | None:
    """Return what is known of a finished file; None if there is none, or it cannot be understood."""
    try:
        manifest = msgspec.json.decode(target.manifest.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return None
    is_whole = manifest.chunk_bytes > 0 and len(manifest.digests) == max(
        1, -(-manifest.size_bytes // manifest.chunk_bytes)
    )
    return manifest if is_whole else None


def is_unchanged(path: Path, manifest: Manifest | None, file: RemoteFile) -> bool:
    """Tell whether a finished file is the one wanted and was not touched since it was verified."""
    if manifest is None or (manifest.sha256, manifest.size_bytes) != (file.sha256, file.size_bytes):
        return False
    try:
        status = path.stat()
    except OSError:
        return False
    return status.st_size == manifest.size_bytes and status.st_mtime_ns == manifest.mtime_ns
