"""A block of code from a reply, put into the file it is meant for. Pure.

What a block is, is tried in this order: SEARCH and REPLACE, a unified diff, code with parts left out, a new file,
functions and classes that are in the file, lines that are, the whole file. Only what is certain is done without a
warning, and nothing is done that is not shown first.
"""

from __future__ import annotations

from itertools import pairwise

from app.files.apply_edits import apply_diff, apply_search_replace, is_diff, is_search_replace
from app.files.apply_elided import apply_elided, find_elisions
from app.files.definitions import PYTHON, Definition, find_definitions, parses
from app.files.placing import CannotPlaceError, Placed, like_file, reindent

#: A block with so much of a file's lines in it is the file, changed.
_MOST_OF_IT = 0.6
#: One that has so little of it, and is so much shorter, is only a part of it.
_SOME_OF_IT = 0.3
_LEAST_LETTERS = 3
#: More functions are counted, not named.
_NAMED = 3
#: So many lines are the beginning of a file, or its end.
_ENDS = 2


def apply_block(before: str, code: str, language: str, path: str = "") -> Placed:
    """Return a file's text with a block put into it.

    Args:
        before: The file's text; empty for a new file.
        code: The block's text, without a line that only names the file.
        language: The block's, as its fence says.
        path: The file's, for its extension, and its part of a diff of several files.

    Raises:
        CannotPlaceError: It is not clear where it belongs.
    """
    if not code.strip():
        raise CannotPlaceError("The block is empty.")
    kind = path.rpartition(".")[2].lower() or language.lower()
    placed = _placed(before, code, language, kind, path)
    if placed.text == before:
        raise CannotPlaceError("The file says this already.")
    is_broken = parses(placed.text, kind) is False and (not before or parses(before, kind))
    if is_broken and not placed.warning:
        return Placed(placed.text, placed.how, "The result is not valid Python.")
    return placed


def _placed(before: str, code: str, language: str, kind: str, path: str) -> Placed:
    if is_search_replace(code):
        return apply_search_replace(before, code)
    if is_diff(code, language):
        return apply_diff(before, code, path)
    elisions = find_elisions(before, code, is_python=kind in PYTHON)
    if not before.strip():
        if elisions:
            return Placed(like_file(code, ""), "Writes the file", "The block leaves something out.")
        return Placed(like_file(code, ""), "Writes the file")
    if elisions:
        return apply_elided(before, code, elisions)
    if placed := _replace_definitions(before, code, kind):
        return placed
    share = _share(before, code)
    if share >= _MOST_OF_IT and _has_both_ends(before, code):
        return Placed(like_file(code, before), "Replaces the whole file")
    return _replace_lines(before, code) or _replace_file(before, code, share)


def _share(before: str, code: str) -> float:
    """Return how much of a file's lines are in a block."""
    lines = {line.strip() for line in before.split("\n") if _is_telling(line)}
    shown = {line.strip() for line in code.split("\n")}
    return len(lines & shown) / len(lines) if lines else 0.0


def _has_both_ends(before: str, code: str) -> bool:
    """Whether a block begins and ends near where the file does: one of the lines there is in it, indented alike."""
    telling = [line.rstrip() for line in before.split("\n") if _is_telling(line)]
    shown = {line.rstrip() for line in code.split("\n")}
    return any(line in shown for line in telling[:_ENDS]) and any(line in shown for line in telling[-_ENDS:])


def _replace_definitions(before: str, code: str, kind: str) -> Placed | None:
    """Replace the functions and classes of the block, if it is made of nothing else; None if it is not."""
    code = reindent(code.strip("\n"), "")
    shown = _outermost(find_definitions(code, kind))
    if not shown or not _is_all(code, shown, before):
        return None
    there: dict[str, list[Definition]] = {}
    for one in find_definitions(before, kind):
        there.setdefault(one.name, []).append(one)
    if len({one.name for one in shown}) < len(shown) or not all(len(there.get(one.name, ())) == 1 for one in shown):
        return None
    lines, new = before.split("\n"), code.split("\n")
    pairs = sorted(((there[one.name][0], one) for one in shown), key=lambda pair: -pair[0].first)
    if any(later.first <= earlier.last for (later, _), (earlier, _) in pairwise(pairs)):
        return None
    for old, one in pairs:
        text = reindent("\n".join(new[one.first : one.last + 1]), old.indent)
        lines[old.first : old.last + 1] = text.split("\n")
    names = ", ".join(one.name for one in shown[:_NAMED])
    names += f" and {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
    shrinks = any(_shrinks(old, one) for old, one in pairs)
    warning = "What is in the block is much shorter than what it replaces." if shrinks else ""
    return Placed("\n".join(lines), f"Replaces {names}", warning)


def _outermost(found: list[Definition]) -> list[Definition]:
    """Return definitions without those inside others."""
    outer: list[Definition] = []
    for one in found:
        if not outer or one.first > outer[-1].last:
            outer.append(one)
    return outer


def _is_all(code: str, shown: list[Definition], before: str) -> bool:
    """Whether there is nothing else in a block but blank lines, comments, and lines the file has too."""
    inside = {number for one in shown for number in range(one.first, one.last + 1)}
    known = {line.rstrip() for line in before.split("\n")}
    outside = [line.rstrip() for number, line in enumerate(code.split("\n")) if number not in inside]
    return all(not line or line.lstrip().startswith(("#", "//")) or line in known for line in outside)


def _shrinks(old: Definition, new: Definition) -> bool:
    return (old.last - old.first) > 3 * (new.last - new.first) + 6


def _replace_lines(before: str, code: str) -> Placed | None:
    """Replace the lines from the block's first to its last, if both are in the file, once each and in this order."""
    lines, new = before.split("\n"), code.strip("\n").split("\n")
    first, last = new[0].rstrip(), new[-1].rstrip()
    have = [line.rstrip() for line in lines]
    is_clear = len(new) > 1 and all(_is_telling(line) and have.count(line) == 1 for line in (first, last))
    if not is_clear:
        return None
    begin, end = have.index(first), have.index(last)
    if begin >= end or end - begin > 3 * len(new) + 6:
        return None
    lines[begin : end + 1] = new
    return Placed("\n".join(lines), f"Replaces lines {begin + 1} to {end + 1}")


def _replace_file(before: str, code: str, share: float) -> Placed:
    """Replace all, with a warning; a block that has little to do with the file is refused."""
    is_short = code.count("\n") < before.count("\n") / 2
    if share < _SOME_OF_IT and is_short:
        raise CannotPlaceError("It seems to be a part of the file, but which one is not clear.")
    warning = "It is not sure that the block is the whole file. What is not in it goes."
    return Placed(like_file(code, before), "Replaces the whole file", warning)


def _is_telling(line: str) -> bool:
    return sum(map(str.isalnum, line)) >= _LEAST_LETTERS
