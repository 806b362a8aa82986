"""How a text is indented, found from its lines. Pure."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice

from app.files.editing import Indent

#: Lines that are looked at; an indentation that begins later is not what the file is about.
_MOST_LINES = 10_000
_LINE = re.compile(r"^([ \t]*)([^\s].?)", re.MULTILINE)
_WIDTHS = (4, 2, 8, 3, 6, 5, 7)  # the more usual first, for a tie
#: Lines that continue a block comment stand one column further; that is no step.
_COMMENT = ("* ", "*/", "*", "**")


def detect_indent(text: str, default: Indent | None = None) -> Indent:
    """Return whether tabs or spaces indent a text and how wide a step is; ``default`` where no line tells.

    A step is what a line is indented more than the one before it, or less: so a continued line that is aligned under
    a bracket counts once, and the blocks of the file many times.
    """
    default = default or Indent()
    steps: Counter[int] = Counter()
    tabs = spaces = before = 0
    for match in islice(_LINE.finditer(text), _MOST_LINES):
        blanks, begins = match.groups()
        if begins in _COMMENT:
            continue
        if blanks.startswith("\t"):
            tabs += 1
        elif len(blanks) > 1:
            spaces += 1
        columns = 0 if "\t" in blanks else len(blanks)
        if columns != before:
            steps[abs(columns - before)] += 1
        before = columns
    if tabs > spaces:
        return Indent(uses_tabs=True, width=default.width)
    width = max(_WIDTHS, key=lambda one: steps[one])
    return Indent(uses_tabs=False, width=width) if spaces and steps[width] else default
