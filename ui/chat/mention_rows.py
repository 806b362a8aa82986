"""What can be named after an at sign, as rows of a list. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.conversations.parts import ReferencePart
from app.files.finding import FoundPath
from app.files.reference_reading import MAX_TAKEN, absolute_path, named_below, path_as_text
from ui.chat.reference_words import lines_of, name_of
from ui.widgets.fuzzy import match

#: Bytes of code per token, roughly: enough to see what is large before it is counted.
BYTES_PER_TOKEN = 3.5


@dataclass(frozen=True)
class MentionRow:
    """One row.

    Attributes:
        reference: What it adds, with an absolute path.
        icon: Name of its icon.
        title: The name, with the characters at ``positions`` marked.
        place: The folder it is in; empty for the open folder itself.
        note: What it is or costs.
        key: What was typed is looked for in this.
    """

    reference: ReferencePart
    icon: str
    title: str
    place: str
    note: str
    key: str
    positions: tuple[int, ...] = ()


def selection_row(reference: ReferencePart, folder: str) -> MentionRow:
    """Return the row of what is selected in the editor."""
    named = named_below(reference.path, folder)
    title = f"Selection: {name_of(reference)}, {lines_of(reference)}"
    cost = _cost(len(reference.text.encode("utf-8", "replace")))
    return MentionRow(reference, "text-select", title, _split(named)[0], cost, "selection")


def tab_row(path: str, folder: str) -> MentionRow:
    """Return the row of a file that is open."""
    named = named_below(path_as_text(path), folder)
    place, name = _split(named)
    return MentionRow(reference_to(path, is_folder=False), "file-code", name, place, "open", named)


def found_row(found: FoundPath, folder: str) -> MentionRow:
    """Return the row of a file or folder below the open folder."""
    named = path_as_text(found.path.rstrip("/"))
    place, name = _split(named)
    reference = reference_to(absolute_path(named, folder), is_folder=found.is_folder)
    note = "folder" if found.is_folder else _cost(found.size_bytes)
    return MentionRow(reference, "folder" if found.is_folder else "file", name, place, note, named)


def fitting(rows: Iterable[MentionRow], query: str) -> list[MentionRow]:
    """Return the rows that fit what was typed, in the order they have, the letters that fit marked."""
    found = ((row, match(query, row.key)) for row in rows)
    return [_marked(row, hit.positions) for row, hit in found if hit is not None]


def without_doubles(rows: Sequence[MentionRow]) -> list[MentionRow]:
    """Return the rows, of those for the same thing the first."""
    seen: dict[tuple[str, str, int], MentionRow] = {}
    for row in rows:
        seen.setdefault((row.reference.path, row.reference.target, row.reference.first_line), row)
    return list(seen.values())


def reference_to(path: str, *, is_folder: bool) -> ReferencePart:
    """Return a reference to a file or folder by its absolute path."""
    return ReferencePart(path=path_as_text(str(Path(path))), target="folder" if is_folder else "file")


def token_words(tokens: int) -> str:
    """Return a number of tokens in a few characters."""
    return f"{tokens:,}" if tokens < 10_000 else f"{tokens / 1000:.0f}k"


def _marked(row: MentionRow, places: Sequence[int]) -> MentionRow:
    """Mark the letters of the name among those at ``places`` of the key."""
    start = len(row.key) - len(row.title)
    if not row.key.endswith(row.title):
        return row
    return replace(row, positions=tuple(place - start for place in places if place >= start))


def _cost(size: int) -> str:
    tokens = max(1, round(min(size, MAX_TAKEN) / BYTES_PER_TOKEN)) if size else 0
    beginning = ", its beginning" if size > MAX_TAKEN else ""
    return f"about {token_words(tokens)} tokens{beginning}"


def _split(path: str) -> tuple[str, str]:
    """Return the folder and the name."""
    place, _slash, name = path.replace("\\", "/").rpartition("/")
    return place, name
