"""A block of code in the transcript: its language, a toolbar, and the code in colour."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QWidget

from ui.chat.code_text import MAX_WRAPPED_CHARACTERS, CodeText
from ui.chat.highlight import Highlighter, find_lexer
from ui.theme import Theme
from ui.widgets.icon_button import IconButton

#: A taller block scrolls inside, so that one file cannot bury the conversation.
MAX_VISIBLE_LINES = 60
COPIED_MS = 1500


class CodeBlock(QFrame):
    """Shows code that may still be growing.

    Signals:
        open_requested(str, str): Text and language, to be opened in the editor.
        resized(): Its height is another for the same width.
    """

    open_requested = Signal(str, str)
    resized = Signal()

    def __init__(self, theme: Theme, *, can_open: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = ""
        self._language = ""
        self._highlighted_lines = 0
        self._is_wrapped = False
        self.setObjectName("code_block")
        self._build(can_open=can_open)
        self._highlighter = Highlighter(theme, self._code.document(), self)

    def _build(self, *, can_open: bool) -> None:
        theme = self._theme
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setProperty("role", "muted")
        self._label.setFont(theme.font("small"))
        self._wrap = IconButton(theme, "wrap-text", "Wrap long lines")
        self._wrap.setObjectName("wrap_code_button")
        self._wrap.setCheckable(True)
        self._wrap.toggled.connect(self._on_wrap_toggled)
        self._open = IconButton(theme, "file-code", "Open in editor")
        self._open.setObjectName("open_code_button")
        self._open.setEnabled(can_open)
        self._open.clicked.connect(lambda: self.open_requested.emit(self._text, self._language))
        if not can_open:
            self._open.set_tooltip("Open in editor: there is no editor in this version yet")
        self._copy = IconButton(theme, "copy", "Copy code")
        self._copy.setObjectName("copy_code_button")
        self._copy.clicked.connect(self._on_copy_clicked)
        self._code = CodeText(theme, self)
        self._code.setObjectName("code_text")
        self._header = QWidget(self)
        header = QHBoxLayout(self._header)
        header.setContentsMargins(theme.space(3), theme.space(1), theme.space(1), theme.space(0.5))
        header.setSpacing(theme.space(0.5))
        header.addWidget(self._label, 1)
        for button in (self._wrap, self._open, self._copy):
            header.addWidget(button)

    def show_code(self, text: str, language: str, *, is_closed: bool) -> None:
        """Show ``text``; what only grew is appended, and coloured line by line until it is closed."""
        if text.startswith(self._text) and self._text:
            if len(text) > len(self._text):
                cursor = QTextCursor(self._code.document())
                cursor.movePosition(QTextCursor.MoveOperation.End)
                cursor.insertText(text[len(self._text) :])
        elif text != self._text:
            self._code.setPlainText(text)
            self._highlighted_lines = 0
        self._text, self._language = text, language
        self._describe()
        self._highlight(is_closed=is_closed)

    @property
    def source(self) -> str:
        """The code."""
        return self._text

    def layout_to(self, width: int) -> int:
        """Take ``width`` pixels and return the height."""
        for widget in (self, self._code, self._label):
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
        longest = max(map(len, self._text.split("\n")), default=0)
        return longest * self._code.fontMetrics().horizontalAdvance("x") > width

    def _describe(self) -> None:
        count = self._code.document().blockCount()
        name = self._language or "text"
        self._label.setText(name if count < 8 else f"{name}  ·  {count:,} lines")
        self._code.setAccessibleName(f"Code block, {name}, {count} lines")

    def _highlight(self, *, is_closed: bool) -> None:
        lexer = find_lexer(self._language)
        if lexer is None:
            return
        if is_closed:
            self._highlighter.start(lexer, self._text)
            return
        lines = self._text.split("\n")
        complete = len(lines) - 1
        if complete > self._highlighted_lines:
            new = "\n".join(lines[self._highlighted_lines : complete])
            self._highlighter.start(lexer, new, self._highlighted_lines)
            self._highlighted_lines = complete

    def _on_wrap_toggled(self, wrap: bool) -> None:
        can_wrap = max(map(len, self._text.split("\n")), default=0) <= MAX_WRAPPED_CHARACTERS
        self._is_wrapped = wrap and can_wrap
        mode = QPlainTextEdit.LineWrapMode
        self._code.setLineWrapMode(mode.WidgetWidth if self._is_wrapped else mode.NoWrap)
        self._code.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.resized.emit()

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self._copy.set_icon("check", "success")
        self._copy.setToolTip("Copied")
        QTimer.singleShot(COPIED_MS, self, self._show_copy)

    def _show_copy(self) -> None:
        self._copy.set_icon("copy", "text.muted")
        self._copy.set_tooltip("Copy code")
