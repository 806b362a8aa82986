"""Why a text was not found in a file, in words that let a model try again without reading the file anew. Pure."""

from __future__ import annotations

import difflib
import heapq
import re

#: Lines compared at most; past them a file is too long to be searched by likeness.
_MAX_LINES = 20_000
#: Lines compared character by character.
_COMPARED_LINES = 50
#: Lines less like than this, of 1, are no help.
_LIKE = 0.6
_SHOWN_LINES = 3
_SHOWN_CHARACTERS = 200
#: What read_file puts before a line.
_NUMBER = re.compile(r"^\s*\d+\t")


def not_found(name: str, text: str, wanted: str) -> str:
    """Return what to tell a model whose ``wanted`` is not in ``text``; both with plain line feeds."""
    start = f"old_text was not found in {name}."
    lines, asked = text.split("\n")[:_MAX_LINES], wanted.split("\n")
    if all(_NUMBER.match(line) for line in asked if line.strip()):
        return f"{start} It seems to hold line numbers, which are not part of the file. Leave them out."
    place = _same_but_space(lines, asked)
    if place is not None:
        return f"{start} {_space_words(lines, asked, place)}"
    if wanted.casefold() in text.casefold():
        line = text[: text.casefold().index(wanted.casefold())].count("\n") + 1
        return f"{start} It is there at line {line} with other upper and lower case letters."
    near = _nearest(lines, asked)
    if not near:
        return f"{start} Nothing in the file is like it. Read the file again."
    listed = "\n".join(f"{number + 1}\t{lines[number][:_SHOWN_CHARACTERS]}" for number in near)
    return f"{start} The nearest lines are:\n{listed}"


def _same_but_space(lines: list[str], asked: list[str]) -> int | None:
    """Return where the lines are that differ in white space only; None if they are not there, or in several places."""
    wanted = [_squeezed(line) for line in asked]
    while len(wanted) > 1 and not wanted[-1]:
        wanted.pop()
    if not any(wanted):
        return None
    have = [_squeezed(line) for line in lines]
    found = [at for at in range(len(have) - len(wanted) + 1) if have[at : at + len(wanted)] == wanted]
    return found[0] if len(found) == 1 else None


def _squeezed(line: str) -> str:
    return " ".join(line.split())


def _space_words(lines: list[str], asked: list[str], place: int) -> str:
    for offset, line in enumerate(asked):
        have = lines[place + offset] if place + offset < len(lines) else ""
        if line == have:
            continue
        number = place + offset + 1
        have_space, line_space = _indent(have), _indent(line)
        if have_space != line_space and not (offset == 0 and have.endswith(line)):
            return (
                f"The same lines begin at line {place + 1} with other white space: line {number} is indented by "
                f"{_space_name(have_space)}, yours by {_space_name(line_space)}. Copy the indentation exactly."
            )
        if have.rstrip() != have and line == have.rstrip():
            return f"The same lines begin at line {place + 1}, but line {number} ends in white space. Copy it too."
        if line.rstrip() != line and have == line.rstrip():
            return f"The same lines begin at line {place + 1}, but your line {offset + 1} ends in white space."
    return f"The same lines begin at line {place + 1} with other white space or blank lines. Copy them exactly."


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _space_name(space: str) -> str:
    if not space:
        return "nothing"
    parts = []
    for character, name in ((" ", "space"), ("\t", "tab")):
        count = space.count(character)
        if count:
            parts.append(f"{count} {name}{'s' if count > 1 else ''}")
    return " and ".join(parts) or "unusual white space"


def _nearest(lines: list[str], asked: list[str]) -> list[int]:
    """Return the numbers, from 0, of the lines most like the longest line asked for."""
    wanted = max((line.strip() for line in asked), key=len)[:_SHOWN_CHARACTERS]
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    likely = []
    for number, line in enumerate(lines):
        matcher.set_seq1(line.strip()[:_SHOWN_CHARACTERS])
        # The quick ratios are upper bounds of the slow one, which only the likeliest lines are asked for.
        if line.strip() and matcher.real_quick_ratio() > _LIKE and (bound := matcher.quick_ratio()) > _LIKE:
            likely.append((-bound, number))
    scored = []
    for _, number in heapq.nsmallest(_COMPARED_LINES, likely):
        matcher.set_seq1(lines[number].strip()[:_SHOWN_CHARACTERS])
        scored.append((-matcher.ratio(), number))
    return sorted(number for score, number in heapq.nsmallest(_SHOWN_LINES, scored) if -score > _LIKE)
