"""What editing commands do to lines. Pure: they return changes, and the editor makes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.files.comments import CommentMarks

_BLANKS = re.compile(r"[ \t]*")
#: A line of Python that begins so is the last of its block.
_ENDS_A_BLOCK = re.compile(r"\s*(return|pass|break|continue|raise)\b")


@dataclass(frozen=True)
class Indent:
    """How a file is indented.

    Attributes:
        uses_tabs: Whether one step is a tab.
        width: Columns of one step.
    """

    uses_tabs: bool = False
    width: int = 4

    @property
    def unit(self) -> str:
        """One step."""
        return "\t" if self.uses_tabs else " " * self.width


class Change(NamedTuple):
    """In line ``line`` (from 0 of those given), from ``column`` on, ``removed`` characters become ``added``."""

    line: int
    column: int
    removed: int
    added: str


def indent_of(text: str) -> str:
    """Return the blanks a line begins with."""
    match = _BLANKS.match(text)
    return match[0] if match else ""


def columns_of(blanks: str, width: int) -> int:
    """Return how wide blanks are, a tab going to the next multiple of ``width``."""
    columns = 0
    for one in blanks:
        columns += width - columns % width if one == "\t" else 1
    return columns


def blanks_for(columns: int, indent: Indent) -> str:
    """Return the blanks that are so wide."""
    if not indent.uses_tabs:
        return " " * columns
    return "\t" * (columns // indent.width) + " " * (columns % indent.width)


def indent_lines(lines: Sequence[str], indent: Indent) -> list[Change]:
    """Move lines one step to the right; empty ones stay empty."""
    return [Change(number, 0, 0, indent.unit) for number, text in enumerate(lines) if text.strip() or len(lines) == 1]


def outdent_lines(lines: Sequence[str], indent: Indent) -> list[Change]:
    """Move lines one step to the left, as far as they are indented."""
    changes = []
    for number, text in enumerate(lines):
        blanks = indent_of(text)
        columns = columns_of(blanks, indent.width)
        if columns:
            wanted = blanks_for((columns - 1) // indent.width * indent.width, indent)
            kept = len(wanted) if blanks.startswith(wanted) else 0
            changes.append(Change(number, kept, len(blanks) - kept, wanted[kept:]))
    return changes


def toggle_comment(lines: Sequence[str], marks: CommentMarks) -> list[Change]:
    """Make comments of lines, or lines of comments if all are ones; empty lines stay empty."""
    filled = [(number, text) for number, text in enumerate(lines) if text.strip()]
    if filled and all(text.lstrip().startswith(marks.begin.rstrip()) for _, text in filled):
        return [change for number, text in filled for change in _uncomment(number, text, marks)]
    column = min((len(indent_of(text)) for _, text in filled), default=0)
    space = "" if marks.begin.endswith(" ") else " "
    changes = []
    for number, text in filled:
        changes.append(Change(number, column, 0, f"{marks.begin}{space}"))
        if marks.end:
            changes.append(Change(number, len(text), 0, f" {marks.end}"))
    return sorted(changes, key=lambda change: (change.line, -change.column))


def _uncomment(number: int, text: str, marks: CommentMarks) -> list[Change]:
    column = len(indent_of(text))
    begin = marks.begin.rstrip()
    length = len(begin) + text[column + len(begin) :].startswith(" ")
    changes = []
    stripped = text.rstrip()
    if marks.end and stripped.endswith(marks.end):
        at = len(stripped[: -len(marks.end)].rstrip(" "))
        at = max(at, column + length)
        changes.append(Change(number, at, len(stripped) - at, ""))
    changes.append(Change(number, column, length, ""))
    return changes


def next_indent(before: str, after: str, indent: Indent, *, is_python: bool) -> tuple[str, str | None]:
    """Return what a new line begins with.

    Args:
        before: The line up to the cursor.
        after: The rest of it.
        indent: How the file is indented.
        is_python: Whether a colon opens a block, and some words end one.

    Returns:
        Its blanks, and those of one more line for a closing bracket that was behind the cursor, or None.
    """
    blanks = indent_of(before)
    columns = columns_of(blanks, indent.width)
    code = before.rstrip()
    last = code[-1:]
    deeper = blanks_for(columns // indent.width * indent.width + indent.width, indent)
    if last and last in "({[":
        closes = after.lstrip()[:1] == {"(": ")", "{": "}", "[": "]"}[last]
        return deeper, blanks if closes else None
    if is_python and last == ":":
        return deeper, None
    if is_python and _ENDS_A_BLOCK.match(before) and columns and code.count("(") == code.count(")"):
        return blanks_for((columns - 1) // indent.width * indent.width, indent), None
    return blanks, None


def backspace_width(before: str, indent: Indent) -> int:
    """Return how many characters one backspace takes: a whole step among spaces that indent a line."""
    if indent.uses_tabs or not before or before.strip(" "):
        return 1
    return (len(before) - 1) % indent.width + 1


def join_lines(lines: Sequence[str]) -> str:
    """Return lines as one: a space where each ended, its blanks gone."""
    first, *others = lines
    parts = [first.rstrip(), *(text.strip() for text in others)]
    return " ".join(part for number, part in enumerate(parts) if part or number == 0)


def common_beginning(first: str, second: str) -> int:
    """Return how many characters two texts begin with in common."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
