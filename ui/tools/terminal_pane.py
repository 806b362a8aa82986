"""What a command prints, in its colours, as it comes; the last lines of it."""

from __future__ import annotations

import math

from pygments.token import Token, _TokenType
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QTextCharFormat, QTextCursor, QTextLayout
from PySide6.QtWidgets import QWidget

from app.tools.visible import make_visible
from ui.chat.code_text import CodeText
from ui.chat.highlight import format_range, utf16_length
from ui.theme import Theme
from ui.tools.sgr import Look, SgrReader

#: Lines that are kept.
MAX_LINES = 2000
MAX_VISIBLE_LINES = 20
#: Qt draws longer lines slowly; the rest of one is left out.
MAX_LINE_CHARACTERS = 4000

#: A terminal's colour -> (colour token, or the kind of code that has such a colour; token of the ground).
_COLORS: dict[str, tuple[str | _TokenType, str]] = {
    "black": ("text.faint", "surface.sunken"),
    "red": ("danger", "danger.soft"),
    "green": ("success", "success.soft"),
    "yellow": ("warning", "warning.soft"),
    "blue": (Token.Name.Function, "accent.soft"),
    "magenta": (Token.Keyword, "accent.soft"),
    "cyan": (Token.Keyword.Type, "accent.soft"),
    "white": ("text", "pressed"),
}


class TerminalPane(CodeText):
    """Grows at its end and follows it, unless somebody scrolled up."""

    def __init__(
        self, theme: Theme, name: str, spoken: str, *, has_colors: bool = True, parent: QWidget | None = None
    ) -> None:
        """Build an empty pane.

        Args:
            theme: Draws it.
            name: Its objectName.
            spoken: Its accessible name.
            has_colors: Colours (SGR) are colours; otherwise such sequences are spelled out.
            parent: Qt's owner.
        """
        super().__init__(theme, parent)
        self._theme = theme
        self._reader = SgrReader() if has_colors else None
        self._formats: dict[Look, QTextCharFormat] = {}
        self._tail: list[QTextLayout.FormatRange] = []  # looks of the last line, which may grow
        self._held = ""  # a line end at the end makes no line yet
        self._longest = 0
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setMaximumBlockCount(MAX_LINES)

    def append(self, text: str, *, is_end: bool = False) -> None:
        """Show more output."""
        pieces = self._read(_last_lines(text), is_end=is_end)
        plain = "".join(piece for piece, _ in pieces)
        if not plain:
            return
        pieces = [(self._held, Look()), *pieces]
        self._held = "\n" if plain.endswith("\n") else ""
        if self._held:
            pieces[-1] = (pieces[-1][0][:-1], pieces[-1][1])
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 1
        self._insert(pieces)
        if follows:
            bar.setValue(bar.maximum())

    @property
    def longest(self) -> int:
        """Characters of its longest line."""
        return self._longest

    def layout_to(self, width: int) -> int:
        """Take ``width`` pixels and return the height."""
        self.ensurePolished()
        self.resize(width, max(1, self.height()))
        count = self.document().blockCount()
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded)
        is_wide = self._longest * self.fontMetrics().horizontalAdvance("x") > width - self._theme.space(4)
        self.setHorizontalScrollBarPolicy(policy.ScrollBarAlwaysOn if is_wide else policy.ScrollBarAlwaysOff)
        bar = self.horizontalScrollBar().sizeHint().height() if is_wide else 0
        return math.ceil(min(count, MAX_VISIBLE_LINES) * self.line_height()) + bar + 2

    def _read(self, text: str, *, is_end: bool) -> list[tuple[str, Look]]:
        if self._reader is None:
            return [(make_visible(text), Look())]
        return [*self._reader.feed(text), *(self._reader.finish() if is_end else [])]

    def _insert(self, pieces: list[tuple[str, Look]]) -> None:
        document = self.document()
        block = document.lastBlock()
        looks = [list(self._tail)]
        column = utf16_length(block.text())
        texts: list[str] = []
        for text, look in pieces:
            for number, whole in enumerate(text.split("\n")):
                if number:
                    looks.append([])
                    texts.append("\n")
                    column = 0
                line = whole if column < MAX_LINE_CHARACTERS else ""
                line = line if len(line) <= MAX_LINE_CHARACTERS else line[:MAX_LINE_CHARACTERS] + " \u2026"
                if line:
                    length = utf16_length(line)
                    if look != Look():
                        looks[-1].append(format_range(column, length, self._format(look)))
                    column += length
                    self._longest = max(self._longest, column)
                    texts.append(line)
        cursor = QTextCursor(document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText("".join(texts))
        start = cursor.position()
        self._tail = looks[-1]
        block = document.lastBlock()
        end = block.position() + block.length()
        for ranges in reversed(looks):
            if not block.isValid():
                break
            if ranges:
                block.layout().setFormats(ranges)
            start, block = block.position(), block.previous()
        document.markContentsDirty(start, end - start)

    def _format(self, look: Look) -> QTextCharFormat:
        known = self._formats.get(look)
        if known is None:
            known = self._formats[look] = self._make_format(look)
        return known

    def _make_format(self, look: Look) -> QTextCharFormat:
        form = QTextCharFormat()
        color = self._color(_COLORS[look.color][0]) if look.color else None
        if look.faint and color is None:
            color = self._theme.color("text.faint")
        if look.inverse:
            form.setBackground(color or self._theme.color("text"))
            form.setForeground(self._theme.color("background"))
        else:
            if color is not None:
                form.setForeground(color)
            if look.ground:
                form.setBackground(self._theme.color(_COLORS[look.ground][1]))
        if look.bold:
            form.setFontWeight(QFont.Weight.Bold)
        form.setFontItalic(look.italic)
        form.setFontUnderline(look.underline)
        return form

    def _color(self, name: str | _TokenType) -> QColor:
        return self._theme.color(name) if isinstance(name, str) else self._theme.code_style()[name].color


def _last_lines(text: str) -> str:
    """Leave out what would scroll away at once; a colour that began in it is lost with it."""
    if text.count("\n") < MAX_LINES:
        return text
    place = len(text)
    for _ in range(MAX_LINES - 1):
        place = text.rindex("\n", 0, place)
    return text[place + 1 :]
