"""Colours the lines in view, a few milliseconds at a time, whatever the length of the file."""

from __future__ import annotations

import time
from collections.abc import Iterator

from pygments.lexer import Lexer
from pygments.token import Comment, String, _TokenType
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QFont, QTextBlock, QTextCharFormat, QTextDocument, QTextLayout

from app.files.inner_text import inner_text_of, utf16_shadow
from app.files.lexing import LineLexer, LineTokens, Span
from ui.theme import Theme

SLICE_SECONDS = 0.003
#: Tokens between two looks at the clock.
STEP = 60
#: Lines below the view that are kept ready.
AHEAD_LINES = 60
#: Longer texts stay plain: each key press copies them.
MAX_CHARACTERS = 6_000_000
#: The same for languages that are lexed from the first line on at each edit.
MAX_WHOLE_CHARACTERS = 1_000_000
#: Longer lines stay plain: Qt lays out coloured ones slowly.
MAX_LINE_CHARACTERS = 20_000
#: How long after an edit the lines far before it are looked at again.
RECHECK_MS = 1500
#: How long after an edit a language without saved states is lexed again.
WHOLE_DELAY_MS = 120


class LineHighlighter(QObject):
    """Keeps the colours of a document's lines; told of every edit and of every change of the view."""

    def __init__(self, theme: Theme, document: QTextDocument, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._document = document
        self._pygments: Lexer | None = None
        self._lexer: LineLexer | None = None
        self._formats: dict[_TokenType, QTextCharFormat | None] = {}
        #: Coloured lines, and with what.
        self._shown: dict[int, list[Span]] = {}
        self._view = (0, 0)
        self._look: Iterator[list[LineTokens]] | None = None
        self._edited_line = 0
        self._slices = QTimer(self)
        self._slices.setInterval(0)
        self._slices.timeout.connect(self._run_slice)
        self._recheck = QTimer(self)
        self._recheck.setSingleShot(True)
        self._recheck.setInterval(RECHECK_MS)
        self._recheck.timeout.connect(self._on_recheck)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(WHOLE_DELAY_MS)
        self._delay.timeout.connect(self._slices.start)

    # --- what it is told ----------------------------------------------------------------------------------

    @property
    def is_at_work(self) -> bool:
        """Whether lines in view may still change their colours."""
        return self._slices.isActive() or self._delay.isActive()

    def start(self, lexer: Lexer | None, text: str) -> None:
        """Colour another text, as ``utf16_shadow`` makes it, or leave it plain where ``lexer`` is None."""
        self.stop()
        self._clear()
        self._pygments = lexer
        self._lexer = None if lexer is None or len(text) > MAX_CHARACTERS else LineLexer(lexer, self._position_of)
        if self._lexer is not None and self._lexer.is_whole and len(text) > MAX_WHOLE_CHARACTERS:
            self._lexer = None
        if self._lexer is not None:
            self._lexer.reset(text)
            self._slices.start()

    def stop(self) -> None:
        """Leave all as it is."""
        for timer in (self._slices, self._recheck, self._delay):
            timer.stop()

    def restyle(self) -> None:
        """Colour again, in the theme's new colours."""
        self._formats.clear()
        self._shown.clear()
        if self._lexer is not None:
            if self._lexer.is_whole:
                self._lexer.reset(self._lexer.text[:-1])
            self._slices.start()

    def edited(self, line: int, position: int, added: str, total: int) -> None:
        """Take an edit over, in Qt's units; ``total`` is the length of the text after it.

        How much was removed follows from it: Qt may count the end of the last line too.
        """
        if self._lexer is None:
            return
        removed = len(self._lexer.text) + len(added) - total
        if removed < 0 or position + removed >= len(self._lexer.text):
            text = utf16_shadow(inner_text_of(self._document.toRawText()))
            self.start(self._pygments, text)
            return
        gone, new = self._lexer.edit(line, position, removed, added)
        if gone != new:
            self._shown = {
                (number if number <= line else number + new - gone): spans
                for number, spans in self._shown.items()
                if number <= line or number > line + gone
            }
        for number in range(line, line + new + 1):
            self._shown.pop(number, None)
        self._look = None
        self._edited_line = line
        if self._lexer.is_whole:
            self._slices.stop()
            self._delay.start()
        else:
            self._slices.start()
            self._recheck.start()
            self._run_slice()  # the line is painted next, and in its colours

    def set_view(self, first: int, last: int) -> None:
        """Say which lines are seen."""
        if self._lexer is not None and (first, last) != self._view and not self._delay.isActive():
            self._slices.start()
        self._view = (first, last)
        self._look = None

    def is_code(self, line: int, column: int) -> bool:
        """Tell whether a place, in Qt's units, is known to be in neither a string nor a comment."""
        for begin, length, kind in self._shown.get(line, ()):
            if begin <= column < begin + length:
                return not any(part in {String, Comment} for part in kind.split())
        return True

    # --- at work --------------------------------------------------------------------------------------------

    def _run_slice(self) -> None:
        deadline = time.monotonic() + SLICE_SECONDS
        while time.monotonic() < deadline:
            if not self._work():
                self._slices.stop()
                return

    def _work(self) -> bool:
        """Do a little; return whether there is more."""
        lexer = self._lexer
        if lexer is None:
            return False
        first, last = self._view
        if lexer.is_whole:
            return self._take(lexer.step(self._document.blockCount(), STEP), is_all=True)
        is_far = lexer.reached < first
        if is_far and self._look_at_view(lexer):
            return True
        if self._take(lexer.step(last + AHEAD_LINES, STEP)):
            return True
        return self._look_at_view(lexer)

    def _look_at_view(self, lexer: LineLexer) -> bool:
        """Colour what is in view and plain, from the nearest known line or, far from any, by a guess."""
        if self._look is None:
            first, last = self._view
            plain = [number for number in range(first, last + 1) if number not in self._shown]
            if not plain:
                return False
            self._look = lexer.look(plain[0], plain[-1] + 1)
        finished = next(self._look, None)
        if finished is None:
            self._look = None
            first, last = self._view
            for number in range(first, min(last + 1, self._document.blockCount())):
                self._shown.setdefault(number, [])
            return False
        return self._take(finished, is_all=True)

    def _take(self, finished: list[LineTokens] | None, *, is_all: bool = False) -> bool:
        if finished is None:
            return False
        first, last = self._view
        for number, spans in finished:
            if self._shown.get(number) == spans:
                continue
            if is_all or first <= number <= last:
                self._shown[number] = spans
                self._paint(self._document.findBlockByNumber(number), spans)
            else:
                self._shown.pop(number, None)
        return True

    def _paint(self, block: QTextBlock, spans: list[Span]) -> None:
        layout = block.layout()
        if not block.isValid() or layout is None or layout.preeditAreaText():
            return  # an input method draws there; its text arrives as an edit
        ranges: list[QTextLayout.FormatRange] = []
        if block.length() <= MAX_LINE_CHARACTERS:
            for begin, length, kind in spans:
                form = self._format(kind)
                if form is not None:
                    one = QTextLayout.FormatRange()
                    one.start, one.length, one.format = begin, length, form
                    ranges.append(one)
        layout.setFormats(ranges)
        self._document.markContentsDirty(block.position(), block.length())

    def _format(self, kind: _TokenType) -> QTextCharFormat | None:
        """Return how a type is drawn, None for plain text."""
        if kind not in self._formats:
            style = self._theme.code_style()[kind]
            is_plain = style.color == self._theme.color("text") and not style.bold and not style.italic
            made = QTextCharFormat()
            made.setForeground(style.color)
            if style.bold:
                made.setFontWeight(QFont.Weight.Bold)
            made.setFontItalic(style.italic)
            self._formats[kind] = None if is_plain else made
        return self._formats[kind]

    def _clear(self) -> None:
        for number in self._shown:
            block = self._document.findBlockByNumber(number)
            if block.isValid() and block.layout() is not None:
                block.layout().clearFormats()
                self._document.markContentsDirty(block.position(), block.length())
        self._shown.clear()
        self._look = None

    def _on_recheck(self) -> None:
        if self._lexer is not None:
            self._lexer.recheck(self._edited_line)
            self._slices.start()

    def _position_of(self, line: int) -> int:
        return self._document.findBlockByNumber(line).position()
