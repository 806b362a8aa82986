"""Colours code in slices, so that ten thousand lines never hold the window up."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import _TokenType
from pygments.util import ClassNotFound
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QFont, QTextBlock, QTextCharFormat, QTextDocument, QTextLayout

from ui.theme import Theme

SLICE_SECONDS = 0.004
#: Colouring stops here: beyond it lines are plain, which nobody reads for their colour.
MAX_CHARACTERS = 1_000_000


def find_lexer_for_path(path: str) -> Lexer | None:
    """Return Pygments' lexer for a file of that name, or None."""
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    try:
        return get_lexer_for_filename(name, stripnl=False, ensurenl=False) if name else None
    except ClassNotFound:
        return None


def find_lexer(language: str) -> Lexer | None:
    """Return Pygments' lexer for the word after a fence, or None."""
    if not language:
        return None
    try:
        return get_lexer_by_name(language.lower(), stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def utf16_length(text: str) -> int:
    """Return what Qt counts: UTF-16 units, of which characters beyond the first plane take two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def format_range(start: int, length: int, form: QTextCharFormat) -> QTextLayout.FormatRange:
    """Return a stretch of a line with its format; start and length as Qt counts."""
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = start, length, form
    return made


class Highlighter(QObject):
    """Applies Pygments' tokens to a document's layouts; ``start`` again drops what was under way."""

    def __init__(self, theme: Theme, document: QTextDocument, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._document = document
        self._formats: dict[_TokenType, QTextCharFormat] = {}
        self._tokens: Iterator[tuple[_TokenType, str]] = iter(())
        self._block = QTextBlock()
        self._ranges: list[QTextLayout.FormatRange] = []
        self._column = 0
        self._overlays: Mapping[int, Sequence[QTextLayout.FormatRange]] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._run_slice)

    def set_overlays(self, overlays: Mapping[int, Sequence[QTextLayout.FormatRange]]) -> None:
        """Draw these, by line, over the colours of the code."""
        self._overlays = overlays

    def start(self, lexer: Lexer, text: str, first_line: int = 0) -> None:
        """Colour ``text``, which stands in the document from ``first_line`` on."""
        self._tokens = iter(lexer.get_tokens(text[:MAX_CHARACTERS]))
        self._block = self._document.findBlockByNumber(first_line)
        self._ranges, self._column = [], 0
        self._timer.start()
        self._run_slice()

    def stop(self) -> None:
        """Leave the rest as it is."""
        self._timer.stop()

    def restyle(self) -> None:
        """Forget the formats of the old theme."""
        self._formats.clear()

    def _run_slice(self) -> None:
        deadline = time.monotonic() + SLICE_SECONDS
        for kind, text in self._tokens:
            self._take(kind, text)
            if time.monotonic() > deadline:
                return
        self._close_line()
        self._timer.stop()

    def _take(self, kind: _TokenType, text: str) -> None:
        lines = text.split("\n")
        for number, line in enumerate(lines):
            if line:
                length = utf16_length(line)
                self._ranges.append(format_range(self._column, length, self._format(kind)))
                self._column += length
            if number < len(lines) - 1:
                self._close_line()
                self._block = self._block.next()

    def _close_line(self) -> None:
        if self._block.isValid():
            self._block.layout().setFormats([*self._ranges, *self._overlays.get(self._block.blockNumber(), ())])
            self._document.markContentsDirty(self._block.position(), self._block.length())
        self._ranges, self._column = [], 0

    def _format(self, kind: _TokenType) -> QTextCharFormat:
        known = self._formats.get(kind)
        if known is None:
            style = self._theme.code_style()[kind]
            known = QTextCharFormat()
            known.setForeground(style.color)
            known.setFontWeight(QFont.Weight.Bold if style.bold else QFont.Weight.Normal)
            known.setFontItalic(style.italic)
            self._formats[kind] = known
        return known
