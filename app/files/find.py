"""Finding and replacing in a text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.errors import AppError

#: So many hits are found; whoever sees more wants another pattern.
MAX_HITS = 100_000


@dataclass(frozen=True)
class Query:
    """What is looked for.

    Attributes:
        text: The words, or a regular expression of Python.
        is_regex: Whether it is one.
        matches_case: Whether "A" is not "a".
        is_whole_word: Whether a hit may not go on in a word.
    """

    text: str
    is_regex: bool = False
    matches_case: bool = False
    is_whole_word: bool = False


def compile_query(query: Query) -> re.Pattern[str]:
    """Return a pattern that finds what a query asks for; ``^`` and ``$`` are the ends of lines.

    Raises:
        AppError: The regular expression is none.
    """
    pattern = query.text if query.is_regex else re.escape(query.text)
    if query.is_whole_word:
        pattern = rf"(?<!\w)(?:{pattern})(?!\w)"
    try:
        return re.compile(pattern, re.MULTILINE | (re.NOFLAG if query.matches_case else re.IGNORECASE))
    except (re.error, OverflowError, RecursionError) as error:
        raise AppError(
            "This is not a regular expression", str(error), "Correct it, or look for the plain text."
        ) from error


def find_hits(pattern: re.Pattern[str], text: str, begin: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each hit between two places; what surrounds them is seen, empty hits are not hits."""
    end = len(text) if end is None else end
    for match in pattern.finditer(text, begin, end):
        if match.end() > match.start():
            yield match.span()


def make_replacement(
    pattern: re.Pattern[str], text: str, hit: tuple[int, int], replacement: str, is_regex: bool
) -> str:
    r"""Return what takes the place of a hit; in a regular expression ``\1`` and ``\g<name>`` are its groups.

    Raises:
        AppError: The replacement names a group that the pattern does not have.
    """
    if not is_regex:
        return replacement
    match = pattern.match(text, hit[0], hit[1]) or pattern.match(text, hit[0])
    if match is None:
        return replacement
    try:
        return match.expand(replacement)
    except (re.error, IndexError) as error:
        raise AppError("This cannot be the replacement", str(error), r"Write a backslash as \\.") from error
