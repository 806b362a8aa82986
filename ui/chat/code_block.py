"""A block of code in the transcript: its language, what can be done with it, and the code in colour."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QEnterEvent, QGuiApplication, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from app.files.block_source import BlockSource
from ui.chat.block_offers import BlockOffers
from ui.chat.code_header import CodeHeader
from ui.chat.code_text import MAX_WRAPPED_CHARACTERS, CodeText
from ui.chat.highlight import Highlighter, find_lexer
from ui.theme import Theme

#: A taller block scrolls inside, so that one file cannot bury the conversation.
MAX_VISIBLE_LINES = 60
#: Fewer lines are seen at a glance.
_COUNTED_LINES = 8


class CodeBlock(QFrame):
    """Shows code that may still be growing; only what is closed can be used.

    Signals:
        offers_asked(CodeBlock): What can be done with it now? Whoever knows answers with ``show_offers``.
        action_requested(str, BlockSource): A ``BlockAction``, and what it is to be done with.
        resized(): Its height is another for the same width.
    """

    offers_asked = Signal(object)
    action_requested = Signal(str, object)
    resized = Signal()

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._source = BlockSource("")
        self._is_closed = False
        self._highlighted_lines = 0
        self._is_wrapped = False
        self.setObjectName("code_block")
        self._code = CodeText(theme, self)
        self._code.setObjectName("code_text")
        self._header = CodeHeader(theme, self)
        self._header.wrap_toggled.connect(self._on_wrap_toggled)
        self._header.copy_clicked.connect(lambda: QGuiApplication.clipboard().setText(self.source.text))
        self._header.menu_opening.connect(self.ask_offers)
        self._header.chosen.connect(lambda action: self.action_requested.emit(action, self._source))
        self._highlighter = Highlighter(theme, self._code.document(), self)

    def show_code(self, source: BlockSource, *, is_closed: bool) -> None:
        """Show a block; what only grew is appended, and coloured line by line until it is closed."""
        text, shown = source.text, self._source.text
        if text.startswith(shown) and shown:
            if len(text) > len(shown):
                cursor = QTextCursor(self._code.document())
                cursor.movePosition(QTextCursor.MoveOperation.End)
                cursor.insertText(text[len(shown) :])
        elif text != shown:
            self._code.setPlainText(text)
            self._highlighted_lines = 0
        self._source, self._is_closed = source, is_closed
        self._describe()
        self._highlight(is_closed=is_closed)

    @property
    def source(self) -> BlockSource:
        """The code, and what was said of it."""
        return self._source

    @property
    def is_closed(self) -> bool:
        """Whether all of it has come."""
        return self._is_closed

    def ask_offers(self) -> None:
        """Ask what can be done with it now, once it is closed."""
        if self._is_closed:
            self.offers_asked.emit(self)

    def show_offers(self, offers: BlockOffers | None) -> None:
        """Offer these things and no others."""
        self._header.show_offers(offers)

    def layout_to(self, width: int) -> int:
        """Take ``width`` pixels and return the height."""
        for widget in (self, self._code, self._header):
            widget.ensurePolished()  # the style sheet's fonts and margins count, and come late by themselves
        left, code_width = self._theme.space(3), width - self._theme.space(4)
        self._code.resize(code_width, self._code.height())
        lines = self._visual_lines()
        policy = Qt.ScrollBarPolicy
        self._code.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if lines > MAX_VISIBLE_LINES else policy.ScrollBarAlwaysOff
        )
        has_bar = not self._is_wrapped and self._overflows(code_width)
        bar = self._code.horizontalScrollBar().sizeHint().height() if has_bar else 0
        top = self._header.sizeHint().height() + self._theme.space(0.5)
        height = math.ceil(min(lines, MAX_VISIBLE_LINES) * self._code.line_height()) + bar + 2
        self._header.setGeometry(1, 1, width - 2, top)
        self._code.setGeometry(left, top, code_width, height)
        return top + height + self._theme.space(2)

    def _visual_lines(self) -> int:
        document = self._code.document()
        return max(1, round(document.size().height()) if self._is_wrapped else document.blockCount())

    def _overflows(self, width: int) -> bool:
        longest = max(map(len, self._source.text.split("\n")), default=0)
        return longest * self._code.fontMetrics().horizontalAdvance("x") > width

    def _describe(self) -> None:
        count = self._code.document().blockCount()
        name = self._source.language or "text"
        self._header.describe(name if count < _COUNTED_LINES else f"{name} \u00b7 {count:,} lines")
        self._code.setAccessibleName(f"Code block, {name}, {count} lines")

    def _highlight(self, *, is_closed: bool) -> None:
        lexer = find_lexer(self._source.language)
        if lexer is None:
            return
        if is_closed:
            self._highlighter.start(lexer, self._source.text)
            return
        lines = self._source.text.split("\n")
        complete = len(lines) - 1
        if complete > self._highlighted_lines:
            new = "\n".join(lines[self._highlighted_lines : complete])
            self._highlighter.start(lexer, new, self._highlighted_lines)
            self._highlighted_lines = complete

    def _on_wrap_toggled(self, wrap: bool) -> None:
        can_wrap = max(map(len, self._source.text.split("\n")), default=0) <= MAX_WRAPPED_CHARACTERS
        self._is_wrapped = wrap and can_wrap
        mode = QPlainTextEdit.LineWrapMode
        self._code.setLineWrapMode(mode.WidgetWidth if self._is_wrapped else mode.NoWrap)
        self._code.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.resized.emit()

    # --- Qt ---------------------------------------------------------------------------------------------

    def enterEvent(self, event: QEnterEvent) -> None:
        """Look again at what can be done: another file may be open."""
        self.ask_offers()
        super().enterEvent(event)
