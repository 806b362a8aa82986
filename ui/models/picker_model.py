"""The entries of the list on the left of the model dialog: headings, models, downloads, things to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from ui.models.fit_words import FitMark

AnyIndex = QModelIndex | QPersistentModelIndex
EntryKind = Literal["heading", "card", "repository", "found", "local", "download", "search", "note"]

EntryRole = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class Entry:
    """One entry.

    Attributes:
        key: Names it to those who listen; a heading or note has none and cannot be chosen.
        detail: The second line.
        mark: A verdict in an icon and a word; None for none.
        share: Of a download, 0 to 1; None for what is none.
        words: What typed words are looked for in, besides title and detail.
    """

    kind: EntryKind
    key: str
    title: str
    detail: str = ""
    mark: FitMark | None = None
    share: float | None = None
    hint: str = ""
    words: str = ""

    @property
    def can_be_chosen(self) -> bool:
        """Whether it is more than words."""
        return self.kind not in {"heading", "note"}

    def matches(self, query: str) -> bool:
        """Whether every word of a query is found in it."""
        text = f"{self.title} {self.detail} {self.words}".lower()
        return all(word in text for word in query.lower().split())


def filtered(entries: Sequence[Entry], query: str) -> list[Entry]:
    """Return the entries that match, with the headings that still have something below them."""
    found: list[Entry] = []
    heading: Entry | None = None
    for entry in entries:
        if entry.kind == "heading":
            heading = entry
        elif entry.kind in {"note", "search", "found"} or entry.matches(query):
            if heading is not None:
                found.append(heading)
                heading = None
            found.append(entry)
    return found


class PickerModel(QAbstractListModel):
    """Shows entries; an entry that stays where it is keeps its selection."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[Entry] = []

    def show(self, entries: Sequence[Entry]) -> None:
        """Show entries."""
        new = list(entries)
        if [(e.kind, e.key, e.title) for e in new] != [(e.kind, e.key, e.title) for e in self._entries]:
            self.beginResetModel()
            self._entries = new
            self.endResetModel()
            return
        changed = [place for place, entry in enumerate(new) if entry != self._entries[place]]
        self._entries = new
        for place in changed:
            self.dataChanged.emit(self.index(place), self.index(place))

    def entry_at(self, index: AnyIndex) -> Entry | None:
        """Return the entry of an index, if there is one."""
        return self._entries[index.row()] if index.isValid() else None

    def place_of(self, key: str) -> int:
        """Return the number of an entry's row, -1 for none."""
        return next((row for row, entry in enumerate(self._entries) if entry.key == key and entry.can_be_chosen), -1)

    def first(self) -> int:
        """Return the number of the first row that can be chosen, -1 for none."""
        return next((row for row, entry in enumerate(self._entries) if entry.can_be_chosen), -1)

    @property
    def entries(self) -> list[Entry]:
        """All entries."""
        return self._entries

    # --- Qt -----------------------------------------------------------------------------------------------

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        entry = self.entry_at(index)
        if entry is None or not entry.can_be_chosen:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entry_at(index)
        if entry is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return entry.title
            case Qt.ItemDataRole.ToolTipRole:
                return entry.hint or "\n".join(part for part in (entry.title, entry.detail) if part)
            case Qt.ItemDataRole.AccessibleTextRole:
                mark = entry.mark.sentence if entry.mark else ""
                return ", ".join(part for part in (entry.title, entry.detail, mark) if part)
            case _ if role == EntryRole:
                return entry
        return None
