"""What changed between two texts, line by line, as rows to be drawn. Pure.

Lines that occur once in both texts are matched first (patience sort, as in ``git diff --patience``): that is quick
for any length and follows what a person would call the same line. Short stretches between are matched by difflib,
long ones with no such line in which little changed by Myers' algorithm ("An O(ND) Difference Algorithm", 1986).
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

#: Unchanged lines kept around a change.
CONTEXT = 3
#: Pairs of lines compared by difflib in one diff; past it a stretch counts as replaced.
_MOST_PAIRS = 60_000
#: Steps of Myers' algorithm in one diff, about 10 ms; past them a stretch counts as replaced.
MOST_STEPS = 50_000
#: How often every line may be looked at again in ever shorter stretches; past it a stretch counts as replaced.
_MOST_READINGS = 40
#: Longer lines are shown as changed whole.
_MOST_WORD_CHARACTERS = 500
#: Past so many rows words are not compared any more: nobody reads a rewritten file word by word.
_MOST_WORD_ROWS = 400
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")

#: Stretches of a line: (begin, end).
Spans = tuple[tuple[int, int], ...]
Tone = Literal["same", "added", "removed", "gap"]


@dataclass(frozen=True)
class DiffRow:
    """One line of a diff.

    Attributes:
        before, after: Its number in either text, from 1; 0 where it is not in it.
        spans: The characters of it, (begin, end), that differ from the line it replaced or was replaced by.
    """

    tone: Tone
    text: str
    before: int = 0
    after: int = 0
    spans: Spans = ()


def diff_rows(before: str, after: str, context: int = CONTEXT) -> list[DiffRow]:
    """Return the rows of a unified diff; a "gap" row's text says how many unchanged lines are left out."""
    old, new = _lines(before), _lines(after)
    rows: list[DiffRow] = []
    at_old = at_new = changed = 0
    for old_start, new_start, size in [*match_lines(old, new), (len(old), len(new), 0)]:
        differing = _changed(
            old[at_old:old_start], new[at_new:new_start], at_old, at_new, by_word=changed < _MOST_WORD_ROWS
        )
        changed += len(differing)
        rows += differing
        rows += [
            DiffRow("same", old[old_start + place], old_start + place + 1, new_start + place + 1)
            for place in range(size)
        ]
        at_old, at_new = old_start + size, new_start + size
    return list(_folded(rows, context))


def count_changes(before: str, after: str) -> tuple[int, int]:
    """Return how many lines were added and removed."""
    old, new = _lines(before), _lines(after)
    same = sum(size for _, _, size in match_lines(old, new))
    return len(new) - same, len(old) - same


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def match_lines(old: Sequence[str], new: Sequence[str], *, most_steps: int = MOST_STEPS) -> list[tuple[int, int, int]]:
    """Return equal stretches as (place in old, place in new, length), in order.

    Args:
        most_steps: As ``MOST_STEPS``, for those who have more time.
    """
    pairs: list[tuple[int, int]] = []
    budget = _MOST_PAIRS
    readings = _MOST_READINGS * (len(old) + len(new))
    stretches = [(0, len(old), 0, len(new))]
    while stretches:
        old_from, old_to, new_from, new_to = stretches.pop()
        while old_from < old_to and new_from < new_to and old[old_from] == new[new_from]:
            pairs.append((old_from, new_from))
            old_from, new_from = old_from + 1, new_from + 1
        while old_from < old_to and new_from < new_to and old[old_to - 1] == new[new_to - 1]:
            old_to, new_to = old_to - 1, new_to - 1
            pairs.append((old_to, new_to))
        if old_from == old_to or new_from == new_to:
            continue
        readings -= old_to - old_from + new_to - new_from
        anchors = _anchors(old, new, (old_from, old_to, new_from, new_to)) if readings > 0 else []
        if anchors:
            edges = [(old_from, new_from), *((o + 1, n + 1) for o, n in anchors)]
            ends = [*anchors, (old_to, new_to)]
            pairs += anchors
            stretches += [(a, c, b, d) for (a, b), (c, d) in zip(edges, ends, strict=True)]
        elif (size := (old_to - old_from) * (new_to - new_from)) <= budget:
            budget -= size
            matcher = SequenceMatcher(None, old[old_from:old_to], new[new_from:new_to], autojunk=False)
            for o, n, length in matcher.get_matching_blocks():
                pairs += [(old_from + o + place, new_from + n + place) for place in range(length)]
        else:
            found, steps = _shortest(old[old_from:old_to], new[new_from:new_to], most_steps)
            most_steps -= steps
            pairs += [(old_from + o, new_from + n) for o, n in found]
    return _joined(sorted(pairs))


