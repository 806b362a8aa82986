"""What a search in files found, as a tree of two levels: files, and their lines."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.files.search_files import FileHits, LineHits
from app.tools.visible import with_signs
from ui.widgets.labels import plain_tip

AnyIndex = QModelIndex | QPersistentModelIndex
#: More files than that make the list slow to lay out, and nobody reads them.
MAX_FILES = 500
#: In a number of a row of the second level: which line, and of which file.
_LINE_BITS = 24


class SearchModel(QAbstractItemModel):
    """Files by path, whichever is found first.

    Attributes:
        line_count: Lines that were found, those of files that are not listed too.
        file_count: Files that were found.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._files: list[FileHits] = []  # in the order they were found; a number is a place in it
        self._order: list[int] = []
        self._paths: list[str] = []
        self._rows: dict[int, int] = {}
        self.line_count = 0
        self.file_count = 0

    def clear(self) -> None:
        """List nothing."""
        self.beginResetModel()
        self._files, self._order, self._paths, self._rows = [], [], [], {}
        self.line_count = 0
        self.file_count = 0
        self.endResetModel()

    def add(self, found: Sequence[FileHits]) -> list[QModelIndex]:
        """List more files, each at its place, ``MAX_FILES`` of them at most; return their rows."""
        self.line_count += sum(hits.line_count for hits in found)
        self.file_count += len(found)
        found = found[: MAX_FILES - len(self._files)]
        for hits in found:
            key = _key(hits.path)
            row = bisect_left(self._paths, key)
            self.beginInsertRows(QModelIndex(), row, row)
            self._order.insert(row, len(self._files))
            self._paths.insert(row, key)
            self._files.append(hits)
            self._rows = {}  # counted anew when a line's file is asked for
            self.endInsertRows()
        return [self.index(bisect_left(self._paths, _key(hits.path)), 0) for hits in found]

    def file_at(self, index: AnyIndex) -> FileHits | None:
        """Return the file of a row, of a line's row too."""
        if not index.isValid():
            return None
        number = index.internalId()
        return self._files[number & (2**_LINE_BITS - 1)] if number else self._files[self._order[index.row()]]

    def line_at(self, index: AnyIndex) -> LineHits | None:
        """Return the line of a row; None for a file's."""
        hits = self.file_at(index)
        return hits.lines[index.row()] if hits is not None and index.internalId() else None

    # --- Qt ---------------------------------------------------------------------------------------------

    def index(self, row: int, column: int = 0, parent: AnyIndex | None = None) -> QModelIndex:
        if column or not 0 <= row < self.rowCount(parent):
            return QModelIndex()
        if parent is None or not parent.isValid():
            return self.createIndex(row, 0, 0)
        return self.createIndex(row, 0, self._order[parent.row()] | 1 << _LINE_BITS)

    def parent(self, index: AnyIndex | None = None) -> Any:
        if index is None:
            return super().parent()
        number = index.internalId()
        if not index.isValid() or not number:
            return QModelIndex()
        if not self._rows:
            self._rows = {number: row for row, number in enumerate(self._order)}
        return self.createIndex(self._rows[number & (2**_LINE_BITS - 1)], 0, 0)

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        if parent is None or not parent.isValid():
            return len(self._order)
        return 0 if parent.internalId() else len(self._files[self._order[parent.row()]].lines)

    def hasChildren(self, parent: AnyIndex | None = None) -> bool:
        """Say it without counting: the tree asks for every row on show whenever one comes."""
        return parent is None or not parent.internalId()

    def columnCount(self, _parent: AnyIndex | None = None) -> int:
        return 1

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        hits, line = self.file_at(index), self.line_at(index)
        if hits is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return with_signs(line.text if line is not None else hits.path)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(with_signs(hits.path if line is None else line.text.strip()))
            case Qt.ItemDataRole.AccessibleTextRole if line is not None:
                return f"Line {line.number}: {with_signs(line.text.strip())}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{with_signs(hits.path)}, {hits.line_count} lines"
        return None


def _key(path: str) -> str:
    return path.replace("/", "\0")  # a folder's own files stand before those in its folders' neighbours
