"""Putting code into a text: what comes of it, and where lines are that are nearly the same. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class CannotPlaceError(ValueError):
    """It is not clear where code belongs; its text says why, to a person."""


@dataclass(frozen=True)
class Placed:
    """A text with code put into it.

    Attributes:
        text: The whole new text.
        how: Where the code went: "Replaces the function load", "2 changes of a diff".
        warning: What a person should look at before saying yes; empty where it is certain.
    """

    text: str
    how: str
    warning: str = ""


@dataclass(frozen=True)
class Found:
    """Where lines were found.

    Attributes:
        at: The first line, from 0.
        is_exact: They are the same but for blanks at their ends.
        before, after: What each of them is indented by, without their common text: put ``after`` in the place of
            ``before`` at the beginning of a line that belongs with them.
    """

    at: int
    is_exact: bool = True
    before: str = ""
    after: str = ""

    def adapt(self, line: str) -> str:
        """Return a line indented as the place asks for."""
        if not line.strip():
            return line
        return self.after + line[len(self.before) :] if line.startswith(self.before) else line


def find_lines(lines: Sequence[str], wanted: Sequence[str], near: int | None = None) -> Found:
    """Return where ``wanted`` is among ``lines``: first as it is, then indented otherwise.

    Args:
        near: Of several places the one nearest to this line, from 0; None: there must be one only.

    Raises:
        CannotPlaceError: It is not there, or in several places.
    """
    have = [line.rstrip() for line in lines]
    asked = [line.rstrip() for line in wanted]
    if not any(asked):
        raise CannotPlaceError("There is no line in it by which its place could be found.")
    exact = _places(have, asked)
    if exact:
        return Found(_choose(exact, near, asked))
    loose = _places([line.strip() for line in have], [line.strip() for line in asked])
    shifts = {place: shift for place in loose if (shift := _shift(have[place : place + len(asked)], asked)) is not None}
    if shifts:
        at = _choose(list(shifts), near, asked)
        return Found(at, is_exact=False, before=shifts[at][0], after=shifts[at][1])
    raise CannotPlaceError(f"The file does not contain the lines that begin with \u201c{_first(asked)}\u201d.")


def indent_of_all(lines: Sequence[str]) -> str:
    """Return the blanks that every filled line begins with."""
    filled = [line for line in lines if line.strip()]
    if not filled:
        return ""
    shortest = min((line[: len(line) - len(line.lstrip())] for line in filled), key=len)
    while not all(line.startswith(shortest) for line in filled):
        shortest = shortest[:-1]
    return shortest


def reindent(text: str, indent: str) -> str:
    """Return code with what all its lines are indented by replaced by ``indent``; empty lines stay empty."""
    lines = text.split("\n")
    common = len(indent_of_all(lines))
    return "\n".join(indent + line[common:] if line.strip() else "" for line in lines)


def like_file(text: str, before: str) -> str:
    """Return a text that ends with a line end, as the text before did, or as a new file should."""
    text = text.rstrip("\n")
    return text + "\n" if text and (before.endswith("\n") or not before) else text


def _places(have: Sequence[str], asked: Sequence[str]) -> list[int]:
    if not asked:
        return []
    first, count = asked[0], len(asked)
    return [
        at
        for at in range(len(have) - count + 1)
        if have[at] == first and all(have[at + n] == line for n, line in enumerate(asked))
    ]


def _shift(have: Sequence[str], asked: Sequence[str]) -> tuple[str, str] | None:
    """Return the blanks to take away and to put instead, the same for every line; None if they differ."""
    pairs = {
        (line[: len(line) - len(line.lstrip())], there[: len(there) - len(there.lstrip())])
        for line, there in zip(asked, have, strict=True)
        if line
    }
    before, after = min(pairs, key=lambda pair: len(pair[0]))
    fits = all(
        one.startswith(before) and other.startswith(after) and one[len(before) :] == other[len(after) :]
        for one, other in pairs
    )
    return (before, after) if fits else None


def _choose(places: Sequence[int], near: int | None, asked: Sequence[str]) -> int:
    if len(places) == 1:
        return places[0]
    if near is None:
        raise CannotPlaceError(f"The lines that begin with \u201c{_first(asked)}\u201d are there {len(places)} times.")
    return min(places, key=lambda place: abs(place - near))


def _first(lines: Sequence[str]) -> str:
    line = next((line.strip() for line in lines if line.strip()), "")
    return line if len(line) <= 60 else line[:59] + "\u2026"