def _anchors(old: Sequence[str], new: Sequence[str], stretch: tuple[int, int, int, int]) -> list[tuple[int, int]]:
    """Return the longest run of lines that occur once on each side of a stretch, in the same order on both."""
    old_from, old_to, new_from, new_to = stretch
    olds, news = Counter(old[old_from:old_to]), Counter(new[new_from:new_to])
    places = {line: place for place, line in enumerate(new[new_from:new_to], new_from) if news[line] == 1}
    pairs = [
        (place, places[line])
        for place, line in enumerate(old[old_from:old_to], old_from)
        if olds[line] == 1 and line in places
    ]
    tails: list[int] = []  # the least last place of an increasing run of each length
    at: list[int] = []
    back: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(tails, place)
        back.append(at[length - 1] if length else -1)
        if length == len(tails):
            tails.append(place)
            at.append(number)
        else:
            tails[length], at[length] = place, number
    run: list[tuple[int, int]] = []
    number = at[-1] if at else -1
    while number >= 0:
        run.append(pairs[number])
        number = back[number]
    return run[::-1]


def _shortest(old: Sequence[str], new: Sequence[str], most_steps: int) -> tuple[list[tuple[int, int]], int]:
    """Return the pairs of equal lines of a shortest edit script, none if it takes too long, and the steps taken."""
    numbers: dict[str, int] = {}
    a, b = ([numbers.setdefault(line, len(numbers)) for line in side] for side in (old, new))
    # For each number of edits: how far each diagonal (place in old - place in new) can be followed in old, in twos.
    trace: list[array[int]] = []
    before = array("i", [0])
    steps = 0
    for edits in range(len(a) + len(b) + 1):
        row = array("i")
        for number in range(edits + 1):
            is_down = _is_down(before, number, edits)
            x = start = before[number] if is_down else before[number - 1] + 1
            y = x - (2 * number - edits)
            while x < len(a) and y < len(b) and a[x] == b[y]:
                x, y = x + 1, y + 1
            row.append(x)
            if x >= len(a) and y >= len(b):
                return _walked_back(trace, len(a), len(b)), steps
            steps += 1 + x - start
        trace.append(row)
        before = row
        if steps > most_steps:
            break
    return [], steps


def _walked_back(trace: Sequence[array[int]], x: int, y: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for edits in range(len(trace), -1, -1):
        number = (x - y + edits) // 2
        before = trace[edits - 1] if edits else array("i", [0])
        is_down = _is_down(before, number, edits)
        start = before[number] if is_down else before[number - 1] + 1
        pairs += [(place, place - x + y) for place in range(x - 1, start - 1, -1)]
        diagonal = x - y
        x = start if is_down else start - 1
        y = start - diagonal - (1 if is_down else 0)
    return pairs


def _is_down(before: Sequence[int], number: int, edits: int) -> bool:
    """Whether a diagonal is reached farthest by a line that came, not by one that went."""
    return number == 0 or (number != edits and before[number - 1] < before[number])


def _joined(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int, int]]:
    joined: list[tuple[int, int, int]] = []
    for old, new in pairs:
        if joined and (joined[-1][0] + joined[-1][2], joined[-1][1] + joined[-1][2]) == (old, new):
            joined[-1] = (*joined[-1][:2], joined[-1][2] + 1)
        else:
            joined.append((old, new, 1))
    return joined


def _changed(old: Sequence[str], new: Sequence[str], at_old: int, at_new: int, *, by_word: bool) -> list[DiffRow]:
    """Return removed lines, then added ones; words are marked where as many lines came as went."""
    is_paired = by_word and len(old) == len(new) <= 50
    spans = [word_spans(a, b) for a, b in zip(old, new, strict=True)] if is_paired else []
    removed = [
        DiffRow("removed", line, at_old + place + 1, 0, spans[place][0] if spans else ())
        for place, line in enumerate(old)
    ]
    added = [
        DiffRow("added", line, 0, at_new + place + 1, spans[place][1] if spans else ())
        for place, line in enumerate(new)
    ]
    return removed + added


def word_spans(old: str, new: str) -> tuple[Spans, Spans]:
    """Return the differing stretches of two lines; none where they have little in common."""
    if max(len(old), len(new)) > _MOST_WORD_CHARACTERS:
        return (), ()
    olds, news = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, olds, news, autojunk=False)
    if matcher.ratio() < 0.4:
        return (), ()
    removed, added = [], []
    for code, a, b, c, d in matcher.get_opcodes():
        if code != "equal":
            removed.append((len("".join(olds[:a])), len("".join(olds[:b]))))
            added.append((len("".join(news[:c])), len("".join(news[:d]))))
    return tuple(s for s in removed if s[0] < s[1]), tuple(s for s in added if s[0] < s[1])


def _folded(rows: Sequence[DiffRow], context: int) -> Iterator[DiffRow]:
    """Leave out unchanged lines far from every change; a single one costs no more than the row that replaces it."""
    changes = [place for place, row in enumerate(rows) if row.tone != "same"]
    place = 0
    for change in [*changes, None]:
        is_first, is_end = place == 0, change is None
        stop = len(rows) if change is None else change
        head = 0 if is_first else context
        tail = 0 if is_end else context
        hidden = stop - place - head - tail
        if hidden > 1:
            yield from rows[place : place + head]
            words = "unchanged lines" if head or tail else "lines, none of them changed"
            yield DiffRow("gap", f"{hidden:,} {words}")
            yield from rows[stop - tail : stop]
        else:
            yield from rows[place:stop]
        if change is not None:
            yield rows[change]
            place = change + 1
