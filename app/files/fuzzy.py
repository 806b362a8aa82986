"""How well a path fits a few typed letters: what a person would call the obvious file comes first. Pure.

The measure is fzf's (github.com/junegunn/fzf, algo.go): letters that match score, more so where a word begins and in a
row, and gaps cost. To that comes what is particular to paths: letters in the file's name count more than those in its
folders, a whole name or its beginning more still, and of two that are as good the shorter path is the better one.
"""

from __future__ import annotations

from dataclasses import dataclass

_MATCH = 16
_GAP_BEGINS = 3
_GAP_GOES_ON = 1
_IN_A_ROW = 6
_AT_NAME = 12
_AT_FOLDER = 9
_AT_WORD = 8
_AT_CAMEL = 7
#: What a letter in the file's name is worth beside one in a folder's.
_IN_NAME = 6
_NAME_BEGINS = 12
_WHOLE_NAME = 24
#: What each character of a path takes off: less than any of the above.
_PER_CHARACTER = 0.05
_PARTS_OF_NAMES = frozenset("_-. ")
_NONE = -(10**6)


@dataclass(frozen=True)
class Fit:
    """How well a path fits, higher is better, and at which of its characters."""

    score: float
    places: tuple[int, ...]


def fold(text: str) -> str:
    """Return a text without case, of the same length."""
    folded = text.lower()
    return folded if len(folded) == len(text) else text


def terms_of(query: str) -> tuple[str, ...]:
    """Return the words of a query, without case; a path has to fit each of them."""
    return tuple(fold(query.replace("\\", "/")).split())


def fit_path(terms: tuple[str, ...], path: str, folded: str) -> Fit | None:
    """Return how well a path fits all of the terms; None if it does not.

    Args:
        terms: From ``terms_of``.
        path: With "/" between its names.
        folded: The path without case.
    """
    name_begin = path.rfind("/") + 1
    bonuses = _bonuses(path, name_begin)
    score = -_PER_CHARACTER * len(path)
    places: set[int] = set()
    for term in terms:
        fit = _in_a_row(term, folded, bonuses, name_begin) or _scattered(term, folded, bonuses)
        if fit is None:
            return None
        score += fit.score + _whole_name(term, folded, name_begin)
        places.update(fit.places)
    return Fit(score, tuple(sorted(places)))


def _whole_name(term: str, folded: str, name_begin: int) -> int:
    if not folded.startswith(term, name_begin):
        return 0
    end = name_begin + len(term)
    is_whole = end == len(folded) or (folded[end] == "." and "." not in folded[end + 1 :])
    return _WHOLE_NAME if is_whole else _NAME_BEGINS


def _bonuses(path: str, name_begin: int) -> list[int]:
    """Return what a match of each character is worth beyond the match itself."""
    bonuses = []
    before = "/"
    for place, character in enumerate(path):
        if place == name_begin:
            bonus = _AT_NAME
        elif before == "/":
            bonus = _AT_FOLDER
        elif before in _PARTS_OF_NAMES:
            bonus = _AT_WORD
        elif (character.isupper() and before.islower()) or (character.isdigit() and not before.isdigit()):
            bonus = _AT_CAMEL
        else:
            bonus = 0
        bonuses.append(bonus + _IN_NAME if place >= name_begin else bonus)
        before = character
    return bonuses


def _in_a_row(term: str, folded: str, bonuses: list[int], name_begin: int) -> Fit | None:
    """Return the best place where the term stands as it is; for most queries there is one, and none is better."""
    best: Fit | None = None
    place = folded.find(term)
    while place >= 0:
        end = place + len(term)
        score = len(term) * _MATCH + bonuses[place] + (len(term) - 1) * _IN_A_ROW
        score += sum(_IN_NAME for at in range(place + 1, end) if at >= name_begin)
        if bonuses[place] >= _AT_CAMEL + _IN_NAME:  # a row goes on with what it began with, as in fzf
            score += (len(term) - 1) * 2
        if best is None or score > best.score:
            best = Fit(score, tuple(range(place, end)))
        place = folded.find(term, place + 1)
    if best is not None and best.places[0] < name_begin and bonuses[best.places[0]] == 0:
        return None  # in the middle of a folder's name: letters apart may fit better
    return best


def _scattered(term: str, folded: str, bonuses: list[int]) -> Fit | None:
    """Return the best way to find the term's letters in order (Smith and Waterman, with gaps that cost)."""
    size = len(folded)
    begin = folded.find(term[0])
    if begin < 0:
        return None
    above: list[int] = [_NONE] * size  # the best score of the letters before, the last of them at a place
    ways: list[list[int]] = []
    for row, letter in enumerate(term):
        scores, way = [_NONE] * size, [-1] * size
        gap, gap_from = _NONE, -1  # the best score so far, less the gap up to here
        for place in range(begin + row, size):
            before = above[place - 1] if row else 0
            gap -= _GAP_GOES_ON
            if row and place >= 2 and above[place - 2] - _GAP_BEGINS > gap:
                gap, gap_from = above[place - 2] - _GAP_BEGINS, place - 2
            if folded[place] != letter:
                continue
            worth = _MATCH + bonuses[place]
            if row == 0:
                scores[place] = worth
                continue
            adjacent = before + worth + _IN_A_ROW if before > _NONE // 2 else _NONE
            apart = gap + worth if gap > _NONE // 2 else _NONE
            scores[place], way[place] = (adjacent, place - 1) if adjacent >= apart else (apart, gap_from)
        ways.append(way)
        above = scores
    end = max(range(size), key=above.__getitem__)
    return Fit(above[end], _traced(ways, end)) if above[end] > _NONE // 2 else None


def _traced(ways: list[list[int]], end: int) -> tuple[int, ...]:
    places = [end]
    for way in reversed(ways[1:]):
        places.append(way[places[-1]])
    return tuple(reversed(places))
