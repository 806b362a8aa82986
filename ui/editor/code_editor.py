"""The text of one file, to read and to change: numbers, colours, brackets, finding, and what a key does."""

from __future__ import annotations

from pygments.lexer import Lexer
from PySide6.QtCore import QEvent, QMimeData, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QWidget

from app.files.brackets import CLOSERS, PAIRS, find_partner
from app.files.comments import find_comment_marks
from app.files.editing import Indent, common_beginning
from app.files.inner_text import from_inner, inner_text_of, to_inner, utf16_shadow
from ui.chat.highlight import find_lexer, find_lexer_for_path, utf16_length
from ui.editor.edit_keys import EditKeys
from ui.editor.edit_menu import make_menu
from ui.editor.editor_view import KEEP, MAX_WRAPPED_CHARACTERS, EditorView
from ui.editor.find_bar import FindBar
from ui.editor.finder import Finder
from ui.editor.ghost_layer import first_word
from ui.editor.line_commands import LineCommands, one_step
from ui.editor.line_field import LineField
from ui.editor.line_highlighter import LineHighlighter
from ui.editor.text_loader import TextLoader
from ui.theme import Theme

#: What of a long text is coloured while the rest is loading.
FIRST_CHARACTERS = 20_000


class CodeEditor(EditorView):
    """One file's text. Its lines end with line feeds, whatever they end with in the file.

    Signals:
        save_requested(): Ctrl+S.
        selection_asked(): Ctrl+L, or its line in the menu: the person wants to ask about the selection.
        typed(): The text was changed here, by a key, a command or the clipboard.
        ghost_accepted(text): Proposed text was taken over, all of it or a word.
        loaded(): All of the text that ``load_text`` was given is there.
    """

    save_requested = Signal()
    selection_asked = Signal()
    typed = Signal()
    ghost_accepted = Signal(str)
    loaded = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._is_composing = False
        self._is_own_change = False
        self._was_read_only = False
        self._pending: str | None = None
        self._path = self._alias = self._language_name = ""
        self._goal: tuple[int, int] | None = None
        self._marked: set[int] = set()  # lines that are painted as they are for where the cursor is
        self._block_count = 1
        self.setObjectName("code_editor")
        self.setAccessibleName("Code")
        self.commands = LineCommands(self)
        self._highlighter = LineHighlighter(theme, self.document(), self)
        self._loader = TextLoader(self.document(), self)
        self.find_bar = FindBar(theme, self, Finder(self.document(), self))
        self._line_field = LineField(theme, self)
        self._bars = [self.find_bar, self._line_field]
        self._keys = EditKeys(self)
        self._view_timer = QTimer(self)
        self._view_timer.setSingleShot(True)
        self._view_timer.setInterval(0)
        self._connect()

    def _connect(self) -> None:
        self._theme.changed.connect(self._highlighter.restyle)
        self._loader.begun.connect(lambda: self.moveCursor(QTextCursor.MoveOperation.Start))
        self._loader.finished.connect(self._on_loaded)
        self._line_field.chosen.connect(self.go_to)
        for bar in (self._line_field, self.find_bar):
            bar.closed.connect(self._on_bar_closed)
        self.find_bar.height_changed.connect(self.place_parts)
        self.document().contentsChange.connect(self._on_contents_change)
        self.cursorPositionChanged.connect(self._on_cursor_moved)
        self.view_changed.connect(self._view_timer.start)
        self._view_timer.timeout.connect(self._on_view_changed)
        self._surface.find_hits = self.find_bar.finder.between

    # --- the text -------------------------------------------------------------------------------------------

    def load_text(self, text: str) -> None:
        """Show a file's text, which cannot be undone; ``loaded`` follows, at once if it is short."""
        self.clear_ghost()
        self._highlighter.stop()
        self._pending = text
        inner = to_inner(text)
        self.fit_wrap(inner)
        self._coming_lines = inner.count("\n") + 1
        self.place_parts()
        self._is_own_change = True
        self._was_read_only = self.isReadOnly() and not self._loader.is_active
        self.setReadOnly(True)
        self._goal = None
        self._loader.start(inner)
        if self._loader.is_active:  # the first screen has its colours before the rest is there
            end = inner.find("\n", FIRST_CHARACTERS)
            self._start_colours(inner if end < 0 else inner[:end])

    @property
    def is_loading(self) -> bool:
        """Whether some of the text is still to come; until then it cannot be changed."""
        return self._pending is not None

    @property
    def is_composing(self) -> bool:
        """Whether an input method shows characters that are not typed yet."""
        return self._is_composing

    def text(self) -> str:
        """Return the text as it is to be saved, complete even while it is loading."""
        return from_inner(inner_text_of(self.document().toRawText())) if self._pending is None else self._pending

    def replace_text(self, text: str) -> int:
        """Change the text into another as one step to undo; what is equal at both ends is not touched.

        Returns:
            The line, from 1, in which the first change is.
        """
        self._loader.finish()
        old, new = self.text(), text
        begin = common_beginning(old, new)
        end = common_beginning(old[begin:][::-1], new[begin:][::-1])
        cursor = QTextCursor(self.document())
        cursor.setPosition(utf16_length(old[:begin]))  # where the step begins is where undoing it leads
        with one_step(cursor):
            cursor.setPosition(utf16_length(old[: len(old) - end]), KEEP)
            cursor.insertText(to_inner(new[begin : len(new) - end]))
        return old.count("\n", 0, begin) + 1

    def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor into a line and column, both from 1; a line that is still to come is gone to then."""
        self._goal = (line, column) if self.is_loading and line > self.blockCount() else None
        super().go_to(line, column)

    def set_language(self, path: str, alias: str = "") -> None:
        """Colour the text, and write comments, as in files with this name, or in Pygments' language ``alias``."""
        self._path, self._alias = path, alias
        lexer = self._find_lexer()
        names = () if lexer is None else (lexer.name, *lexer.aliases)
        self._language_name = "" if lexer is None else lexer.name
        self.commands.comment_marks = find_comment_marks(names)
        self.commands.is_python = "python" in names or "py" in names
        self._start_colours(to_inner(self.text()))

    @property
    def language_name(self) -> str:
        """What the language is called; empty for plain text."""
        return self._language_name

    def set_indent(self, uses_tabs: bool, width: int) -> None:
        """Indent so from now on."""
        self.commands.indent = Indent(uses_tabs, max(1, width))
        self._tab_width = self.commands.indent.width
        self.apply_options()

    def selected_text(self) -> str:
        """Return the selected text."""
        cursor = self.textCursor()
        return from_inner(cursor.selectedText().replace("\u2029", "\n"))

    def selected_lines(self) -> tuple[int, int]:
        """Return the first and last line of the selection, from 1; the cursor's if nothing is selected."""
        cursor = self.textCursor()
        first = self.document().findBlock(cursor.selectionStart())
        last = self.document().findBlock(cursor.selectionEnd())
        if last != first and cursor.selectionEnd() == last.position():
            last = last.previous()
        return first.blockNumber() + 1, last.blockNumber() + 1

    # --- the view -------------------------------------------------------------------------------------------

    def open_find(self, *, replaces: bool = False) -> None:
        """Show the bar to find, or to find and replace."""
        self._line_field.hide()
        self.find_bar.open_bar(replaces=replaces)

    def find_next(self, direction: int = 1) -> None:
        """Select the next hit, or the one before (-1)."""
        if self.find_bar.isVisible():
            self.find_bar.go(direction)
        else:
            self.open_find()

    @property
    def has_bar(self) -> bool:
        """Whether a bar is over the text."""
        return not self.find_bar.isHidden() or not self._line_field.isHidden()

    def close_bars(self) -> None:
        """Hide the bars over the text."""
        if not self.find_bar.isHidden():
            self.find_bar.close_bar()
        if not self._line_field.isHidden():
            self._line_field.close_field()

    def open_go_to_line(self) -> None:
        """Show the field for a line's number."""
        if self.find_bar.isVisible():
            self.find_bar.close_bar()
        self._line_field.open_field(self.current_line() + 1, self.blockCount())
        self.place_parts()

    # --- proposed text ----------------------------------------------------------------------------------------

    def set_ghost(self, text: str) -> None:
        """Propose text at the cursor: Tab takes it, Ctrl+Right a word of it, anything else drops it."""
        if text != self._ghost.text:
            self._ghost.text = "" if self.textCursor().hasSelection() else text
            self.repaint_all()

    def clear_ghost(self) -> None:
        """Propose nothing."""
        if self._ghost.text:
            self._ghost.text = ""
            self.repaint_all()

    @property
    def ghost(self) -> str:
        """What is proposed."""
        return self._ghost.text

    def accept_ghost(self, *, word: bool = False) -> None:
        """Take the proposal over, or its first word and go on proposing the rest."""
        whole = self._ghost.text
        taken = first_word(whole) if word else whole
        if taken:
            self._ghost.text = ""
            cursor = self.textCursor()
            with one_step(cursor):
                cursor.insertText(to_inner(taken))
            self.setTextCursor(cursor)
            self.ghost_accepted.emit(taken)
            self.set_ghost(whole[len(taken) :])

    # --- what the parts ask -----------------------------------------------------------------------------------

    def opener_line(self, bracket: str) -> int | None:
        """Return in which line the bracket is that ``bracket``, typed at the cursor, would close."""
        cursor = self.textCursor()
        line, column = cursor.blockNumber(), cursor.positionInBlock()

        def line_at(number: int) -> str | None:
            text = self._line_at(number)
            return f"{(text or '')[:column]}{bracket}" if number == line else text

        found = find_partner(
            line_at, (line, column), lambda at, where: at == line or self._highlighter.is_code(at, where)
        )
        return found[0] if found else None

    def _line_at(self, number: int) -> str | None:
        block = self.document().findBlockByNumber(number)
        return block.text() if block.isValid() else None

    # --- what happens -----------------------------------------------------------------------------------------

    def _find_lexer(self) -> Lexer | None:
        return find_lexer(self._alias) if self._alias else find_lexer_for_path(self._path)

    def _start_colours(self, inner: str) -> None:
        self._highlighter.start(self._find_lexer(), utf16_shadow(inner))
        self._view_timer.start()

    def _on_loaded(self) -> None:
        if self._pending is None:
            return
        inner, self._pending = to_inner(self._pending), None
        self._is_own_change = False
        self._coming_lines = 0
        self.setReadOnly(self._was_read_only)
        self._block_count = self.blockCount()
        self.place_parts()
        self._start_colours(inner)
        self.find_bar.finder.edited()
        if self._goal is not None:
            self.go_to(*self._goal)
        self.loaded.emit()

    def _on_contents_change(self, position: int, _removed: int, added: int) -> None:
        if self._is_own_change:
            return
        document = self.document()
        block = document.findBlock(position)
        delta, self._block_count = document.blockCount() - self._block_count, document.blockCount()
        self._gutter.marks.shift(block.blockNumber(), delta)
        end = document.characterCount() - 1
        cursor = QTextCursor(document)
        cursor.setPosition(position)
        cursor.setPosition(min(position + added, end), KEEP)
        words = utf16_shadow(cursor.selectedText().replace("\u2029", "\n"))
        self._highlighter.edited(block.blockNumber(), position, words, document.characterCount())
        if "\n" in words:
            self._gutter.update()
        if self.wraps and any(len(line) > MAX_WRAPPED_CHARACTERS for line in words.split("\n")):
            self.fit_wrap(inner_text_of(document.toRawText()))
        self.find_bar.finder.edited()
        self.typed.emit()

    def _on_cursor_moved(self) -> None:
        if self._ghost.text:
            self.clear_ghost()
        self._surface.brackets = self._bracket_pair()
        before, self._marked = self._marked, {self.current_line(), *(line for line, _ in self._surface.brackets)}
        self.repaint_lines(before | self._marked)
        if self.find_bar.isVisible():
            self.find_bar.show_count()
            self.viewport().update()  # another hit may be the current one

    def _bracket_pair(self) -> tuple[tuple[int, int], ...]:
        cursor = self.textCursor()
        line, column = cursor.blockNumber(), cursor.positionInBlock()
        text = cursor.block().text()
        if len(text) > MAX_WRAPPED_CHARACTERS or utf16_length(text) != len(text):
            return ()
        for place in (column, column - 1):
            if place >= 0 and text[place : place + 1] and (text[place] in PAIRS or text[place] in CLOSERS):
                partner = find_partner(self._line_at, (line, place), self._highlighter.is_code)
                return ((line, place), partner) if partner else ()
        return ()

    def _on_view_changed(self) -> None:
        numbers = [block.blockNumber() for block, _ in self.visible_lines()]
        if numbers:
            self._highlighter.set_view(numbers[0], numbers[-1])

    def _on_bar_closed(self) -> None:
        self.place_parts()
        self.setFocus()
        self.viewport().update()

    # --- Qt -----------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._keys.claims(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_composing or not self._keys.press(event):
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self.clear_ghost()
        self._is_composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._is_composing = False
        self.clear_ghost()
        super().focusOutEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clear_ghost()
        super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = make_menu(self)
        menu.exec(event.globalPos())
        menu.deleteLater()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.ignore()  # files are opened by what is around the text
        else:
            super().dragEnterEvent(event)

    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        data.setText(self.selected_text())
        return data

    def insertFromMimeData(self, source: QMimeData) -> None:
        text = source.text().replace("\r\n", "\n").replace("\r", "\n")
        if text:
            self.textCursor().insertText(to_inner(text))
            self.ensureCursorVisible()
