"""Searching the texts of a folder's files: what is asked, what is found, and who does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from app.errors import AppError

#: Lines with hits that one search shows; it ends there.
MAX_LINES = 20_000
#: Lines of one file that are told; the others are only counted.
MAX_LINES_PER_FILE = 1_000
#: Of a line with a hit, so much about the first one is told.
MAX_LINE_CHARACTERS = 400


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for, and where. Lines are looked at one by one.

    Attributes:
        folder: Absolute. What its ignore files leave out is not searched.
        text: The words, or a regular expression.
        include: Globs separated by commas, of which a file's path below the folder has to match one; a glob without
            "/" is about the name, one that names a folder stands for all in it. Empty: every file.
        exclude: Globs separated by commas; files that match one are left out.
        unsaved: The texts of open files that are not as they are on disk, by absolute path; they are searched instead.
    """

    folder: str
    text: str
    is_regex: bool = False
    matches_case: bool = False
    is_whole_word: bool = False
    include: str = ""
    exclude: str = ""
    unsaved: Mapping[str, str] = {}


class LineHits(msgspec.Struct, frozen=True, kw_only=True):
    """A line with hits.

    Attributes:
        number: From 1.
        text: The line, or what is around its first hit where it is long.
        spans: (begin, end) of the hits in ``text``, from 0; the first ones if there are very many.
        column: Where in the line itself the first hit begins, from 1, in characters.
        length: How many characters the first hit has.
    """

    number: int
    text: str
    spans: tuple[tuple[int, int], ...]
    column: int
    length: int


class FileHits(msgspec.Struct, frozen=True, kw_only=True):
    """A file with hits, all of them at once.

    Attributes:
        path: Below the folder, with "/" between its names.
        lines: The lines with hits, in order; at most ``MAX_LINES_PER_FILE``.
        line_count: How many lines have hits.
        is_unsaved: The text was an open one, not the one on disk.
    """

    path: str
    lines: tuple[LineHits, ...]
    line_count: int
    is_unsaved: bool = False


class SearchEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How a search ended.

    Attributes:
        files: Files with hits.
        lines: Lines with hits.
        stopped: Why it ended before all was searched, as a sentence; empty when it did not.
    """

    files: int
    lines: int
    stopped: str = ""


class FileSearch(Protocol):
    """Searches in a process of its own, one thing at a time: a new search cancels the one before."""

    def search(
        self,
        query: SearchQuery,
        on_hits: Callable[[tuple[FileHits, ...]], None],
        on_done: Callable[[SearchEnd | AppError], None],
    ) -> int:
        """Search; return a number for ``cancel``.

        ``on_hits`` hears of files as they are found, in no promised order, each file once; ``on_done`` hears once,
        last. An expression that cannot be understood is an ``AppError`` at ``on_done``.
        """
        ...

    def cancel(self, search: int) -> None:
        """End a search; neither of its callbacks is called any more. Without effect on one that has ended."""
        ...


class SearchProcess(FileSearch, Protocol):
    """What searches in files, and the process it does that in."""

    def tick(self) -> None:
        """Notice a process that has been silent for too long; called once a second."""
        ...

    def close(self) -> None:
        """End the process."""
        ...
