"""Code in which a model left out what stays: "# ... existing code ...". Pure.

Lines that are in the file and in the block exactly once, or that begin the same definition in both, are anchors; the
block's pieces between its elisions are laid over the file by them (as patience diff does). A piece without an anchor
goes to the end of what the elision before it stands for, and nowhere if that is not clear either.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from app.files.placing import CannotPlaceError, Placed, like_file

_MARK = r"(?:#|//|--|;|%|/\*|<!--|\{/\*)"
#: A comment that begins with dots, or with words that say that something is as it was; or nothing but dots.
_ELISION = re.compile(
    rf"^[ \t]*(?:{_MARK}\s*(?:\.\.\.|\u2026).*"
    rf"|{_MARK}\s*[\[(]?\s*(?:the\s+)?(?:rest\s+of|remaining|existing|previous|unchanged|same\s+as|keep\s+(?:the\s+)?"
    r"(?:rest|existing))\b.*"
    r"|(?:\.\.\.|\u2026)\s*(?:[(\[]?(?:rest|existing|remaining|unchanged|same|previous)\b.*)?)\s*$",
    re.IGNORECASE,
)
_KEYS = (
    re.compile(r"^\s*(?:async\s+)?(?:def|class)\s+\w+"),
    re.compile(
        r"^\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function\*?|class|interface|enum|type|struct|fn|func)\s+\w+"
    ),
    re.compile(r"^\s*(?:export\s+)?(?:const|let|var)\s+\w+(?=\s*[:=])"),
    re.compile(r"^\s*[A-Za-z_][\w.]*(?=\s*(?::[^=]+)?=[^=])"),
    re.compile(r"^\s*[\"'][\w.-]+[\"'](?=\s*:)"),
)
_LEAST_LETTERS = 3
_APPENDED = "It is not sure that a part of the block belongs where it was put. Look at the change."


@dataclass
class _Piece:
    """Lines of a block between two elisions; ``before`` and ``after`` are what those are indented by, None for none."""

    lines: list[str] = field(default_factory=list)
    before: int | None = None
    after: int | None = None
    offset: int = 0


def find_elisions(before: str, text: str, *, is_python: bool = False) -> set[str]:
    """Return the lines of a block that stand for code it leaves out.

    A line that is in the file too is code, and so is a bare ``...`` in Python.
    """
    found = {line for line in text.split("\n") if _ELISION.match(line) and not (is_python and line.strip() == "...")}
    return found - set(before.split("\n")) if found else found


def apply_elided(before: str, text: str, elisions: Collection[str]) -> Placed:
    """Return a text with a block laid over it, what the block leaves out kept.

    Raises:
        CannotPlaceError: It is not clear where a piece of the block belongs.
    """
    lines = before.rstrip("\n").split("\n")
    pieces = _pieces(text.strip("\n").split("\n"), elisions)
    anchors = _anchors(lines, pieces)
    if not anchors and len(pieces) == 1 and (pieces[0].before is None) != (pieces[0].after is None):
        new = pieces[0].lines
        is_first = pieces[0].before is None
        whole = [*new, "", *lines] if is_first else [*lines, *_spaced(new, lines, ())]
        where = "at the beginning of the file" if is_first else "at the end of the file"
        return Placed(like_file("\n".join(whole), before), f"Puts it {where}", _APPENDED)
    if not anchors:
        raise CannotPlaceError("Nothing that the block shows is in the file, so it is not clear where it belongs.")
    made: list[str] = []
    done, is_sure = 0, True
    for number, piece in enumerate(pieces):
        mine = {at - piece.offset: place for at, place in anchors.items() if 0 <= at - piece.offset < len(piece.lines)}
        later = [place for at, place in anchors.items() if at >= piece.offset + len(piece.lines)]
        if mine:
            begin, end, sure = _region(lines, piece, mine, done, min(later, default=len(lines)))
        else:
            begin = end = _gap(lines, pieces, number, done, later)
            sure = False
        made += lines[done:begin]
        made += piece.lines if mine else _spaced(_without_closers(piece), made, lines[end:])
        done, is_sure = end, is_sure and sure
    made += lines[done:]
    words = "Changes a part of the file, and keeps what the block leaves out"
    return Placed(like_file("\n".join(made), before), words, "" if is_sure else _APPENDED)


def _pieces(lines: Sequence[str], elisions: Collection[str]) -> list[_Piece]:
    pieces = [_Piece()]
    for number, line in enumerate(lines):
        if line in elisions:
            indent = len(line) - len(line.lstrip())
            pieces[-1].after = indent
            pieces.append(_Piece(before=indent, offset=number + 1))
        else:
            if not pieces[-1].lines:
                pieces[-1].offset = number
            pieces[-1].lines.append(line)
    for piece in pieces:
        while piece.lines and not piece.lines[0].strip() and piece.before is not None:
            piece.lines.pop(0)
            piece.offset += 1
        while piece.lines and not piece.lines[-1].strip():
            piece.lines.pop()
    return [piece for piece in pieces if piece.lines]


def _anchors(lines: Sequence[str], pieces: Sequence[_Piece]) -> dict[int, int]:
    """Return the block's line numbers -> the file's of lines that are the same or begin the same definition."""
    shown = [(piece.offset + number, line) for piece in pieces for number, line in enumerate(piece.lines)]
    pairs: dict[int, int] = {}
    for make in (_whole, _key):
        there = [make(line) for line in lines]
        here = [make(line) for _, line in shown]
        places = {key: place for place, key in enumerate(there)}
        once_there, once_here = Counter(there), Counter(here)
        for (at, _), key in zip(shown, here, strict=True):
            if key and at not in pairs and once_there[key] == 1 and once_here[key] == 1:
                pairs[at] = places[key]
    return _rising(pairs)


def _whole(line: str) -> str:
    return line.rstrip() if sum(map(str.isalnum, line)) >= _LEAST_LETTERS else ""


def _key(line: str) -> str:
    for pattern in _KEYS:
        if match := pattern.match(line):
            return match[0]
    return ""


def _rising(pairs: dict[int, int]) -> dict[int, int]:
    """Return the longest part of the pairs that rises in both texts."""
    tails: list[int] = []  # the least last place of a rising part of each length
    ends: list[int] = []  # and which line of the block that is
    before: dict[int, int | None] = {}
    for at, place in sorted(pairs.items()):
        length = bisect_left(tails, place)
        before[at] = ends[length - 1] if length else None
        tails[length : length + 1] = [place]
        ends[length : length + 1] = [at]
    rising: dict[int, int] = {}
    last = ends[-1] if ends else None
    while last is not None:
        rising[last] = pairs[last]
        last = before[last]
    return rising


def _region(lines: Sequence[str], piece: _Piece, mine: dict[int, int], done: int, limit: int) -> tuple[int, int, bool]:
    """Return which lines of the file a piece takes the place of, and whether that is sure."""
    first, last = min(mine), max(mine)
    begin, end = mine[first], mine[last] + 1
    while first and begin > done and lines[begin - 1].rstrip() == piece.lines[first - 1].rstrip():
        first, begin = first - 1, begin - 1
    last += 1
    while last < len(piece.lines) and end < limit and lines[end].rstrip() == piece.lines[last].rstrip():
        last, end = last + 1, end + 1
    sure = first == 0 or piece.before is not None or begin == 0
    rest = [line for line in piece.lines[last:] if line.strip()]
    if not rest:
        return max(begin, done), end, sure
    # What follows the last anchor is another form of what follows it in the file, as far as that is one with it.
    depth = piece.after
    if depth is None:
        depth = min(_indent(line) for line in piece.lines if line.strip())
    stop = end
    for place in range(end, limit):
        if lines[place].strip() and _indent(lines[place]) <= depth:
            closes = lines[place].strip()[:1] in {"}", ")", "]"} and rest[-1].strip()[:1] in {"}", ")", "]"}
            stop = place + 1 if closes and _indent(lines[place]) == _indent(rest[-1]) else stop
            break
        if lines[place].strip():
            stop = place + 1
    is_beside = any(_indent(line) <= depth for line in rest if line.strip()[:1] not in {"}", ")", "]"})
    return max(begin, done), stop, sure and not (is_beside and stop == end)


def _gap(lines: Sequence[str], pieces: Sequence[_Piece], number: int, done: int, later: Sequence[int]) -> int:
    """Return before which line of the file a piece goes of which nothing is in the file."""
    piece = pieces[number]
    if piece.before is None and piece.after is not None:
        return done  # it comes first
    if later and piece.after is not None and piece.before is not None:
        raise CannotPlaceError(f"It is not clear where \u201c{piece.lines[0].strip()[:60]}\u201d belongs.")
    depth = piece.before or 0
    limit = min(later, default=len(lines))
    stop = done
    for place in range(done, limit):
        if lines[place].strip() and _indent(lines[place]) < depth:
            break
        if lines[place].strip():
            stop = place + 1
    return stop


def _without_closers(piece: _Piece) -> list[str]:
    """Return a piece without brackets at its end that close what is around it: those are in the file."""
    new = list(piece.lines)
    while len(new) > 1 and new[-1].strip(" \t;,)]}") == "" and _indent(new[-1]) < (piece.before or 0):
        new.pop()
    while not new[-1].strip():
        new.pop()
    return new


def _spaced(new: Sequence[str], above: Sequence[str], below: Sequence[str]) -> list[str]:
    """Return lines with the blank lines around them that definitions have."""
    is_top = _key(new[0]).startswith(("def", "class", "async"))
    blank = ["", ""] if is_top else [""]
    before = blank if above and above[-1].strip() else []
    after = blank if below and below[0].strip() else []
    return [*before, *new, *after]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
