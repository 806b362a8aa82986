"""The text around the cursor that a model is shown. Pure.

Where a file is long, the first line shown moves on in steps: until then the text only grows at its end, and what the
model has read of it stays true.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

#: Lines before the cursor's that are shown at least, and by how many the first one moves on.
KEPT_LINES, STEP_LINES = 300, 400
AFTER_LINES = 64
#: Of other files that were looked at, the first lines: imports, and what is defined first.
OTHER_LINES, OTHER_CHARACTERS = 40, 1600
MOST_BEFORE, MOST_AFTER = 48_000, 8_000

LineAt = Callable[[int], str]


@dataclass(frozen=True)
class Surroundings:
    """What is before and after the cursor.

    Attributes:
        head, tail: The cursor's line up to it, and from it on.
    """

    before: str
    after: str
    head: str
    tail: str


def surroundings(line_at: LineAt, count: int, line: int, head: str, tail: str) -> Surroundings:
    """Return the text around the cursor.

    Args:
        line_at: Returns a line without its end.
        count: How many lines there are.
        line: The cursor's, from 0.
        head: That line up to the cursor.
        tail: That line from the cursor on.
    """
    first = max(0, (line - KEPT_LINES) // STEP_LINES * STEP_LINES)
    lines = [line_at(number) for number in range(first, line)]
    following = [line_at(number) for number in range(line + 1, min(count, line + 1 + AFTER_LINES))]
    return Surroundings(_latest("\n".join([*lines, head])), "\n".join([tail, *following])[:MOST_AFTER], head, tail)


def _latest(text: str) -> str:
    """Return the end of a long text, from a line's start, in steps as the first line moves on."""
    if len(text) <= MOST_BEFORE:
        return text
    step = MOST_BEFORE // 2
    cut = math.ceil((len(text) - MOST_BEFORE) / step) * step
    return text[text.find("\n", cut) + 1 or cut :]


def beginning(line_at: LineAt, count: int) -> str:
    """Return the first lines of another file, for the model to know what is there."""
    text = "\n".join(line_at(number) for number in range(min(count, OTHER_LINES)))
    return text if len(text) <= OTHER_CHARACTERS else text[: text.rfind("\n", 0, OTHER_CHARACTERS) + 1]
