"""Reads from an editor what a completion is asked with: a few hundred lines, never the whole file."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor

from app.files.inner_text import from_inner
from app.infill.surroundings import Surroundings, beginning, surroundings
from ui.editor.code_editor import CodeEditor


def around_cursor(editor: CodeEditor) -> Surroundings:
    """Return the text around the cursor, as it would be saved."""
    cursor = editor.textCursor()
    half = QTextCursor(cursor)
    half.clearSelection()
    half.movePosition(QTextCursor.MoveOperation.StartOfBlock, QTextCursor.MoveMode.KeepAnchor)
    head = half.selectedText()
    whole = cursor.block().text()
    found = surroundings(
        lambda line: _line(editor, line), editor.blockCount(), cursor.blockNumber(), head, whole[len(head) :]
    )
    return Surroundings(*map(from_inner, (found.before, found.after, found.head, found.tail)))


def beginning_of(editor: CodeEditor) -> str:
    """Return the first lines of a file."""
    return from_inner(beginning(lambda line: _line(editor, line), editor.blockCount()))


def _line(editor: CodeEditor, number: int) -> str:
    return editor.document().findBlockByNumber(number).text()
