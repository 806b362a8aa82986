"""Looks for a query in a document and replaces hits, in slices of time."""

from __future__ import annotations

import re
import time
from array import array
from bisect import bisect_left
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextCursor, QTextDocument

from app.errors import AppError
from app.files.find import MAX_HITS, Query, compile_query, find_hits, make_replacement
from app.files.inner_text import Utf16Places, inner_text_of

SLICE_SECONDS = 0.004
#: After an edit the search begins again when typing has paused so long.
DELAY_MS = 150
_KEEP = QTextCursor.MoveMode.KeepAnchor


class Finder(QObject):
    """Knows all hits as soon as they are found; places are Qt's.

    Signals:
        changed(): Hits were found, or are no more.
        replaced(count): All were replaced.
    """

    changed = Signal()
    replaced = Signal(int)

    def __init__(self, document: QTextDocument, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._query = Query("")
        self._pattern: re.Pattern[str] | None = None
        self._range: QTextCursor | None = None
        self._text = ""
        self._revision = -1
        self._places = Utf16Places("")
        self._found: Iterator[tuple[int, int]] = iter(())
        self.problem = ""
        self.begins: array[int] = array("q")
        self.ends: array[int] = array("q")
        self._replacement = ""
        self._left = 0  # hits that are still to be replaced
        self._has_step = False
        self._slices = QTimer(self)
        self._slices.setInterval(0)
        self._slices.timeout.connect(self._run_slice)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(DELAY_MS)
        self._again.timeout.connect(self._start)

    @property
    def is_complete(self) -> bool:
        """Whether all hits are known."""
        return not self._slices.isActive() and not self._again.isActive()

    @property
    def is_replacing(self) -> bool:
        """Whether hits are being replaced."""
        return self._left > 0

    def look_for(self, query: Query, within: QTextCursor | None = None) -> None:
        """Find a query anew, everywhere or in a cursor's selection; an empty one has no hits."""
        self._query = query
        self._range = within
        self.problem = ""
        self._pattern = None
        if query.text:
            try:
                self._pattern = compile_query(query)
            except AppError as error:
                self.problem = error.message
        self._start()

    def stop(self) -> None:
        """Forget all hits."""
        self._slices.stop()
        self._again.stop()
        self._pattern = None
        self._left = 0
        self._clear()

    def edited(self) -> None:
        """Take over that the document is another: what was found is no longer true."""
        if self._pattern is not None and not self.is_replacing:
            self._slices.stop()
            self._again.start()
            self._clear()

    # --- hits -----------------------------------------------------------------------------------------------

    def index_from(self, position: int) -> int:
        """Return which hit is the first that begins at or after a place; their number if none does."""
        return bisect_left(self.begins, position)

    def index_of(self, begin: int, end: int) -> int | None:
        """Return which hit has these ends."""
        index = self.index_from(begin)
        is_hit = index < len(self.begins) and self.begins[index] == begin and self.ends[index] == end
        return index if is_hit else None

    def between(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the hits that touch a stretch."""
        index = max(0, self.index_from(begin) - 1)
        while index < len(self.begins) and self.begins[index] < end:
            if self.ends[index] > begin:
                yield self.begins[index], self.ends[index]
            index += 1

    def _start(self) -> None:
        self._again.stop()
        self._slices.stop()
        self._clear(silent=True)
        if self._pattern is None:
            self.changed.emit()
            return
        # Paragraph separators become line feeds; nothing else is another than in the document.
        if self._revision != self._document.revision():
            self._revision = self._document.revision()
            self._text = inner_text_of(self._document.toRawText())
            self._places = Utf16Places(self._text)
        begin, end = 0, len(self._text)
        if self._range is not None:
            begin = self._places.from_qt(self._range.selectionStart())
            end = self._places.from_qt(self._range.selectionEnd())
        self._found = find_hits(self._pattern, self._text, begin, end)
        self._slices.start()
        self._run_slice()

    def _run_slice(self) -> None:
        deadline = time.monotonic() + SLICE_SECONDS
        if self.is_replacing:
            self._replace_some(deadline)
            return
        for begin, end in self._found:
            self.begins.append(self._places.to_qt(begin))
            self.ends.append(self._places.to_qt(end))
            if len(self.begins) >= MAX_HITS:
                break
            if time.monotonic() > deadline:
                self.changed.emit()
                return
        self._slices.stop()
        self.changed.emit()

    def _clear(self, *, silent: bool = False) -> None:
        self.begins, self.ends = array("q"), array("q")
        self._found = iter(())
        if not silent:
            self.changed.emit()

    # --- replacing --------------------------------------------------------------------------------------------

    def replace(self, index: int, replacement: str) -> None:
        """Replace one hit, as one step to undo."""
        cursor = QTextCursor(self._document)
        cursor.setPosition(self.begins[index])
        cursor.setPosition(self.ends[index], _KEEP)
        cursor.insertText(self._words_for(index, replacement))
        self._start()

    def replace_all(self, replacement: str) -> None:
        """Replace every hit; all together are one step to undo.

        Raises:
            AppError: The replacement names a group that the pattern does not have.
        """
        if not self.begins or not self.is_complete:
            return
        self._words_for(0, replacement)
        self._replacement = replacement
        self._left = len(self.begins)
        self._has_step = False
        self._slices.start()

    def _replace_some(self, deadline: float) -> None:
        """Go from the last hit to the first, so that the places of those left stay right."""
        cursor = QTextCursor(self._document)
        if self._has_step:
            cursor.joinPreviousEditBlock()
        else:
            cursor.beginEditBlock()
        self._has_step = True
        while self._left and time.monotonic() < deadline:
            index = self._left - 1
            cursor.setPosition(self.begins[index])
            cursor.setPosition(self.ends[index], _KEEP)
            cursor.insertText(self._words_for(index, self._replacement))
            self._left -= 1
        # Ending the step tells of the edit; all hits before the last must still count as being replaced.
        left, self._left = self._left, max(1, self._left)
        cursor.endEditBlock()
        self._left = left
        if not left:
            count = len(self.begins)
            self._slices.stop()
            self._start()
            self.replaced.emit(count)

    def _words_for(self, index: int, replacement: str) -> str:
        if self._pattern is None:
            return replacement
        hit = self._places.from_qt(self.begins[index]), self._places.from_qt(self.ends[index])
        return make_replacement(self._pattern, self._text, hit, replacement, self._query.is_regex)
