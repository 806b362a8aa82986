"""The editor's context menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu

if TYPE_CHECKING:
    from ui.editor.code_editor import CodeEditor


def make_menu(editor: CodeEditor) -> QMenu:
    """Return a menu of what can be done where the cursor is."""
    menu = QMenu(editor)
    menu.setObjectName("editor_menu")
    menu.setAccessibleName("Editor")
    has_selection = editor.textCursor().hasSelection()
    can_change = not editor.isReadOnly()
    clip = QApplication.clipboard().mimeData()
    _add(menu, "Undo", "Ctrl+Z", editor.undo, can_change and editor.document().isUndoAvailable())
    _add(menu, "Redo", "Ctrl+Shift+Z", editor.redo, can_change and editor.document().isRedoAvailable())
    menu.addSeparator()
    _add(menu, "Cut", "Ctrl+X", editor.cut, can_change and has_selection)
    _add(menu, "Copy", "Ctrl+C", editor.copy, has_selection)
    _add(menu, "Paste", "Ctrl+V", editor.paste, can_change and clip is not None and clip.hasText())
    _add(menu, "Select all", "Ctrl+A", editor.selectAll)
    menu.addSeparator()
    _add(menu, "Ask about the selection", "Ctrl+L", editor.selection_asked.emit, has_selection)
    menu.addSeparator()
    _add(menu, "Find", "Ctrl+F", editor.open_find)
    _add(menu, "Find and replace", "Ctrl+H", lambda: editor.open_find(replaces=True), can_change)
    _add(menu, "Go to line", "Ctrl+G", editor.open_go_to_line)
    menu.addSeparator()
    comment = editor.commands.comment_marks is not None
    _add(menu, "Comment or uncomment", "Ctrl+/", editor.commands.toggle_comment, can_change and comment)
    _add_switch(menu, "Wrap long lines", "Alt+Z", editor.set_wrap, editor.wraps)
    _add_switch(menu, "Show spaces and tabs", "", editor.set_shows_blanks, editor.shows_blanks)
    return menu


def _add(menu: QMenu, words: str, keys: str, act: Callable[[], object], is_enabled: bool = True) -> QAction:
    action = menu.addAction(words)
    action.setShortcut(QKeySequence(keys))
    action.setShortcutVisibleInContextMenu(True)
    action.setEnabled(is_enabled)
    action.triggered.connect(lambda _checked=False: act())
    return action


def _add_switch(menu: QMenu, words: str, keys: str, act: Callable[[bool], object], is_on: bool) -> None:
    action = menu.addAction(words)
    action.setShortcut(QKeySequence(keys))
    action.setShortcutVisibleInContextMenu(True)
    action.setCheckable(True)
    action.setChecked(is_on)
    action.triggered.connect(act)
