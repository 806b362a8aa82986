"""Fuzzy matching of a few typed letters against the names of actions, models or files."""

from __future__ import annotations

from dataclasses import dataclass

_START_OF_WORD = 8
_IN_A_ROW = 9
_PLAIN = 1
_GAP = 0.2


@dataclass(frozen=True)
class Match:
    """How well a text matches, higher is better, and at which of its characters."""

    score: float
    positions: tuple[int, ...]


def match(query: str, text: str) -> Match | None:
    """Return the best match of the query's letters, in order, in the text; None when there is none.

    Letters in a row count most, then those at the start of a word; spaces in the query only part it.
    An empty query matches everything alike.
    """
    letters = [letter for letter in query.casefold() if not letter.isspace()]
    folded = text.casefold()
    if len(folded) != len(text):  # folding can change a text's length; then positions would be wrong
        folded = text.lower() if len(text.lower()) == len(text) else text
    best: dict[int, Match] = {-1: Match(0.0, ())}
    for letter in letters:
        best = _extend(best, letter, folded)
        if not best:
            return None
    return max(best.values(), key=lambda found: found.score)


def _extend(best: dict[int, Match], letter: str, text: str) -> dict[int, Match]:
    """Return, for each place of ``letter``, the best way to get there from the places of the letter before."""
    found: dict[int, Match] = {}
    for place, character in enumerate(text):
        if character != letter:
            continue
        ways = [
            Match(so_far.score + _worth(text, place, before), (*so_far.positions, place))
            for before, so_far in best.items()
            if before < place
        ]
        if ways:
            found[place] = max(ways, key=lambda way: way.score)
    return found


def _worth(text: str, place: int, before: int) -> float:
    if place == before + 1 and before >= 0:
        return _IN_A_ROW
    starts_word = place == 0 or not text[place - 1].isalnum()
    return (_START_OF_WORD if starts_word else _PLAIN) - _GAP * min(place - before - 1, 10)
