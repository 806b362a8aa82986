"""Files under their final names: accept them, check them, turn a damaged one back into a partial one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from app.catalog.variants import RemoteFile, Variant
from app.download.disk import PositionedFile, sync_folder
from app.download.errors import DownloadError
from app.download.hashing import running_digests
from app.download.journal import Journal
from app.download.manifest import Manifest, is_unchanged, read_manifest, write_manifest
from app.download.names import Target


def finish(
    file: RemoteFile, target: Target, variant: Variant, chunk: int, digests: tuple[str, ...], fetched: int
) -> None:
    """Give a verified partial file its name; after a crash at any point it is not there or complete. Raises OSError."""
    write_manifest(target, _manifest(file, target.part, variant, chunk, digests, fetched))
    target.part.replace(target.final)
    sync_folder(target.final.parent)
    target.journal.unlink(missing_ok=True)


def remove_partial(target: Target) -> None:
    """Delete what has been fetched of a file; a finished one stays. Raises OSError."""
    for path in (target.part, target.journal):
        path.unlink(missing_ok=True)


class Finished:
    """One file that may have its final name already.

    Args:
        chunk: The length of chunks for a new manifest.
        on_bytes: Told how many bytes were read; may raise to end it.
    """

    def __init__(
        self, file: RemoteFile, target: Target, variant: Variant, chunk: int, on_bytes: Callable[[int], None]
    ) -> None:
        self._file = file
        self._target = target
        self._variant = variant
        self._chunk = chunk
        self._on_bytes = on_bytes

    def accept(self) -> Manifest | None:
        """Return the manifest of a file that is the one wanted, hashing it if need be; None: it is to be fetched.

        A damaged file of ours becomes a partial one; an older one of ours stays until the new one is complete.

        Raises:
            DownloadError: A file of that name is there, and it is not ours ("occupied").
        """
        if not self._target.final.exists():
            return None
        manifest = read_manifest(self._target)
        if manifest is not None and is_unchanged(self._target.final, manifest, self._file):
            return manifest
        if manifest is not None and not self._is_of(manifest):
            return None
        bad, digests = self._first_difference(manifest)
        if bad is None:
            manifest = _manifest(self._file, self._target.final, self._variant, self._chunk, digests, 0)
            write_manifest(self._target, manifest)
            return manifest
        if manifest is None:
            raise DownloadError(
                "occupied",
                "A file of that name is there already",
                f"{self._target.final} is not the file that {self._variant.repository} offers under this name.",
                "Move it away or choose another folder, then resume.",
            )
        self._turn_into_part(manifest, bad)
        return None

    def check(self) -> tuple[str, ...]:
        """Hash the file; return what is wrong with it, in sentences. A damaged one becomes a partial one."""
        name = self._target.final.name
        if not self._target.final.exists():
            return (f"{name} is not there.",)
        manifest = read_manifest(self._target)
        if manifest is not None and not self._is_of(manifest):
            manifest = None
        size = self._target.final.stat().st_size
        bad, _ = self._first_difference(manifest)
        if bad is None:
            return ()
        self._turn_into_part(manifest, bad)
        if size != self._file.size_bytes:
            return (f"{name} has {size:,} bytes instead of {self._file.size_bytes:,}.",)
        if manifest is None:
            return (f"{name} does not have the sha256 that was published.",)
        return (f"{name} differs from what was published, first between bytes {bad.start:,} and {bad.stop:,}.",)

    def _is_of(self, manifest: Manifest) -> bool:
        return (manifest.sha256, manifest.size_bytes) == (self._file.sha256, self._file.size_bytes)

    def _first_difference(self, manifest: Manifest | None) -> tuple[range | None, tuple[str, ...]]:
        """Return the bytes of the first chunk that is wrong (None: all is right), and the running digests."""
        size, chunk = self._file.size_bytes, manifest.chunk_bytes if manifest else self._chunk
        known = manifest.digests if manifest else ()
        found: list[str] = []
        data = PositionedFile(self._target.final)
        try:
            has_size = data.size() == size
            if has_size or known:
                for number, digest in enumerate(running_digests(data.read_into, size, chunk, self._on_bytes)):
                    found.append(digest.hex())
                    if known and found[-1] != known[number]:
                        return range(number * chunk, min(size, (number + 1) * chunk)), ()
        finally:
            data.close()
        is_right = has_size and bool(found) and bool(known or self._file.sha256)
        if is_right and (not self._file.sha256 or found[-1] == self._file.sha256):
            return None, tuple(found)
        if known:  # right as far as it goes
            return range(len(found) * chunk, size), ()
        return range(size), ()

    def _turn_into_part(self, manifest: Manifest | None, bad: range) -> None:
        """Take the final name away, and let a journal say which chunks are still good.

        Behind the first damaged chunk nothing can be said until that one is whole again; the digests that come along
        find further ones while the file is being completed.
        """
        target, file = self._target, self._file
        target.journal.unlink(missing_ok=True)
        target.final.replace(target.part)
        length = target.part.stat().st_size
        os.truncate(target.part, file.size_bytes)
        with Journal(target.journal, file.size_bytes, self._chunk, file.sha256) as journal:
            if manifest is not None:
                for number in range(journal.chunks):
                    begins, end = number * self._chunk, number * self._chunk + journal.length(number)
                    if end <= length and not (begins < bad.stop and bad.start < end):
                        journal.written[number] = journal.synced[number] = journal.length(number)
                    if manifest.chunk_bytes == self._chunk:
                        journal.set_digest(number, bytes.fromhex(manifest.digests[number]))
            else:
                journal.claim_all()  # and let the comparison with a second copy find what is wrong
            journal.flush()
        target.manifest.unlink(missing_ok=True)


def _manifest(
    file: RemoteFile, path: Path, variant: Variant, chunk: int, digests: tuple[str, ...], fetched: int
) -> Manifest:
    return Manifest(
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        repository=variant.repository,
        revision=variant.revision,
        name=file.name,
        chunk_bytes=chunk,
        digests=digests,
        mtime_ns=path.stat().st_mtime_ns,
        fetched_bytes=fetched,
    )
