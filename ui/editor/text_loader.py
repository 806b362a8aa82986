"""Puts a long text into a document a little at a time, so that the window stays alive and the first screen is there."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextCursor, QTextDocument

SLICE_SECONDS = 0.007
#: Characters that are put in between two looks at the clock.
STEP_CHARACTERS = 20_000


class TextLoader(QObject):
    """Puts a text into a document.

    Signals:
        begun(): The first lines are there.
        finished(): All of the text is in; it cannot be undone, and counts as unmodified.
    """

    begun = Signal()
    finished = Signal()

    def __init__(self, document: QTextDocument, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._rest = ""
        self._place = 0
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._run_slice)

    @property
    def is_active(self) -> bool:
        """Whether some of the text is still to come."""
        return self._timer.isActive()

    def start(self, text: str) -> None:
        """Replace the document's text; a short one is there at once."""
        self.stop()
        self._document.setUndoRedoEnabled(False)
        self._document.clear()
        self._rest, self._place = text, 0
        self._timer.start()
        self._run_slice()

    def finish(self) -> None:
        """Put in all that is missing now."""
        while self._timer.isActive():
            self._run_slice()

    def stop(self) -> None:
        """Leave the document as it is."""
        self._timer.stop()
        self._rest, self._place = "", 0

    def _run_slice(self) -> None:
        deadline = time.monotonic() + SLICE_SECONDS
        cursor = QTextCursor(self._document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        length, is_first = len(self._rest), not self._place
        while self._place < length and time.monotonic() < deadline:
            end = self._rest.find("\n", self._place + STEP_CHARACTERS)
            end = length if end < 0 else end
            cursor.insertText(self._rest[self._place : end])
            self._place = end
        if is_first:
            self.begun.emit()
        if self._place == length:
            self.stop()
            self._document.setUndoRedoEnabled(True)
            self._document.setModified(False)
            self.finished.emit()
