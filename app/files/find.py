"""Finding and replacing in a text. Pure.

Expressions are Python's, checked by ``re``; ``regex`` looks for them, because it can give up after a time.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import AppError

if TYPE_CHECKING:
    import regex

#: So many hits are found; whoever sees more wants another pattern.
MAX_HITS = 100_000
#: Seconds of the processor that looking for all hits may take.
MAX_SECONDS = 2.0
#: ``regex`` writes out what a pattern repeats: x{1000} takes a thousand places. More of them than this would take
#: seconds and hundreds of megabytes before anything is looked for.
MAX_PLACES = 50_000
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d+)(?:,\d*)?\}|(\()|(\))|.", re.DOTALL)


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


class TooLongError(AppError):
    """The search was given up: the pattern takes too long in this text."""

    def __init__(self) -> None:
        super().__init__(
            "This pattern takes too long here",
            f"It was given up after {MAX_SECONDS:.0f} seconds.",
            "Repeats within repeats, such as (a+)+, are often the cause.",
        )


def compile_query(query: Query) -> regex.Pattern[str]:
    """Return a pattern that finds what a query asks for; ``^`` and ``$`` are the ends of lines.

    Raises:
        AppError: The regular expression is none, or repeats too much.
    """
    import regex  # noqa: PLC0415 - 20 ms that an editor without a search does not need

    pattern = query.text if query.is_regex else re.escape(query.text)
    if query.is_whole_word:
        pattern = rf"(?<!\w)(?:{pattern})(?!\w)"
    flags = regex.VERSION0 | regex.MULTILINE
    if not query.matches_case:
        flags |= regex.IGNORECASE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sets that a later Python may read differently
            re.compile(pattern)
            if query.is_regex and places_of(pattern) > MAX_PLACES:
                raise AppError(
                    "This regular expression repeats too much",
                    f"Written out, it has more than {MAX_PLACES:,} places.",
                    "Use smaller numbers in braces.",
                )
            return regex.compile(pattern, flags)
    except (re.error, regex.error, OverflowError, RecursionError, MemoryError) as error:
        raise AppError(
            "This is not a regular expression", str(error), "Correct it, or look for the plain text."
        ) from error


def places_of(pattern: str) -> int:
    """Return how many places a pattern has once its fixed repeats are written out."""
    sums, last = [0], 0  # of each open group; of what a repeat would be about
    for token in _TOKEN.finditer(pattern):
        repeat, opens, closes = token.groups()
        if opens:
            sums.append(0)
            last = 0
            continue
        if closes and len(sums) > 1:
            last = sums.pop()
        elif repeat:
            sums[-1] += last * (int(repeat) - 1) if int(repeat) else 0
            last *= max(1, int(repeat))
            continue
        else:
            last = 1
        sums[-1] += last
    return sum(sums)


def find_hits(
    pattern: regex.Pattern[str], text: str, begin: int = 0, end: int | None = None, limit_s: float = MAX_SECONDS
) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each hit between two places; what surrounds them is seen, empty hits are not hits.

    Args:
        limit_s: Seconds of this process's processor time after which it is given up.

    Raises:
        TooLongError: The time was up; hits so far have been told.
    """
    end = len(text) if end is None else end
    try:
        for match in pattern.finditer(text, begin, end, timeout=limit_s):
            if match.end() > match.start():
                yield match.span()
    except TimeoutError:
        raise TooLongError from None


def make_replacement(
    pattern: regex.Pattern[str], text: str, hit: tuple[int, int], replacement: str, is_regex: bool
) -> str:
    r"""Return what takes the place of a hit; in a regular expression ``\1`` and ``\g<name>`` are its groups.

    Raises:
        AppError: The replacement names a group that the pattern does not have.
        TooLongError: The pattern takes too long there.
    """
    if not is_regex:
        return replacement
    import regex  # noqa: PLC0415 - see compile_query

    try:
        match = pattern.match(text, hit[0], hit[1], timeout=MAX_SECONDS) or pattern.match(
            text, hit[0], timeout=MAX_SECONDS
        )
        return replacement if match is None else match.expand(replacement)
    except TimeoutError:
        raise TooLongError from None
    except (re.error, regex.error, IndexError) as error:
        raise AppError("This cannot be the replacement", str(error), r"Write a backslash as \\.") from error
