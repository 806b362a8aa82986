"""The file tree's rows as values, and what differs between two listings of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.files.folder_messages import Entry


@dataclass(eq=False, slots=True)
class Node:
    """A row: an entry, the line that tells of more of them, or a new entry that has no name yet.

    Attributes:
        number: Stands for the node in Qt's indexes.
        path: Below the open folder; empty for that folder itself.
        row: Its place among its parent's children.
        children: None until the folder is listed.
        more: Entries of the folder that are not listed.
        limit: So many are asked for.
    """

    number: int
    entry: Entry | None
    parent: Node | None
    path: str
    row: int = 0
    children: list[Node] | None = None
    more: int = 0
    limit: int = 0
    is_wanted: bool = False
    is_new: bool = False

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder (a link to one is a link)."""
        return self.parent is None or (self.entry is not None and self.entry.kind == "folder")

    @property
    def is_more(self) -> bool:
        """Whether it is the line that tells of more entries."""
        return self.parent is not None and self.entry is None

    @property
    def name(self) -> str:
        """Its name."""
        return self.entry.name if self.entry is not None else ""


Key = tuple[str, bool]


def key_of(entry: Entry) -> Key:
    """Return what an entry is known by: a file that becomes a folder is another entry."""
    return entry.name, entry.kind == "folder"


def ranges_of(places: Sequence[int]) -> list[tuple[int, int]]:
    """Return ascending places as (first, last) of runs without a gap."""
    ranges: list[tuple[int, int]] = []
    for place in places:
        if ranges and ranges[-1][1] == place - 1:
            ranges[-1] = (ranges[-1][0], place)
        else:
            ranges.append((place, place))
    return ranges


def has_order(old: Sequence[Key], new: Sequence[Key]) -> bool:
    """Whether what is in both stands in the same order."""
    in_new, in_old = set(new), set(old)
    return [key for key in old if key in in_new] == [key for key in new if key in in_old]
