"""The lines of a text that a search finds, and the files that it is about. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from app.errors import AppError
from app.files.find import Query, compile_query
from app.files.search_files import MAX_LINES_PER_FILE, FileHits, LineHits, SearchQuery
from app.tools.context import ToolError
from app.tools.globbing import compile_glob
from app.tools.search_query import clip

if TYPE_CHECKING:
    import regex

#: Seconds of the processor that one line may take.
LINE_SECONDS = 1.0
_COMMA = re.compile(r",(?![^{]*\})")


class SlowPatternError(Exception):
    """The expression takes too long in a line."""


class LineFinder:
    """Finds the lines that a query is about.

    Raises:
        AppError: It is no expression, or spans lines.
    """

    def __init__(self, query: SearchQuery) -> None:
        if "\n" in query.text:
            raise AppError("This cannot be searched", "The search goes line by line.", "Search for one of the lines.")
        self._is_regex = query.is_regex
        self._pattern: regex.Pattern[str] = compile_query(
            Query(query.text, query.is_regex, query.matches_case, query.is_whole_word)
        )

    def find(self, path: str, text: str, *, is_unsaved: bool = False) -> FileHits | None:
        """Return the hits in a text, whose lines end with line feeds; None without any.

        Raises:
            SlowPatternError: The expression takes too long.
        """
        lines = FileLines(path, is_unsaved=is_unsaved)
        try:
            for number, line, spans in self._by_line(text) if self._is_regex else self._at_once(text):
                lines.add(number, line, spans)
        except TimeoutError:
            raise SlowPatternError from None
        return lines.hits()

    def spans(self, line: str) -> list[tuple[int, int]]:
        """Return (begin, end) of the hits in a line.

        Raises:
            SlowPatternError: The expression takes too long.
        """
        try:
            return [match.span() for match in self._pattern.finditer(line, timeout=LINE_SECONDS)]
        except TimeoutError:
            raise SlowPatternError from None

    def _by_line(self, text: str) -> Iterator[tuple[int, str, list[tuple[int, int]]]]:
        search = self._pattern.search
        for number, line in enumerate(text.split("\n"), 1):
            if search(line, timeout=LINE_SECONDS) is not None:
                yield number, line, self.spans(line)

    def _at_once(self, text: str) -> Iterator[tuple[int, str, list[tuple[int, int]]]]:
        """Search the whole text, for words on one line cannot span any; most files have none."""
        found = [match.span() for match in self._pattern.finditer(text)]
        if not found:
            return
        starts = [0, *(match.end() for match in re.finditer("\n", text))]
        spans: dict[int, list[tuple[int, int]]] = {}
        for begin, end in found:
            number = bisect_right(starts, begin)
            spans.setdefault(number, []).append((begin - starts[number - 1], end - starts[number - 1]))
        for number, of_line in spans.items():
            start = starts[number - 1]
            stop = starts[number] - 1 if number < len(starts) else len(text)
            yield number, text[start:stop], of_line


class FileLines:
    """Gathers the lines of one file."""

    def __init__(self, path: str, *, is_unsaved: bool = False) -> None:
        self._path = path
        self._is_unsaved = is_unsaved
        self._lines: list[LineHits] = []
        self._count = 0

    def add(self, number: int, line: str, spans: list[tuple[int, int]]) -> None:
        """Take a line; empty hits are none."""
        spans = [(begin, end) for begin, end in spans if begin < end]
        if not spans:
            return
        self._count += 1
        if self._count <= MAX_LINES_PER_FILE:
            shown = clip(self._path, number, line, spans)
            column, length = spans[0][0] + 1, spans[0][1] - spans[0][0]
            self._lines.append(
                LineHits(number=number, text=shown.text, spans=shown.spans, column=column, length=length)
            )

    def hits(self) -> FileHits | None:
        """Return what was gathered; None if that is nothing."""
        if not self._lines:
            return None
        return FileHits(path=self._path, lines=tuple(self._lines), line_count=self._count, is_unsaved=self._is_unsaved)


def wants_path(query: SearchQuery) -> Callable[[str], bool]:
    """Return whether a query is about a path below its folder.

    Raises:
        AppError: A glob cannot be understood.
    """
    included, excluded = _any_of(query.include), _any_of(query.exclude)
    return lambda path: (included is None or included(path)) and not (excluded is not None and excluded(path))


def split_globs(globs: str) -> list[str]:
    """Return globs that are separated by commas; those in braces separate nothing."""
    return [glob.strip() for glob in _COMMA.split(globs) if glob.strip().strip("/.")]


def _any_of(globs: str) -> Callable[[str], bool] | None:
    try:
        tests = [compile_glob(glob) for glob in split_globs(globs)]
    except ToolError as error:
        raise AppError("This is no glob", str(error), "Write it like *.py or src/**.") from error
    if not tests:
        return None

    def matches(path: str) -> bool:
        return any(test(part) for part in _with_folders(path) for test in tests)

    return matches


def _with_folders(path: str) -> Iterator[str]:
    """Yield a path and the folders it is in."""
    yield path
    while path := path.rpartition("/")[0]:
        yield path
