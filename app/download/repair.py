"""All bytes are here and their sha256 is not the published one: fetch chunks again and find those that differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.download.errors import DownloadError
from app.download.hashing import Hasher
from app.download.part import PartFile

Keep = Callable[[int, bytes, int], None]


def repair(part: PartFile, hasher: Hasher, suspects: Sequence[int], fetch: Callable[[int, Keep], None]) -> None:
    """Fetch every chunk once more at most, suspects first, until the sha256 is right.

    A published sha256 says that a file is wrong, not where. So chunks are compared with a second copy, those first
    whose transfer was disturbed; each one that differs is replaced, and the file is hashed again from there.

    Raises:
        DownloadError: The server sends bytes that are not what it publishes ("hash").
        Stopped: The download was paused or cancelled.
    """
    others = (chunk for chunk in range(part.journal.chunks) if chunk not in set(suspects))
    for chunk in (*suspects, *others):
        comparison = _Comparison(part)
        fetch(chunk, comparison.take)
        if not comparison.differs:
            continue
        hasher.rewind(chunk)
        if hasher.run() and hasher.hexdigest == part.file.sha256:
            return
    part.journal.forget()
    raise DownloadError(
        "hash",
        "What was downloaded is not what was published",
        f"Every part of {part.target.final.name} was fetched twice and came the same, but its sha256 is "
        f"{hasher.hexdigest[:12]}… instead of {part.file.sha256[:12]}….",
        "It cannot be loaded. List the repository's variants again: the file may have been replaced.",
    )


class _Comparison:
    """Replaces what is on disk where a second copy differs."""

    def __init__(self, part: PartFile) -> None:
        self._part = part
        self.differs = False

    def take(self, _chunk: int, data: bytes, offset: int) -> None:
        here = memoryview(bytearray(len(data)))
        count = self._part.read_into(here, offset)
        if count != len(data) or here != data:
            self.differs = True
            self._part.write(data, offset)
        self._part.count(len(data))
