"""What is selected in a diff: characters of one of its texts, and the way of them to the clipboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QGuiApplication

from app.files.hunks import TextDiff
from ui.chat.highlight import utf16_length
from ui.editor.diff_painter import Selected
from ui.editor.diff_rows import Cell, LineRow, Row


class DiffSelection:
    """From one row and character to another; side by side only in the text where it began."""

    def __init__(self) -> None:
        self._anchor = self._head = (0, 0)
        self._is_after = False
        self.is_begun = False

    def clear(self) -> None:
        """Select nothing."""
        self.is_begun = False

    def begin(self, row: int, is_after: bool, at: int) -> None:
        """Begin at a character, in UTF-16 units."""
        self._anchor = self._head = (row, at)
        self._is_after, self.is_begun = is_after, True

    def extend(self, row: int, at: int) -> None:
        """Go on to a character."""
        self._head = (row, at)

    def in_row(self, number: int, row: LineRow, *, is_split: bool) -> dict[bool, Selected]:
        """Return what is selected in a row, by whether it is in the text after."""
        first, last = sorted((self._anchor, self._head))
        if not self.is_begun or first == last or not first[0] <= number <= last[0]:
            return {}
        cell, is_after = self._cell(row, is_split=is_split)
        if cell is None:
            return {}
        begin = first[1] if number == first[0] else 0
        end = last[1] if number == last[0] else utf16_length(cell.text)
        return {is_after: Selected(begin, end)} if begin < end else {}

    def copy(self, rows: Sequence[Row], diff: TextDiff, *, is_split: bool) -> None:
        """Put the selected text, as it is in the file, on the clipboard."""
        lines = []
        for number in range(min(self._anchor[0], self._head[0]), max(self._anchor[0], self._head[0]) + 1):
            row = rows[number] if number < len(rows) else None
            if not isinstance(row, LineRow):
                continue
            cell, is_after = self._cell(row, is_split=is_split)
            if cell is None:
                continue
            text = (diff.after if is_after else diff.before)[cell.number - 1].rstrip("\r\n")
            first, last = sorted((self._anchor, self._head))
            begin = first[1] if number == first[0] else 0
            end = last[1] if number == last[0] else utf16_length(text)
            lines.append(_between(text, begin, end))
        if self.is_begun and any(lines):
            QGuiApplication.clipboard().setText("\n".join(lines))

    def _cell(self, row: LineRow, *, is_split: bool) -> tuple[Cell | None, bool]:
        if is_split:
            return (row.right, True) if self._is_after else (row.left, False)
        return (row.left, False) if row.left is not None else (row.right, True)


def _between(text: str, begin: int, end: int) -> str:
    data = text.encode("utf-16-le", "surrogatepass")
    return data[2 * begin : 2 * end].decode("utf-16-le", "replace")
