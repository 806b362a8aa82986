"""Two texts as hunks, each of which can be taken or left. Pure.

A line is what ends with a line feed, a carriage return or both, its end included: two lines that differ in nothing
but their ends differ, and a text put together from lines is exact.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.tools.line_diff import MOST_STEPS, match_lines

#: Changes with no more lines between them, none of which says anything, are one hunk: a rewritten block has blank
#: lines and lone brackets in common with what stood there, and nobody means to keep halves of it.
MAX_EMPTY_LINES = 2
#: Longer hunks count as replaced from their first line to the last.
MAX_MATCHED_LINES = 3000
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")

#: Lines of both texts that a hunk covers: (first before, one past the last, first after, one past the last), from 0.
Place = tuple[int, int, int, int]


@dataclass(frozen=True)
class Hunk:
    """One change.

    Attributes:
        before_start, after_start: Where its lines begin in either text, from 0.
        before, after: Its lines, with their ends.
    """

    before_start: int
    before: tuple[str, ...]
    after_start: int
    after: tuple[str, ...]

    @property
    def before_end(self) -> int:
        """One past its last line in the text before."""
        return self.before_start + len(self.before)

    @property
    def after_end(self) -> int:
        """One past its last line in the text after."""
        return self.after_start + len(self.after)

    def matches(self) -> list[tuple[int, int, int]]:
        """Return the lines that it has on both sides, as ``match_lines`` does; none of a very long one."""
        is_short = len(self.before) + len(self.after) <= MAX_MATCHED_LINES
        return match_lines(self.before, self.after) if is_short else []


@dataclass(frozen=True)
class TextDiff:
    """Two texts as lines, with their ends, and the hunks between them."""

    before: list[str]
    after: list[str]
    hunks: tuple[Hunk, ...]


def split_lines(text: str) -> list[str]:
    """Return the lines of a text with their ends; joined they are the text again."""
    lines = text.splitlines(keepends=True)
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    # Python knows more ends of lines, such as the form feed, than editors do.
    return lines if len(lines) == ends + (text[-1:] not in {"", "\r", "\n"}) else _LINES.findall(text)


def find_places(before: Sequence[str], after: Sequence[str], *, most_steps: int = MOST_STEPS) -> list[Place]:
    """Return where two texts, given as lines, differ; ``most_steps`` as in ``match_lines``."""
    found: list[Place] = []
    at_before = at_after = 0
    for before_start, after_start, size in [
        *match_lines(before, after, most_steps=most_steps),
        (len(before), len(after), 0),
    ]:
        if (at_before, at_after) != (before_start, after_start):
            found.append((at_before, before_start, at_after, after_start))
        at_before, at_after = before_start + size, after_start + size
    return _joined(found, before)


def hunks_at(before: Sequence[str], after: Sequence[str], places: Iterable[Place]) -> tuple[Hunk, ...]:
    """Return the hunks at these places of two texts."""
    return tuple(Hunk(a, tuple(before[a:b]), c, tuple(after[c:d])) for a, b, c, d in places)


def find_hunks(before: str, after: str) -> tuple[Hunk, ...]:
    """Return the hunks between two texts, in order."""
    old, new = split_lines(before), split_lines(after)
    return hunks_at(old, new, find_places(old, new))


def apply_hunks(before: str, hunks: Sequence[Hunk], accepted: Collection[int]) -> str:
    """Return ``before`` with the hunks whose numbers, from 0, are in ``accepted``: with all of them the text after."""
    lines = split_lines(before)
    pieces: list[str] = []
    place = 0
    for number, hunk in enumerate(hunks):
        pieces += lines[place : hunk.before_start]
        pieces += hunk.after if number in accepted else hunk.before
        place = hunk.before_end
    return "".join([*pieces, *lines[place:]])


def find_accepted(before: str, hunks: Sequence[Hunk], now: str) -> frozenset[int] | None:
    """Return which hunks make ``now`` of ``before``; None if no choice of them does.

    Where several do, the one with the first hunks accepted.
    """
    old, new = split_lines(before), split_lines(now)
    # Place in ``new`` after a hunk -> the hunks accepted on the way; only the first way to a place is followed.
    ways: dict[int, tuple[int, ...]] = {0: ()}
    at = 0
    for number, hunk in enumerate(hunks):
        between = old[at : hunk.before_start]
        at = hunk.before_end
        following: dict[int, tuple[int, ...]] = {}
        for place, accepted in ways.items():
            start = place + len(between)
            if new[place:start] != between:
                continue
            for lines, way in ((hunk.after, (*accepted, number)), (hunk.before, accepted)):
                if tuple(new[start : start + len(lines)]) == lines:
                    following.setdefault(start + len(lines), way)
        ways = following
    rest = old[at:]
    return next((frozenset(way) for place, way in ways.items() if new[place:] == rest), None)


def count_lines(hunks: Iterable[Hunk]) -> tuple[int, int]:
    """Return how many lines hunks add and remove, without those that stand in them on both sides."""
    added = removed = 0
    for hunk in hunks:
        same = sum(size for _, _, size in hunk.matches())
        added, removed = added + len(hunk.after) - same, removed + len(hunk.before) - same
    return added, removed


def _joined(places: Sequence[Place], before: Sequence[str]) -> list[Place]:
    joined = list(places[:1])
    for earlier, later in pairwise(places):
        between = before[earlier[1] : later[0]]
        if len(between) <= MAX_EMPTY_LINES and not any(map(_says_something, between)):
            joined[-1] = (joined[-1][0], later[1], joined[-1][2], later[3])
        else:
            joined.append(later)
    return joined


def _says_something(line: str) -> bool:
    return any(character.isalnum() for character in line)
