"""The rows of the variant table: what a quantization is, costs, needs and where it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.fit.values import Speed
from ui.models.fit_words import UNKNOWN, FitMark
from ui.models.sizes import size_words, speed_words

AnyIndex = QModelIndex | QPersistentModelIndex
VariantState = Literal["away", "queued", "running", "paused", "waiting", "verifying", "failed", "incomplete", "here"]

RowRole = Qt.ItemDataRole.UserRole + 1


class Column(IntEnum):
    """The columns, from left to right."""

    QUANTIZATION = 0
    SIZE = 1
    BITS = 2
    QUALITY = 3
    FIT = 4
    SPEED = 5
    STATE = 6


HEADINGS = ("Quantization", "Size", "Bits", "Quality", "On this machine", "Speed", "")
HINTS = (
    "How the weights were rounded; a name of llama.cpp's",
    "Bytes to download, in GB (10^9 bytes)",
    "Bits per weight, over the whole file",
    "What the rounding costs",
    "Whether it fits here, with the context and types chosen below",
    "Estimated speed of writing, as the range it most likely lies in",
    "Whether it is on this machine's disk",
)
_NUMBERS = {Column.SIZE, Column.BITS, Column.SPEED}
_STATE_WORDS: dict[VariantState, str] = {
    "away": "",
    "queued": "Queued",
    "running": "Fetching",
    "paused": "Paused",
    "waiting": "Waiting",
    "verifying": "Verifying",
    "failed": "Failed",
    "incomplete": "Incomplete",
    "here": "On disk",
}


@dataclass(frozen=True)
class VariantRow:
    """One variant as the table shows it.

    Attributes:
        key: Names it to those who listen to the table.
        size_bytes: Of all its files; ``is_rounded``: as the card says it, no listing was read.
        bits_per_weight: 0 where it is not known.
        quality: What the rounding costs, in a sentence; the table shows its beginning.
        share: Of a download under way, 0 to 1.
        is_best: The one Sawhorse would choose here.
    """

    key: str
    quantization: str
    size_bytes: int
    bits_per_weight: float = 0.0
    quality: str = ""
    mark: FitMark = UNKNOWN
    why: str = ""
    speed: Speed | None = None
    state: VariantState = "away"
    share: float = 0.0
    files: int = 1
    place: str = ""
    is_rounded: bool = False
    is_best: bool = False

    @property
    def state_words(self) -> str:
        """Where it is, in words."""
        words = _STATE_WORDS[self.state]
        if self.state in {"running", "paused", "waiting"}:
            return f"{words} {int(self.share * 100)} %"
        return words


class VariantModel(QAbstractTableModel):
    """Rows as they were given; numbers and words are made here, once."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[VariantRow, ...] = ()

    def show(self, rows: Sequence[VariantRow]) -> None:
        """Show rows; those that stay where they are keep their selection."""
        new = tuple(rows)
        if [row.key for row in new] != [row.key for row in self._rows]:
            self.beginResetModel()
            self._rows = new
            self.endResetModel()
            return
        changed = [place for place, row in enumerate(new) if row != self._rows[place]]
        self._rows = new
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(Column) - 1))

    def row_at(self, index: AnyIndex) -> VariantRow | None:
        """Return the row of an index, if there is one."""
        return self._rows[index.row()] if index.isValid() else None

    def place_of(self, key: str) -> int:
        """Return the number of a variant's row, -1 for none."""
        return next((place for place, row in enumerate(self._rows) if row.key == key), -1)

    @property
    def rows(self) -> tuple[VariantRow, ...]:
        """All rows."""
        return self._rows

    # --- Qt -----------------------------------------------------------------------------------------------

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(Column)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_at(index)
        if row is None:
            return None
        column = Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell_words(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return cell_hint(row, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(row) if column is Column.QUANTIZATION else cell_words(row, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
            case _ if role == RowRole:
                return row
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return HINTS[section]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return HEADINGS[section] or "State"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in _NUMBERS else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


def cell_words(row: VariantRow, column: Column) -> str:
    """Return what a cell says."""
    match column:
        case Column.QUANTIZATION:
            return row.quantization
        case Column.SIZE:
            about = "\u2248 " if row.is_rounded else ""
            return f"{about}{size_words(row.size_bytes)}" if row.size_bytes else ""
        case Column.BITS:
            return f"{row.bits_per_weight:.1f}" if row.bits_per_weight else ""
        case Column.QUALITY:
            return re.split(r"[.;:,]", row.quality, maxsplit=1)[0]
        case Column.FIT:
            return row.mark.short
        case Column.SPEED:
            return speed_words(row.speed)
        case Column.STATE:
            return row.state_words


def cell_hint(row: VariantRow, column: Column) -> str:
    """Return what a cell says to a pointer that rests on it."""
    match column:
        case Column.QUANTIZATION:
            return f"{row.quantization}. The best that fits here." if row.is_best else row.quantization
        case Column.SIZE:
            files = "1 file" if row.files == 1 else f"{row.files} files (shards), one download"
            return f"{row.size_bytes:,} bytes in {files}" if not row.is_rounded else "Rounded, as the model card says"
        case Column.QUALITY:
            return row.quality
        case Column.FIT:
            return row.why or row.mark.sentence
        case Column.STATE:
            return f"{row.state_words}, in the folder of {row.place}" if row.place else row.state_words
        case Column.SPEED:
            return "Of writing a reply, estimated" if row.speed else ""
        case _:
            return cell_words(row, column)


def spoken(row: VariantRow) -> str:
    """Return the whole row as a sentence."""
    parts = [
        row.quantization,
        "the best that fits here" if row.is_best else "",
        cell_words(row, Column.SIZE),
        f"{row.files} files" if row.files > 1 else "",
        f"{row.bits_per_weight:.1f} bits per weight" if row.bits_per_weight else "",
        row.mark.sentence,
        cell_words(row, Column.SPEED),
        row.state_words,
    ]
    return ", ".join(part for part in parts if part)
