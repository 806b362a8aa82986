"""Line endings: found, taken out of a text, and put back, each line's own where they are mixed. Pure.

A line ends with a line feed, a carriage return, or both. Form feeds, vertical tabs, NEL and Unicode's separators are
characters like others, as for Git and compilers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, cast

from app.tools.line_diff import match_lines

if TYPE_CHECKING:
    from app.files.text_file import LineEnding

_ENDING = re.compile(r"\r\n|\n|\r")


class Endings(NamedTuple):
    """What ends the lines of a text.

    Attributes:
        usual: What ends most of them; a line feed where there is none.
        each: What ends each, in order; empty where all end the same.
    """

    usual: LineEnding = "\n"
    each: tuple[LineEnding, ...] = ()


def find_endings(text: str) -> Endings:
    """Return what ends the lines of a text as it is in a file."""
    windows = text.count("\r\n")
    counts: dict[LineEnding, int] = {
        "\n": text.count("\n") - windows,
        "\r\n": windows,
        "\r": text.count("\r") - windows,
    }
    usual = max(counts, key=lambda ending: counts[ending])
    if sum(count > 0 for count in counts.values()) < 2:
        return Endings(usual)
    return Endings(usual, cast("tuple[LineEnding, ...]", tuple(_ENDING.findall(text))))


def with_line_feeds(text: str) -> str:
    """Return a text with a line feed at the end of each line."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def with_endings(text: str, endings: Endings) -> str:
    """Return a text, whose lines end with line feeds, as it is to be in a file."""
    if not endings.each:
        return text if endings.usual == "\n" else text.replace("\n", endings.usual)
    lines = text.split("\n")
    pieces = [piece for pair in zip(lines, endings.each, strict=False) for piece in pair]
    return "".join((*pieces, lines[-1]))


def endings_after(before: str, after: str, endings: Endings) -> Endings:
    """Return what ends the lines of a text that was edited: lines that are still there keep what they had.

    A changed line keeps it, too; lines that are new have what is usual.
    """
    if not endings.each or before == after:
        return endings
    old, new = before.split("\n")[:-1], after.split("\n")[:-1]
    each: list[LineEnding] = []
    at_old = 0
    for old_start, new_start, size in [*match_lines(old, new), (len(old), len(new), 0)]:
        changed = new_start - len(each)
        each += endings.each[at_old : min(at_old + changed, old_start)]
        each += [endings.usual] * (new_start - len(each))
        each += endings.each[old_start : old_start + size]
        at_old = old_start + size
    for number in range(1, len(each)):
        # A carriage return and the line feed of an empty line would be one line end.
        if each[number - 1] == "\r" and each[number] == "\n" and not new[number]:
            each[number] = "\r"
    if len(set(each)) < 2:
        return Endings(each[0] if each else endings.usual)
    return Endings(endings.usual, tuple(each))
