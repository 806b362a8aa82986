"""Follows the word after an at sign that was typed in the composer."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QTextCursor

from ui.chat.composer_edit import MENTION, ComposerEdit

MAX_QUERY = 200
_OPENERS = "([{"
_KEEP = QTextCursor.MoveMode.KeepAnchor


class MentionWatch(QObject):
    """Begins only with an at sign that is typed at the start of a word: pasted code and addresses are left alone.

    Signals:
        changed(str): What stands between the sign and the cursor; first an empty text.
        ended(): The cursor left it, or the sign is gone.
    """

    changed = Signal(str)
    ended = Signal()

    def __init__(self, edit: ComposerEdit, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._edit = edit
        self._sign: QTextCursor | None = None  # moves with the text before it
        self._query = ""
        edit.mention_typed.connect(self._on_mention_typed)
        edit.cursorPositionChanged.connect(self._follow)
        edit.textChanged.connect(self._follow)

    @property
    def query(self) -> str | None:
        """What was typed after the sign; None while there is none."""
        return None if self._sign is None else self._query

    def begin(self) -> None:
        """Type the sign."""
        cursor = self._edit.textCursor()
        before = self._edit.document().characterAt(cursor.selectionStart() - 1) if cursor.selectionStart() else " "
        cursor.insertText(MENTION if before.isspace() or before in _OPENERS else f" {MENTION}")
        self._edit.setTextCursor(cursor)
        self._on_mention_typed()

    def take(self) -> None:
        """Take the sign and the word out of the text, as one step that can be undone."""
        if self._sign is not None:
            cursor = self._edit.textCursor()
            end = cursor.position()
            cursor.setPosition(self._sign.position())
            cursor.setPosition(end, _KEEP)
            self.stop()
            cursor.removeSelectedText()

    def stop(self) -> None:
        """Follow it no more."""
        if self._sign is not None:
            self._sign = None
            self.ended.emit()

    def _on_mention_typed(self) -> None:
        place = self._edit.textCursor().position() - 1
        before = self._edit.document().characterAt(place - 1) if place > 0 else " "
        if before.isspace() or before in _OPENERS:
            self._sign = QTextCursor(self._edit.document())
            self._sign.setPosition(place)
            self._query = ""
            self.changed.emit("")

    def _follow(self) -> None:
        if self._sign is None:
            return
        query = self._word()
        if query is None:
            self.stop()
        elif query != self._query:
            self._query = query
            self.changed.emit(query)

    def _word(self) -> str | None:
        """Return what stands between the sign and the cursor; None where that is no word after a sign."""
        cursor = self._edit.textCursor()
        if self._sign is None or cursor.hasSelection():
            return None
        start, end = self._sign.position(), cursor.position()
        if not start < end <= start + MAX_QUERY or self._edit.document().characterAt(start) != MENTION:
            return None
        word = QTextCursor(self._sign)
        word.setPosition(start + 1)
        word.setPosition(end, _KEEP)
        text = word.selectedText()
        return None if any(character.isspace() for character in text) else text
