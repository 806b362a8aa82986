"""Looks for a query in a document, beside the window, and replaces hits, in slices of time."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextCursor, QTextDocument

from app.errors import AppError
from app.files.find import Query, TooLongError, compile_query, make_replacement
from app.files.hit_search import HitSearch
from app.files.inner_text import Utf16Places, inner_text_of

if TYPE_CHECKING:
    import regex

SLICE_SECONDS = 0.004
#: How often it is looked what a search has found.
LOOK_MS = 10
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
        self._pattern: regex.Pattern[str] | None = None
        self._range: QTextCursor | None = None
        self._text = ""
        self._revision = -1
        self._places = Utf16Places("")
        self._search: HitSearch | None = None
        self._given_up: HitSearch | None = None
        self._found: deque[tuple[int, int]] = deque()
        self.problem = ""
        self.begins: array[int] = array("q")
        self.ends: array[int] = array("q")
        self._replacement = ""
        self._left = 0  # hits that are still to be replaced
        self._has_step = False
        self._slices = QTimer(self)
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
        self.problem = ""
        self._slices.start(LOOK_MS)
        self._run_slice()

    def _begin(self) -> None:
        """Begin to look; a search that was given up may need some time to end, and only one is to work at once."""
        if self._pattern is None or (self._given_up is not None and self._given_up.is_running):
            return
        self._given_up = None
        # Paragraph separators become line feeds; nothing else is another than in the document.
        if self._revision != self._document.revision():
            self._revision = self._document.revision()
            self._text = inner_text_of(self._document.toRawText())
            self._places = Utf16Places(self._text)
        begin, end = 0, len(self._text)
        if self._range is not None:
            begin = self._places.from_qt(self._range.selectionStart())
            end = self._places.from_qt(self._range.selectionEnd())
        self._search = HitSearch(self._pattern, self._text, begin, end)

    def _run_slice(self) -> None:
        if self._search is None:
            self._begin()
        deadline = time.monotonic() + SLICE_SECONDS
        if self.is_replacing:
            self._replace_some(deadline)
            return
        if self._search is None:
            return
        is_over = not self._search.is_running  # asked before the hits are taken, so that these are all
        self._found += self._search.take()
        has_more = bool(self._found)
        while self._found and time.monotonic() < deadline:
            begin, end = self._found.popleft()
            self.begins.append(self._places.to_qt(begin))
            self.ends.append(self._places.to_qt(end))
        if is_over and not self._found:
            self._slices.stop()
            problem = self._search.problem
            self.problem = problem.title if problem is not None else ""
            self.changed.emit()
        elif has_more:
            self.changed.emit()

    def _clear(self, *, silent: bool = False) -> None:
        self.begins, self.ends = array("q"), array("q")
        self._found.clear()
        if self._search is not None:
            self._search.cancel()
            self._given_up, self._search = self._search, None
        if not silent:
            self.changed.emit()

    # --- replacing --------------------------------------------------------------------------------------------

    def replace(self, index: int, replacement: str) -> None:
        """Replace one hit, as one step to undo.

        Raises:
            AppError: The replacement names a group that the pattern does not have.
        """
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
        self._slices.start(0)

    def _replace_some(self, deadline: float) -> None:
        """Go from the last hit to the first, so that the places of those left stay right."""
        cursor = QTextCursor(self._document)
        if self._has_step:
            cursor.joinPreviousEditBlock()
        else:
            cursor.setPosition(self.begins[0])  # where undoing it leads
            cursor.beginEditBlock()
        self._has_step = True
        is_given_up = False
        while self._left and time.monotonic() < deadline:
            index = self._left - 1
            cursor.setPosition(self.begins[index])
            cursor.setPosition(self.ends[index], _KEEP)
            try:
                words = self._words_for(index, self._replacement)
            except TooLongError:
                is_given_up = True
                break
            cursor.insertText(words)
            self._left -= 1
        # Ending the step tells of the edit; all hits before the last must still count as being replaced.
        left, self._left = self._left, max(1, self._left)
        cursor.endEditBlock()
        self._left = 0 if is_given_up else left
        if not self._left:
            count = len(self.begins) - left
            self._slices.stop()
            self._start()
            self.replaced.emit(count)

    def _words_for(self, index: int, replacement: str) -> str:
        if self._pattern is None:
            return replacement
        hit = self._places.from_qt(self.begins[index]), self._places.from_qt(self.ends[index])
        return make_replacement(self._pattern, self._text, hit, replacement, self._query.is_regex)
