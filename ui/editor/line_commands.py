"""Editing commands on the lines of a selection, each of which is one step to undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtGui import QTextBlock, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from app.files.comments import CommentMarks
from app.files.editing import (
    Change,
    Indent,
    backspace_width,
    indent_lines,
    indent_of,
    join_lines,
    next_indent,
    outdent_lines,
    toggle_comment,
)
from ui.chat.highlight import utf16_length

_KEEP = QTextCursor.MoveMode.KeepAnchor
_MOVE = QTextCursor.MoveOperation


class LineCommands:
    """Does them in an editor."""

    def __init__(self, editor: QPlainTextEdit) -> None:
        self._editor = editor
        self.indent = Indent()
        self.comment_marks: CommentMarks | None = None
        self.is_python = False

    # --- indentation --------------------------------------------------------------------------------------

    def indent_selection(self) -> None:
        """Indent the selected lines, or go to the next step in a line."""
        cursor = self._editor.textCursor()
        if cursor.hasSelection():
            self._change(lambda lines: indent_lines(lines, self.indent))
        elif self.indent.uses_tabs:
            cursor.insertText("\t")
        else:
            column = len(cursor.block().text()[: cursor.positionInBlock()].expandtabs(self.indent.width))
            cursor.insertText(" " * (self.indent.width - column % self.indent.width))

    def outdent_selection(self) -> None:
        """Take one step off the selected lines."""
        self._change(lambda lines: outdent_lines(lines, self.indent))

    def toggle_comment(self) -> None:
        """Make comments of the selected lines, or the other way round, if the language is known."""
        marks = self.comment_marks
        if marks is not None:
            self._change(lambda lines: toggle_comment(lines, marks))

    def new_line(self) -> None:
        """End the line; the new one is indented as the code asks."""
        cursor = self._editor.textCursor()
        with one_step(cursor):
            cursor.removeSelectedText()
            text, at = cursor.block().text(), cursor.positionInBlock()
            before, after = text[:at], text[at:]
            if not before.strip():  # a new line before the code: the blanks stay what they are
                cursor.insertText(f"\n{before}")
            else:
                blanks, closing = next_indent(before, after, self.indent, is_python=self.is_python)
                gone = len(after) - len(after.lstrip(" \t"))
                cursor.movePosition(_MOVE.NextCharacter, _KEEP, gone)
                cursor.insertText(f"\n{blanks}")
                if closing is not None:
                    place = cursor.position()
                    cursor.insertText(f"\n{closing}")
                    cursor.setPosition(place)
        self._editor.setTextCursor(cursor)

    def close_bracket(self, bracket: str, opener_line: int | None) -> None:
        """Type a closing bracket; alone in its line, it goes below the line that opened."""
        cursor = self._editor.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        with one_step(cursor):
            if opener_line is not None and before and not before.strip() and not cursor.hasSelection():
                opener = self._editor.document().findBlockByNumber(opener_line)
                cursor.movePosition(_MOVE.StartOfBlock, _KEEP)
                cursor.insertText(indent_of(opener.text()))
            cursor.insertText(bracket)
        self._editor.setTextCursor(cursor)

    def backspace(self) -> bool:
        """Take a step of indentation away; return False where a backspace is only that."""
        cursor = self._editor.textCursor()
        width = backspace_width(cursor.block().text()[: cursor.positionInBlock()], self.indent)
        if cursor.hasSelection() or width == 1:
            return False
        cursor.movePosition(_MOVE.PreviousCharacter, _KEEP, width)
        cursor.removeSelectedText()
        return True

    def go_home(self, *, selects: bool) -> None:
        """Go to the first character that is not blank, or to the line's start if the cursor is there."""
        cursor = self._editor.textCursor()
        block = cursor.block()
        code = block.position() + len(indent_of(block.text()))
        place = block.position() if cursor.position() == code else code
        cursor.setPosition(place, _KEEP if selects else QTextCursor.MoveMode.MoveAnchor)
        self._editor.setTextCursor(cursor)

    # --- whole lines --------------------------------------------------------------------------------------

    def duplicate(self) -> None:
        """Repeat the selected lines below themselves, and go on with the copy."""
        cursor = self._editor.textCursor()
        first, last = self._span(cursor)
        text = "\n".join(self._lines(first, last))
        anchor, position = cursor.anchor(), cursor.position()
        edit = QTextCursor(last)
        with one_step(edit):
            edit.movePosition(_MOVE.EndOfBlock)
            edit.insertText(f"\n{text}")
        self._select(anchor + utf16_length(text) + 1, position + utf16_length(text) + 1)

    def move(self, direction: int) -> None:
        """Move the selected lines one up (-1) or down (1)."""
        cursor = self._editor.textCursor()
        first, last = self._span(cursor)
        other = last.next() if direction > 0 else first.previous()
        if not other.isValid():
            return
        anchor, position = cursor.anchor(), cursor.position()
        lines, passed = self._lines(first, last), other.text()
        begin = min(first.position(), other.position())
        end = max(last.position() + last.length(), other.position() + other.length()) - 1
        parts = [passed, *lines] if direction > 0 else [*lines, passed]
        shift = (utf16_length(passed) + 1) * direction
        edit = self._editor.textCursor()
        with one_step(edit):
            edit.setPosition(begin)
            edit.setPosition(end, _KEEP)
            edit.insertText("\n".join(parts))
        self._select(anchor + shift, position + shift)

    def delete(self) -> None:
        """Delete the selected lines."""
        cursor = self._editor.textCursor()
        first, last = self._span(cursor)
        column = cursor.positionInBlock()
        with one_step(cursor):
            cursor.setPosition(first.position())
            cursor.setPosition(last.position() + last.length() - 1, _KEEP)
            cursor.removeSelectedText()
            if cursor.block().next().isValid():
                cursor.deleteChar()
            elif cursor.block().previous().isValid():
                cursor.deletePreviousChar()
        cursor.setPosition(cursor.block().position() + min(column, cursor.block().length() - 1))
        self._editor.setTextCursor(cursor)

    def select(self) -> None:
        """Select whole lines, and one more each time."""
        cursor = self._editor.textCursor()
        first, _ = self._span(cursor)
        end = self._editor.document().findBlock(cursor.selectionEnd())
        cursor.setPosition(first.position())
        after = end.next()
        cursor.setPosition(after.position() if after.isValid() else end.position() + end.length() - 1, _KEEP)
        self._editor.setTextCursor(cursor)

    def join(self) -> None:
        """Make one line of the selected ones, or of this one and the next."""
        cursor = self._editor.textCursor()
        first, last = self._span(cursor)
        last = last.next() if first == last else last
        if not last.isValid():
            return
        lines = self._lines(first, last)
        with one_step(cursor):
            cursor.setPosition(first.position())
            cursor.setPosition(last.position() + last.length() - 1, _KEEP)
            cursor.insertText(join_lines(lines))
        self._editor.setTextCursor(cursor)

    # --- how ----------------------------------------------------------------------------------------------

    def _change(self, make: Callable[[Sequence[str]], Sequence[Change]]) -> None:
        cursor = self._editor.textCursor()
        first, last = self._span(cursor)
        lines = self._lines(first, last)
        edit = QTextCursor(first)
        with one_step(edit):
            for change in sorted(make(lines), key=lambda one: (one.line, one.column), reverse=True):
                text = lines[change.line]
                block = self._editor.document().findBlockByNumber(first.blockNumber() + change.line)
                begin = block.position() + utf16_length(text[: change.column])
                edit.setPosition(begin)
                edit.setPosition(begin + utf16_length(text[change.column : change.column + change.removed]), _KEEP)
                edit.insertText(change.added)

    def _span(self, cursor: QTextCursor) -> tuple[QTextBlock, QTextBlock]:
        """Return the first and last selected line; one in which only the selection's end stands does not count."""
        document = self._editor.document()
        first, last = document.findBlock(cursor.selectionStart()), document.findBlock(cursor.selectionEnd())
        if cursor.selectionEnd() == last.position() and first != last:
            last = last.previous()
        return first, last

    def _lines(self, first: QTextBlock, last: QTextBlock) -> list[str]:
        lines = [first.text()]
        while first != last:
            first = first.next()
            lines.append(first.text())
        return lines

    def _select(self, anchor: int, position: int) -> None:
        cursor = self._editor.textCursor()
        end = self._editor.document().characterCount() - 1
        cursor.setPosition(min(anchor, end))
        cursor.setPosition(min(position, end), _KEEP)
        self._editor.setTextCursor(cursor)


@contextmanager
def one_step(cursor: QTextCursor) -> Iterator[None]:
    """Make what is done with a cursor one step to undo."""
    cursor.beginEditBlock()
    try:
        yield
    finally:
        cursor.endEditBlock()
