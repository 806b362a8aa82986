"""Edits that models write as blocks: SEARCH and REPLACE, and unified diffs with wrong line numbers. Pure.

The first form is that of Aider and Cline; the second GNU's and Git's, of which only the signs before lines can be
relied upon: models count lines badly, so what is unchanged is searched for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.files.placing import CannotPlaceError, Placed, find_lines, like_file

_SEARCH = re.compile(r"^<{4,9} ?(?:SEARCH|ORIGINAL)>?\s*$|^-{4,9} ?SEARCH\s*$", re.MULTILINE)
_MIDDLE = re.compile(r"^={4,9}\s*$")
_REPLACE = re.compile(r"^(?:>{4,9}|\+{4,9}) ?(?:REPLACE|UPDATED)\s*$")
_HUNK = re.compile(r"^@@(?: -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@.*| .*|)$")
_INDENTED_OTHERWISE = "The block is indented otherwise than the file; its lines were moved."


def is_search_replace(text: str) -> bool:
    """Tell whether a block is made of SEARCH and REPLACE."""
    return bool(_SEARCH.search(text))


def apply_search_replace(before: str, text: str) -> Placed:
    """Return a text with every SEARCH replaced.

    Raises:
        CannotPlaceError: One was not found, or in several places; or the block is malformed.
    """
    pairs = _pairs(text.split("\n"))
    lines = before.split("\n")
    is_loose = False
    for old, new in pairs:
        if not any(line.strip() for line in old):
            if before.strip():
                raise CannotPlaceError("It gives no text to replace, and the file is not empty.")
            lines = [*new, ""]
            continue
        while old and not old[0].strip():
            old = old[1:]  # noqa: PLW2901 - the pair is read once
        found = find_lines(lines, old)
        is_loose |= not found.is_exact
        lines[found.at : found.at + len(old)] = [found.adapt(line) for line in new]
    count = "1 replacement" if len(pairs) == 1 else f"{len(pairs)} replacements"
    return Placed("\n".join(lines), f"Makes {count}", _INDENTED_OTHERWISE if is_loose else "")


def _pairs(lines: Sequence[str]) -> list[tuple[list[str], list[str]]]:
    pairs: list[tuple[list[str], list[str]]] = []
    part = ""
    for line in lines:
        if _SEARCH.match(line) and part != "search":
            pairs.append(([], []))
            part = "search"
        elif part == "search" and _MIDDLE.match(line):
            part = "replace"
        elif part == "replace" and _REPLACE.match(line):
            part = ""
        elif part:
            pairs[-1][part == "replace"].append(line)
    if part:
        raise CannotPlaceError("Its last SEARCH has no end.")
    return pairs


# --- unified diffs ----------------------------------------------------------------------------------------


@dataclass
class _Hunk:
    start: int | None = None
    lines: list[str] = field(default_factory=list)

    @property
    def old(self) -> list[str]:
        return [line[1:] for line in self.lines if line[:1] in {" ", "-", ""}]

    @property
    def new(self) -> list[str]:
        return [line[1:] for line in self.lines if line[:1] in {" ", "+", ""}]


def is_diff(text: str, language: str) -> bool:
    """Tell whether a block is a unified diff."""
    lines = text.split("\n")
    if any(_HUNK.match(line) for line in lines) and any(line[:1] in {"+", "-"} for line in lines):
        return True
    signs = [line[:1] for line in lines if line.strip()]
    return language.lower() in {"diff", "patch"} and any(sign in {"+", "-"} for sign in signs)


def apply_diff(before: str, text: str, shown: str = "") -> Placed:
    """Return a text with a diff's changes.

    Args:
        shown: The file's path; of a diff of several files only its part is taken.

    Raises:
        CannotPlaceError: The lines a change belongs to are not there.
    """
    hunks = _hunks(text.split("\n"), shown)
    if not hunks:
        raise CannotPlaceError("The diff changes nothing in this file.")
    if not before:
        return Placed(like_file("\n".join(line for hunk in hunks for line in hunk.new), ""), "Writes the file")
    lines = before.split("\n")
    moved, is_loose = 0, False
    for hunk in hunks:
        near = None if hunk.start is None else hunk.start - 1 + moved
        place, loose = _apply_hunk(lines, hunk, near)
        moved += len(hunk.new) - len(hunk.old) if place else 0
        is_loose |= loose
    count = "1 change" if len(hunks) == 1 else f"{len(hunks)} changes"
    return Placed("\n".join(lines), f"Makes {count} of a diff", _INDENTED_OTHERWISE if is_loose else "")


def _hunks(lines: Sequence[str], shown: str) -> list[_Hunk]:
    """Return the hunks of one file."""
    of_file: dict[str, list[_Hunk]] = {}
    name, number = "", 0
    while number < len(lines):
        line = lines[number]
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if line.startswith("--- ") and following.startswith("+++ "):
            name = (line if following.startswith("+++ /dev/null") else following)[4:].split("\t")[0].strip()
            if following.startswith("+++ /dev/null"):
                raise CannotPlaceError("The diff deletes the file.")
            of_file.setdefault(name, [])
            number += 1
        elif match := _HUNK.match(line):
            of_file.setdefault(name, []).append(_Hunk(int(match[1]) if match[1] else None))
        elif line.startswith(("diff --git", "index ", "new file mode", "similarity ", "rename ", "\\ No newline")):
            pass
        elif of_file.get(name):
            of_file[name][-1].lines.append(line)
        elif line.strip():
            of_file.setdefault(name, []).append(_Hunk(None, [line]))
        number += 1
    for hunk in (hunk for hunks in of_file.values() for hunk in hunks):
        while hunk.lines and not hunk.lines[-1].strip():
            hunk.lines.pop()  # the end of the block
        while hunk.lines and not hunk.lines[0].strip():
            hunk.lines.pop(0)
    if len(of_file) > 1:
        mine = [hunks for name, hunks in of_file.items() if shown and f"/{name}".endswith(f"/{shown}")]
        if len(mine) != 1:
            raise CannotPlaceError(f"The diff changes {len(of_file)} files.")
        return [hunk for hunk in mine[0] if hunk.lines]
    return [hunk for hunks in of_file.values() for hunk in hunks if hunk.lines]


def _apply_hunk(lines: list[str], hunk: _Hunk, near: int | None) -> tuple[bool, bool]:
    """Change ``lines``; return whether anything changed, and whether the hunk was indented otherwise."""
    old, new = hunk.old, hunk.new
    if old == new:
        return False, False
    if not any(line.strip() for line in old):
        if near is None:
            raise CannotPlaceError("The diff does not say between which lines its new lines belong.")
        at = max(0, min(near, len(lines) - 1))
        lines[at:at] = new
        return True, False
    found = find_lines(lines, old, near)
    have = lines[found.at : found.at + len(old)]
    kept = iter(have)
    made: list[str] = []
    for line in hunk.lines:  # what is unchanged stays as it is in the file, to the blank
        if line[:1] in {" ", ""}:
            made.append(next(kept))
        elif line[:1] == "-":
            next(kept)
        else:
            made.append(found.adapt(line[1:]))
    lines[found.at : found.at + len(old)] = made
    return True, not found.is_exact
