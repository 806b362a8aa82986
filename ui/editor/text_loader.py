"""Puts a long text into a document a little at a time, so that the window stays alive and the first screen is there."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextCursor, QTextDocument

#: Characters that are put in at once: a few milliseconds.
SLICE_CHARACTERS = 40_000


class TextLoader(QObject):
    """Signals: finished() when all of the text is in; it cannot be undone, and counts as unmodified."""

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
        self._timer.stop()
        self._document.setUndoRedoEnabled(False)
        self._document.clear()
        self._rest, self._place = text, 0
        self._run_slice()
        if self._place < len(text):
            self._timer.start()

    def finish(self) -> None:
        """Put in all that is missing now."""
        while self._timer.isActive():
            self._run_slice()

    def stop(self) -> None:
        """Leave the document as it is."""
        self._timer.stop()
        self._rest = ""

    def _run_slice(self) -> None:
        end = self._rest.find("\n", self._place + SLICE_CHARACTERS)
        end = len(self._rest) if end < 0 else end
        cursor = QTextCursor(self._document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(self._rest[self._place : end])
        self._place = end
        if end == len(self._rest):
            self._timer.stop()
            self._rest = ""
            self._place = 0
            self._document.setUndoRedoEnabled(True)
            self._document.setModified(False)
            self.finished.emit()
