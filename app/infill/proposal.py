"""What of a model's answer is proposed: it ends where the file goes on, and repeats nothing. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.infill.rules import Shape
from app.infill.surroundings import Surroundings

MOST_LINES = 12
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
#: A line that is so short may well come twice.
_SHORT = 4
_PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True)
class Proposal:
    """Text to show; ``is_whole`` says that whatever else the model writes is not wanted."""

    text: str
    is_whole: bool


def proposal(answer: str, around: Surroundings, shape: Shape, *, is_final: bool) -> Proposal:
    """Return what to propose of an answer, be it that more of it is to come.

    Args:
        answer: What the model wrote so far.
        around: What it was asked to write into.
        shape: What was wanted.
        is_final: The model has ended.
    """
    text, is_whole = _first_line(answer) if shape == "line" else _first_block(answer)
    text, repeats = _up_to_what_follows(text, around.after, is_final=is_final or is_whole)
    text = _without_overlap(text.rstrip(), around)
    return Proposal(text.rstrip() if text.strip() else "", is_whole or repeats or is_final)


def _first_line(answer: str) -> tuple[str, bool]:
    line, end, _rest = answer.partition("\n")
    return line, bool(end)


def _first_block(answer: str) -> tuple[str, bool]:
    """Return the lines up to the first blank one, to a line that comes again at once, or the longest there may be."""
    begin = len(answer) - len(answer.lstrip())
    blank = _BLANK_LINE.search(answer, begin)
    text = answer[: blank.start()] if blank else answer
    lines = text.split("\n")
    for number in range(1, len(lines) - 1):
        if lines[number] == lines[number - 1] and len(lines[number].strip()) >= _SHORT:
            return "\n".join(lines[:number]), True
    if len(lines) > MOST_LINES:
        return "\n".join(lines[:MOST_LINES]), True
    return text, blank is not None


def _up_to_what_follows(text: str, after: str, *, is_final: bool) -> tuple[str, bool]:
    """Cut before a line that is the next one of the file; one that may become it is held back."""
    following = next((line.strip() for line in after.split("\n")[1:] if line.strip()), "")
    if not following:
        return text, False
    lines = text.split("\n")
    for number, line in enumerate(lines):
        said = line.strip()
        is_complete = number < len(lines) - 1 or is_final
        if number and said == following and is_complete:
            return "\n".join(lines[:number]), True
        if number and said and not is_complete and following.startswith(said):
            return "\n".join(lines[:number]), False
    return text, False


def _without_overlap(text: str, around: Surroundings) -> str:
    """Leave out an end that stands behind the cursor already, unless it closes what the text itself opened."""
    tail = around.tail.rstrip()
    for length in range(min(len(text), len(tail)), 0, -1):
        if text.endswith(tail[:length]) and not _closes_own(text, tail[:length], around.head):
            return text[:-length]
    return text


def _closes_own(text: str, end: str, head: str) -> bool:
    if all(character in _PAIRS for character in end):
        return all(text.count(_PAIRS[closer]) >= text.count(closer) for closer in end)
    if end in {'"', "'", "`"}:
        return head.count(end) % 2 == 0 or text.count(end) % 2 == 0
    return False
