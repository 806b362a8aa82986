"""The text of one file, to read and to change: numbers, colours, brackets, finding, and what a key does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QToolTip, QWidget

from app.files.brackets import CLOSERS, PAIRS, find_partner
from app.files.comments import find_comment_marks
from app.files.editing import Indent
from app.files.inner_text import from_inner, to_inner, utf16_shadow
from app.tools.visible import hidden_characters
from ui.chat.highlight import find_lexer_for_path, utf16_length
from ui.editor.edit_keys import EditKeys
from ui.editor.edit_menu import make_menu
from ui.editor.find_bar import FindBar
from ui.editor.finder import Finder
from ui.editor.ghost_layer import GhostLayer, first_word
from ui.editor.gutter import Gutter, Mark
from ui.editor.line_commands import LineCommands, one_step
from ui.editor.line_field import LineField
from ui.editor.line_highlighter import LineHighlighter
from ui.editor.surface import Surface, hidden_places, spans_of
from ui.editor.text_loader import TextLoader
from ui.theme import Theme

#: Qt lays out wrapped lines in quadratic time; with a longer one nothing is wrapped.
MAX_WRAPPED_CHARACTERS = 20_000
ZOOM_STEPS = (-6, 24)
_KEEP = QTextCursor.MoveMode.KeepAnchor


class CodeEditor(QPlainTextEdit):
    """One file's text. Its lines end with line feeds, whatever they end with in the file.

    Signals:
        save_requested(): Ctrl+S.
        selection_asked(): Ctrl+L, or its line in the menu: the person wants to ask about the selection.
        typed(): The text was changed here, by a key, a command or the clipboard.
        ghost_accepted(text): Proposed text was taken over, all of it or a word.
        loaded(): All of the text that ``load_text`` was given is there.
        zoom_changed(steps): The size of the text was changed, in pixels from the theme's.
    """

    save_requested = Signal()
    selection_asked = Signal()
    typed = Signal()
    ghost_accepted = Signal(str)
    loaded = Signal()
    zoom_changed = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zoom = 0
        self._wants_wrap = False
        self._is_composing = False
        self._is_own_change = False
        self._was_read_only = False
        self._pending: str | None = None
        self._path = ""
        self.setObjectName("code_editor")
        self.setAccessibleName("Code")
        self.setProperty("role", "editor")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setCenterOnScroll(False)
        self._surface = Surface(theme)
        self._ghost = GhostLayer()
        self._gutter = Gutter(theme, self, self)
        self._highlighter = LineHighlighter(theme, self.document(), self)
        self._loader = TextLoader(self.document(), self)
        self._loader.finished.connect(self._on_loaded)
        self.commands = LineCommands(self)
        self.find_bar = FindBar(theme, self, Finder(self.document(), self))
        self._line_field = LineField(theme, self)
        self._keys = EditKeys(self)
        self._block_count = 1
        self._view_timer = QTimer(self)
        self._view_timer.setSingleShot(True)
        self._view_timer.setInterval(0)
        self._view_timer.timeout.connect(self._on_view_changed)
        self._connect()
        self._restyle()

    def _connect(self) -> None:
        self._theme.changed.connect(self._restyle)
        self._gutter.line_clicked.connect(self._on_line_clicked)
        self._line_field.chosen.connect(self.go_to)
        for bar in (self._line_field, self.find_bar):
            bar.closed.connect(self._on_bar_closed)
        self.find_bar.height_changed.connect(self._place_parts)
        self.document().contentsChange.connect(self._on_contents_change)
        self.blockCountChanged.connect(self._place_parts)
        self.updateRequest.connect(self._on_update_requested)
        self.cursorPositionChanged.connect(self._on_cursor_moved)

    # --- the text -------------------------------------------------------------------------------------------

    def load_text(self, text: str) -> None:
        """Show a file's text from its first line on; it cannot be undone. ``loaded`` follows, at once if it is short."""
        self.clear_ghost()
        self._highlighter.stop()
        self._pending = text
        inner = to_inner(text)
        self._set_wrap(inner)
        self._is_own_change = True
        self._was_read_only = self.isReadOnly() and not self._loader.is_active
        self.setReadOnly(True)
        self._loader.start(inner)
        if self._loader.is_active:
            self._start_colours(inner)

    def text(self) -> str:
        """Return the text as it is to be saved, complete even while it is loading."""
        return from_inner(self.document().toRawText()) if self._pending is None else self._pending

    def replace_text(self, text: str) -> None:
        """Change the text into another as one step to undo; what is equal at both ends is not touched."""
        self._loader.finish()
        old, new = self.text(), text
        begin = _common(old, new)
        end = _common(old[begin:][::-1], new[begin:][::-1])
        cursor = QTextCursor(self.document())
        with one_step(cursor):
            cursor.setPosition(utf16_length(old[:begin]))
            cursor.setPosition(utf16_length(old[: len(old) - end]), _KEEP)
            cursor.insertText(to_inner(new[begin : len(new) - end]))

    def set_language(self, path: str) -> None:
        """Colour the text, and write comments, as in files with this name."""
        self._path = path
        lexer = find_lexer_for_path(path)
        names = () if lexer is None else (lexer.name, *lexer.aliases)
        self.commands.comment_marks = find_comment_marks(names)
        self.commands.is_python = "python" in names or "py" in names
        self._start_colours(to_inner(self.text()))

    def set_indent(self, uses_tabs: bool, width: int) -> None:
        """Indent so from now on."""
        self.commands.indent = Indent(uses_tabs, max(1, width))
        self._apply_options()

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

    def mark_lines(self, kind: Mark, lines: Iterable[int]) -> None:
        """Mark these lines, from 1, beside their numbers, and no others with this mark."""
        self._gutter.marks.set(kind, (line - 1 for line in lines))
        self._gutter.update()

    def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor into a line and column, both from 1, and show it in the middle."""
        block = self.document().findBlockByNumber(max(0, min(line, self.blockCount()) - 1))
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + min(utf16_length(block.text()[: max(0, column - 1)]), block.length() - 1))
        self.setTextCursor(cursor)
        self.centerCursor()

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
        self._place_parts()

    @property
    def wraps(self) -> bool:
        """Whether long lines go on in the next row."""
        return self.lineWrapMode() != QPlainTextEdit.LineWrapMode.NoWrap

    def set_wrap(self, wraps: bool) -> None:
        """Wrap long lines, if none is so long that Qt could not."""
        self._wants_wrap = wraps
        self._set_wrap(self.document().toRawText().replace("\u2029", "\n"))

    def _set_wrap(self, text: str) -> None:
        can = self._wants_wrap and max(map(len, text.split("\n"))) <= MAX_WRAPPED_CHARACTERS
        mode = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(mode.WidgetWidth if can else mode.NoWrap)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere if can else QTextOption.WrapMode.NoWrap)

    @property
    def shows_blanks(self) -> bool:
        """Whether spaces and tabs are shown."""
        return self._surface.shows_blanks

    def set_shows_blanks(self, shows: bool) -> None:
        """Show spaces as dots and tabs as arrows, or not."""
        self._surface.shows_blanks = shows
        self.viewport().update()

    def zoom(self, direction: int) -> None:
        """Make the text larger (1) or smaller (-1), or as the theme has it (0)."""
        self.set_zoom(self._zoom + direction if direction else 0)

    def set_zoom(self, steps: int) -> None:
        """Set the size of the text, in pixels more than the theme's."""
        steps = max(ZOOM_STEPS[0], min(ZOOM_STEPS[1], steps))
        if steps != self._zoom:
            self._zoom = steps
            self._restyle()
            self.zoom_changed.emit(steps)

    # --- proposed text ----------------------------------------------------------------------------------------

    def set_ghost(self, text: str) -> None:
        """Propose text at the cursor: Tab takes it, Ctrl+Right a word of it, anything else drops it."""
        if text != self._ghost.text:
            self._ghost.text = "" if self.textCursor().hasSelection() else text
            self._repaint_all()

    def clear_ghost(self) -> None:
        """Propose nothing."""
        if self._ghost.text:
            self._ghost.text = ""
            self._repaint_all()

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

    def visible_lines(self) -> Iterator[tuple[QTextBlock, QRect]]:
        """Yield the lines in view and their places in the viewport; those below a proposal are moved down."""
        block, moved = self.firstVisibleBlock(), 0
        ghost_line = self.current_line() if self._ghost.extra_lines else -1
        while block.isValid():
            place = self.blockBoundingGeometry(block).translated(self.contentOffset()).toAlignedRect()
            place.translate(0, moved)
            if place.top() > self.viewport().height():
                return
            yield block, place
            if block.blockNumber() == ghost_line:
                moved = self._ghost.extra_lines * self.line_height()
            block = block.next()

    def current_line(self) -> int:
        """Return the cursor's line, from 0."""
        return self.textCursor().blockNumber()

    def line_height(self) -> int:
        """Return the height of one row, in pixels."""
        layout = self.firstVisibleBlock().layout()
        if layout is not None and layout.lineCount():
            return round(layout.lineAt(0).height())
        return self.fontMetrics().height()

    def has_hidden(self, block: QTextBlock) -> bool:
        """Tell whether a line contains characters that cannot be seen."""
        return bool(hidden_places(block.text()))

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

    def _start_colours(self, inner: str) -> None:
        self._highlighter.start(find_lexer_for_path(self._path), utf16_shadow(inner))
        self._view_timer.start()

    def _on_loaded(self) -> None:
        if self._pending is None:
            return
        inner, self._pending = to_inner(self._pending), None
        self._is_own_change = False
        self.setReadOnly(self._was_read_only)
        self._block_count = self.blockCount()
        self._place_parts()
        self._start_colours(inner)
        self.find_bar.finder.edited()
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
        cursor.setPosition(min(position + added, end), _KEEP)
        words = utf16_shadow(cursor.selectedText().replace("\u2029", "\n"))
        self._highlighter.edited(block.blockNumber(), position, words, document.characterCount())
        if self.wraps and any(len(line) > MAX_WRAPPED_CHARACTERS for line in words.split("\n")):
            self._set_wrap(document.toRawText().replace("\u2029", "\n"))
        self.find_bar.finder.edited()
        self.typed.emit()

    def _on_cursor_moved(self) -> None:
        if self._ghost.text:
            self.clear_ghost()
        self._surface.brackets = self._bracket_pair()
        if self.find_bar.isVisible():
            self.find_bar.show_count()
        self.viewport().update()
        self._gutter.update()

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

    def _on_update_requested(self, rect: QRect, dy: int) -> None:
        if dy:
            self._gutter.scroll(0, dy)
        else:
            self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())
        if dy or rect.height() >= self.viewport().height():
            self._view_timer.start()

    def _on_view_changed(self) -> None:
        numbers = [block.blockNumber() for block, _ in self.visible_lines()]
        if numbers:
            self._highlighter.set_view(numbers[0], numbers[-1])

    def _on_line_clicked(self, line: int, extends: bool) -> None:
        cursor = self.textCursor()
        block = self.document().findBlockByNumber(line)
        end = block.next().position() if block.next().isValid() else block.position() + block.length() - 1
        if extends and block.position() < cursor.anchor():
            end = block.position()
        if not extends:
            cursor.setPosition(block.position())
        cursor.setPosition(end, _KEEP)
        self.setTextCursor(cursor)
        self.setFocus()

    def _on_bar_closed(self) -> None:
        self._place_parts()
        self.setFocus()
        self.viewport().update()

    def _restyle(self) -> None:
        font = self._theme.font("mono")
        font.setPixelSize(max(6, font.pixelSize() + self._zoom))
        self.setFont(font)
        self._gutter.setFont(font)
        self._apply_options()
        self._highlighter.restyle()
        self._place_parts()

    def _apply_options(self) -> None:
        """Say how wide a tab is, and that text goes from left to right whatever is in it."""
        option = self.document().defaultTextOption()
        option.setTextDirection(Qt.LayoutDirection.LeftToRight)
        option.setTabStopDistance(self.commands.indent.width * self.fontMetrics().horizontalAdvance(" "))
        self.document().setDefaultTextOption(option)

    def _place_parts(self) -> None:
        width = self._gutter.width_for(self.blockCount())
        bar = next((one for one in (self.find_bar, self._line_field) if not one.isHidden()), None)
        top = bar.sizeHint().height() if bar is not None else 0
        self.setViewportMargins(width, top, 0, 0)
        inside = self.contentsRect()
        self._gutter.setGeometry(inside.left(), inside.top() + top, width, inside.height() - top)
        if bar is not None:
            bar.setGeometry(inside.left(), inside.top(), inside.width(), top)
        self._view_timer.start()

    def _repaint_all(self) -> None:
        self.viewport().update()
        self._gutter.update()

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

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.angleDelta().y():
                self.zoom(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = make_menu(self)
        menu.exec(event.globalPos())
        menu.deleteLater()

    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        data.setText(self.selected_text())
        return data

    def insertFromMimeData(self, source: QMimeData) -> None:
        text = source.text().replace("\r\n", "\n").replace("\r", "\n")
        if text:
            self.textCursor().insertText(to_inner(text))
            self.ensureCursorVisible()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tip(event.pos(), event.globalPos())
            return True
        return super().viewportEvent(event)

    def _show_tip(self, place: QPoint, where: QPoint) -> None:
        """Name the hidden characters near the mouse."""
        cursor = self.cursorForPosition(place)
        near = [outer for at, outer in hidden_places(cursor.block().text()) if abs(at - cursor.positionInBlock()) <= 1]
        QToolTip.showText(where, "\n".join(hidden_characters("".join(near))), self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_parts()

    def paintEvent(self, event: QPaintEvent) -> None:
        lines = list(self.visible_lines())
        margin = self.document().documentMargin()
        painter = QPainter(self.viewport())
        current, width = self.current_line(), self.viewport().width()
        for block, place in lines:
            if block.blockNumber() == current and not self.textCursor().hasSelection():
                painter.fillRect(0, place.top(), width, place.height(), self._theme.color("hover"))
            self._paint_hits(painter, block, place, margin)
            self._surface.paint_under(painter, block, place, margin)
        painter.end()
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        if self._ghost.text:
            self._paint_ghost(painter, lines)
        for block, place in lines:
            self._surface.paint_over(painter, block, place, margin)
        painter.end()

    def _paint_hits(self, painter: QPainter, block: QTextBlock, place: QRect, margin: float) -> None:
        if not self.find_bar.isVisible():
            return
        begin, cursor = block.position(), self.textCursor()
        for first, last in self.find_bar.finder.between(begin, begin + block.length()):
            for span in spans_of(block, place, margin, first - begin, last - begin):
                self._surface.paint_hit(painter, span, is_current=first == cursor.selectionStart())

    def _paint_ghost(self, painter: QPainter, lines: list[tuple[QTextBlock, QRect]]) -> None:
        """Draw the proposal, and the lines below it again where they moved to."""
        current, ground = self.textCursor().block(), self._theme.color("code.background")
        margin = self.document().documentMargin()
        row, width = self.line_height(), self.viewport().width()
        for block, place in lines:
            origin = place.topLeft().toPointF()
            origin.setX(self.contentOffset().x())
            if block == current:
                below = place.bottom() + 1
                if self._ghost.extra_lines:
                    painter.fillRect(0, below, width, self.viewport().height() - below, ground)
                tab = " " * self.commands.indent.width
                self._ghost.paint(
                    painter,
                    block,
                    self.textCursor().positionInBlock(),
                    origin,
                    row,
                    width,
                    self._theme.color("text.faint"),
                    self._theme.color("hover"),
                    self.font(),
                    tab,
                )
            elif block.blockNumber() > current.blockNumber() and self._ghost.extra_lines:
                painter.setPen(self._theme.color("text"))
                block.layout().draw(painter, origin)


def _common(first: str, second: str) -> int:
    """Return how many characters two texts begin with in common."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
