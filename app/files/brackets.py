"""Which bracket belongs to which. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

PAIRS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = {closer: opener for opener, closer in PAIRS.items()}
_BRACKET = re.compile(r"[()\[\]{}]")
#: A bracket further away, in lines, is not looked for: it is not on the screen.
MAX_LINES = 1000
#: A longer line is left out.
MAX_LINE_CHARACTERS = 20_000

#: Line and column, both from 0.
Place = tuple[int, int]


def find_partner(
    line_at: Callable[[int], str | None], place: Place, is_code: Callable[[int, int], bool]
) -> Place | None:
    """Return where the bracket is that belongs to the one at ``place``, or None.

    Args:
        line_at: Returns a line's text, None beyond the text.
        place: A bracket's place.
        is_code: Tells whether a place is in neither a string nor a comment.
    """
    text = line_at(place[0]) or ""
    bracket = text[place[1] : place[1] + 1]
    step = 1 if bracket in PAIRS else -1 if bracket in CLOSERS else 0
    if not bracket or not step:
        return None
    partner = PAIRS.get(bracket) or CLOSERS[bracket]
    starts_in_code = is_code(*place)
    depth = 0
    for line, column, found in _brackets(line_at, place, step):
        if found not in {bracket, partner} or is_code(line, column) != starts_in_code:
            continue
        depth += 1 if found == bracket else -1
        if depth == 0:
            return line, column
    return None


def _brackets(line_at: Callable[[int], str | None], place: Place, step: int) -> Iterator[tuple[int, int, str]]:
    """Yield the brackets from ``place`` on, that one included, forwards or backwards."""
    first, column = place
    for distance in range(MAX_LINES):
        line = first + step * distance
        text = line_at(line) if line >= 0 else None
        if text is None:
            return
        if len(text) > MAX_LINE_CHARACTERS:
            continue
        found = [(match.start(), match[0]) for match in _BRACKET.finditer(text)]
        for at, bracket in found if step > 0 else reversed(found):
            if distance or (at - column) * step >= 0:
                yield line, at, bracket
