"""What keys do in the editor, beyond typing and moving about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

if TYPE_CHECKING:
    from ui.editor.code_editor import CodeEditor

_MODIFIERS = frozenset(
    {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr, Qt.Key.Key_CapsLock}
)
_NO_KEYPAD = ~Qt.KeyboardModifier.KeypadModifier


class EditKeys:
    """The table of keys, and what they do while text is proposed."""

    def __init__(self, editor: CodeEditor) -> None:
        self._editor = editor
        commands = editor.commands
        table: dict[str, Callable[[], object]] = {
            "Ctrl+S": editor.save_requested.emit,
            "Ctrl+L": editor.selection_asked.emit,
            "Ctrl+F": editor.open_find,
            "Ctrl+H": lambda: editor.open_find(replaces=True),
            "F3": editor.find_next,
            "Shift+F3": lambda: editor.find_next(-1),
            "Ctrl+G": editor.open_go_to_line,
            "Ctrl+/": commands.toggle_comment,
            "Ctrl+Shift+D": commands.duplicate,
            "Ctrl+Shift+K": commands.delete,
            "Ctrl+Shift+L": commands.select,
            "Ctrl+J": commands.join,
            "Alt+Up": lambda: commands.move(-1),
            "Alt+Down": lambda: commands.move(1),
            "Alt+Z": lambda: editor.set_wrap(not editor.wraps),
            "Ctrl++": lambda: editor.zoom(1),
            "Ctrl+=": lambda: editor.zoom(1),
            "Ctrl+-": lambda: editor.zoom(-1),
            "Ctrl+0": lambda: editor.zoom(0),
            "Tab": commands.indent_selection,
            "Shift+Tab": commands.outdent_selection,
            "Shift+Backtab": commands.outdent_selection,
            "Return": commands.new_line,
            "Enter": commands.new_line,
            "Shift+Return": commands.new_line,  # Qt would put a line separator in, which is no line end of a file
            "Shift+Enter": commands.new_line,
            "Home": lambda: commands.go_home(selects=False),
            "Shift+Home": lambda: commands.go_home(selects=True),
        }
        self._table = {_combined(keys): act for keys, act in table.items()}
        changing = "Ctrl+/ Ctrl+Shift+D Ctrl+Shift+K Ctrl+J Alt+Up Alt+Down Tab Shift+Tab Shift+Backtab "
        changing += "Return Enter Shift+Return Shift+Enter"
        self._changing = {_combined(keys) for keys in changing.split()}

    def claims(self, event: QKeyEvent) -> bool:
        """Tell whether a key means something here, so that no shortcut of the window takes it."""
        if event.key() == Qt.Key.Key_Escape:
            return bool(self._editor.ghost) or self._editor.has_bar
        return self._combination(event) in self._table

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key is for; return False where the text widget knows best."""
        editor = self._editor
        if editor.ghost and event.key() not in _MODIFIERS and self._press_over_ghost(event):
            return True
        if event.key() == Qt.Key.Key_Escape and editor.has_bar:
            editor.close_bars()
            return True
        combined = self._combination(event)
        act = self._table.get(combined)
        if act is not None:
            if not (editor.isReadOnly() and combined in self._changing):
                act()
            editor.ensureCursorVisible()
            return True
        if editor.isReadOnly():
            return False
        if event.key() == Qt.Key.Key_Backspace and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            return editor.commands.backspace()
        if event.text() in {"}", ")", "]"} and not editor.overwriteMode():
            editor.commands.close_bracket(event.text(), editor.opener_line(event.text()))
            editor.ensureCursorVisible()
            return True
        return False

    def _press_over_ghost(self, event: QKeyEvent) -> bool:
        """Take the proposal or drop it; return whether that was all the key was for."""
        editor = self._editor
        plain = event.modifiers() & _NO_KEYPAD
        if event.key() == Qt.Key.Key_Tab and plain == Qt.KeyboardModifier.NoModifier:
            editor.accept_ghost()
            return True
        if event.key() == Qt.Key.Key_Right and plain == Qt.KeyboardModifier.ControlModifier:
            editor.accept_ghost(word=True)
            return True
        editor.clear_ghost()
        return event.key() == Qt.Key.Key_Escape

    def _combination(self, event: QKeyEvent) -> int:
        return QKeyCombination(event.modifiers() & _NO_KEYPAD, Qt.Key(event.key())).toCombined()


def _combined(keys: str) -> int:
    combination = QKeySequence(keys)[0]  # type: ignore[index]  # the stubs leave it out
    return int(combination.toCombined())
