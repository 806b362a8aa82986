"""Read-only text from outside, character by character: nothing hides in it, and every place in it can be found."""

from __future__ import annotations

import unicodedata
from itertools import accumulate

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from app.tools.visible import with_signs
from ui.chat.code_text import MAX_WRAPPED_CHARACTERS
from ui.theme import Theme


def name_of(char: str) -> str:
    """Return the name of a hidden character, as Unicode has it."""
    return unicodedata.name(char, f"U+{ord(char):04X}")


class Places:
    """Turns places of a text into Qt's, which counts UTF-16 units, and back."""

    def __init__(self, text: str) -> None:
        self._starts: list[int] | None = None
        if not text.isascii() and any(char > "\uffff" for char in text):
            self._starts = [0, *accumulate(2 if char > "\uffff" else 1 for char in text)]
            self._back = {start: place for place, start in enumerate(self._starts)}

    def to_qt(self, place: int) -> int:
        """Return Qt's place of a character."""
        return place if self._starts is None else self._starts[min(place, len(self._starts) - 1)]

    def from_qt(self, place: int) -> int:
        """Return the character at a place of Qt's."""
        if self._starts is None:
            return place
        return self._back.get(place, self._back.get(place - 1, 0))


class TextPane(QPlainTextEdit):
    """Shows a text in the code font, wrapped at any character; it may be as tall as its text."""

    def __init__(self, theme: Theme, name: str, words: str, most_lines: int = 0, parent: QWidget | None = None) -> None:
        """Build it.

        Args:
            theme: Its font.
            name: Its objectName.
            words: Its accessible name.
            most_lines: It is as tall as its text, up to so many lines; 0: as tall as the layout makes it.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._theme = theme
        self._most_lines = most_lines
        self._text = ""
        self.places = Places("")
        self.setObjectName(name)
        self.setAccessibleName(words)
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "plain")
        self.setUndoRedoEnabled(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(0)
        option = self.document().defaultTextOption()
        option.setTextDirection(Qt.LayoutDirection.LeftToRight)
        self.document().setDefaultTextOption(option)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._dress()
        theme.changed.connect(self._dress)

    @property
    def text(self) -> str:
        """The text as it was given."""
        return self._text

    def show_text(self, text: str) -> None:
        """Show another text."""
        if text == self._text:
            return
        self._text = text
        self.places = Places(text)
        longest = max(map(len, text.split("\n")), default=0)
        is_wrapped = longest <= MAX_WRAPPED_CHARACTERS
        mode, policy = QPlainTextEdit.LineWrapMode, Qt.ScrollBarPolicy
        self.setLineWrapMode(mode.WidgetWidth if is_wrapped else mode.NoWrap)
        self.setHorizontalScrollBarPolicy(policy.ScrollBarAlwaysOff if is_wrapped else policy.ScrollBarAsNeeded)
        self.setPlainText(with_signs(text))
        self._fit()

    def cursor_at(self, start: int, end: int) -> QTextCursor:
        """Return a cursor that holds the characters from ``start`` to ``end``."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(self.places.to_qt(start))
        cursor.setPosition(self.places.to_qt(end), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def reveal(self, start: int, end: int) -> None:
        """Select characters and bring them into sight."""
        cursor = self.cursor_at(end, start)  # the view follows a cursor's end: let it be the beginning
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._most_lines:
            lines = min(self._most_lines, max(1, round(self.document().size().height())))
            self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 4)

    def _dress(self) -> None:
        self.setFont(self._theme.font("mono.small"))
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self._fit()
