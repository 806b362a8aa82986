"""Finding files of a folder by a few of the letters of their paths: what asks and what is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec


class FoundPath(msgspec.Struct, frozen=True, kw_only=True):
    """A file or folder that fits what was typed.

    Attributes:
        path: Below the folder, with "/" between its names.
        matched: The places in ``path`` of the characters that fit.
        size_bytes: Of a file; 0 for a folder.
    """

    path: str
    is_folder: bool = False
    matched: tuple[int, ...] = ()
    size_bytes: int = 0


class PathFinder(Protocol):
    """Knows the files of one folder, those its ignore rules leave out excepted."""

    @property
    def folder(self) -> str:
        """The folder, absolute; empty while none is open."""
        ...

    def find(self, query: str, limit: int, on_found: Callable[[tuple[FoundPath, ...]], None]) -> None:
        """Find the best matches, best first; a newer question makes an older one be forgotten unanswered."""
        ...
