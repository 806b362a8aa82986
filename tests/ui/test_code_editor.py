"""The editor's text: what keys do to it, what is kept, and what is shown beside it."""

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QInputMethodEvent, QTextCursor
from PySide6.QtWidgets import QApplication

from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from ui.editor.code_editor import CodeEditor
from ui.editor.edit_menu import make_menu

CONTROL, SHIFT, ALT = (getattr(Qt.KeyboardModifier, f"{name}Modifier") for name in ("Control", "Shift", "Alt"))


@pytest.fixture
def make_editor(qtbot, theme):
    def make(text: str = "", path: str = "file.py") -> CodeEditor:
        editor = CodeEditor(theme)
        qtbot.addWidget(editor)
        editor.resize(600, 400)
        editor.show()
        editor.load_text(text)
        editor.set_language(path)
        qtbot.waitUntil(lambda: not editor.is_loading)
        return editor

    return make


def select(editor, begin: int, end: int) -> None:
    cursor = editor.textCursor()
    cursor.setPosition(begin)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)


def test_a_text_comes_out_as_it_went_in(make_editor):
    text = "a\u00a0b\u2028c\u2029d\ufdd0\n\n\U0001f600\tx\r \u202e\n"
    assert make_editor(text).text() == text


def test_a_loaded_text_is_unchanged_and_cannot_be_undone(make_editor):
    editor = make_editor("one\n")
    assert not editor.document().isModified()
    editor.undo()
    assert editor.text() == "one\n"


def test_a_long_text_is_complete_while_it_is_still_loading(qtbot, theme):
    editor = CodeEditor(theme)
    qtbot.addWidget(editor)
    text = "a line of text\n" * 40_000
    editor.load_text(text)
    assert editor.is_loading
    assert editor.isReadOnly()
    assert editor.text() == text
    with qtbot.waitSignal(editor.loaded, timeout=20_000):
        pass
    assert not editor.isReadOnly()
    assert editor.blockCount() == 40_001
    assert editor.text() == text


def test_undo_goes_back_past_a_save(qtbot, make_editor):
    editor = make_editor("one")
    qtbot.keyClicks(editor, "x")
    editor.document().setModified(False)
    editor.undo()
    assert editor.text() == "one"


def test_a_replaced_text_is_one_step_to_undo_and_keeps_the_cursor(make_editor):
    editor = make_editor("first\nsecond\nthird\n")
    editor.go_to(3, 2)
    editor.replace_text("first\n2\nmore\nthird\n")
    assert editor.text() == "first\n2\nmore\nthird\n"
    assert editor.current_line() == 3
    editor.undo()
    assert editor.text() == "first\nsecond\nthird\n"


@pytest.mark.parametrize(
    ("text", "typed", "expected"),
    [
        ("if x:", "\n", "if x:\n    "),
        ("f()", "\n", "f()\n"),
        ("    return 1", "\nx", "    return 1\nx"),
        ("    x", "\ny", "    x\n    y"),
    ],
)
def test_a_new_line_is_indented(qtbot, make_editor, text, typed, expected):
    editor = make_editor(text)
    editor.moveCursor(QTextCursor.MoveOperation.End)
    type_in(qtbot, editor, typed)
    assert editor.text() == expected


def type_in(qtbot, editor, text: str) -> None:
    for character in text:
        if character == "\n":
            qtbot.keyClick(editor, Qt.Key.Key_Return)
        else:
            qtbot.keyClicks(editor, character)


def test_a_new_line_between_brackets_opens_them(qtbot, make_editor):
    editor = make_editor("void f() {}", "a.c")
    editor.go_to(1, 11)
    type_in(qtbot, editor, "\nx;")
    assert editor.text() == "void f() {\n    x;\n}"


def test_shift_and_enter_end_the_line_like_enter(qtbot, make_editor):
    editor = make_editor("a")
    editor.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClick(editor, Qt.Key.Key_Return, SHIFT)
    assert editor.text() == "a\n"


def test_a_closing_bracket_goes_below_the_line_that_opened(qtbot, make_editor):
    editor = make_editor("  if (x) {\n    y;\n    ", "a.c")
    editor.moveCursor(QTextCursor.MoveOperation.End)
    type_in(qtbot, editor, "}")
    assert editor.text() == "  if (x) {\n    y;\n  }"


def test_tab_goes_to_the_next_step_and_indents_selected_lines(qtbot, make_editor):
    editor = make_editor("a\n\nb\nc")
    editor.go_to(1, 2)
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.text() == "a   \n\nb\nc"
    select(editor, 0, 7)
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.text() == "    a   \n\n    b\nc"
    qtbot.keyClick(editor, Qt.Key.Key_Backtab, SHIFT)
    assert editor.text() == "a   \n\nb\nc"


def test_a_file_of_tabs_is_indented_with_tabs(qtbot, make_editor):
    editor = make_editor("x")
    editor.set_indent(uses_tabs=True, width=8)
    editor.go_to(1, 1)
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.text() == "\tx"


@pytest.mark.parametrize(
    ("key", "modifiers", "expected", "line"),
    [
        (Qt.Key.Key_D, CONTROL | SHIFT, "one\ntwo\ntwo\nthree", 2),
        (Qt.Key.Key_K, CONTROL | SHIFT, "one\nthree", 1),
        (Qt.Key.Key_Up, ALT, "two\none\nthree", 0),
        (Qt.Key.Key_Down, ALT, "one\nthree\ntwo", 2),
        (Qt.Key.Key_J, CONTROL, "one\ntwo three", 1),
        (Qt.Key.Key_Slash, CONTROL, "one\n# two\nthree", 1),
    ],
)
def test_a_key_changes_whole_lines_as_one_step(qtbot, make_editor, key, modifiers, expected, line):
    editor = make_editor("one\ntwo\nthree")
    editor.go_to(2, 2)
    qtbot.keyClick(editor, key, modifiers)
    assert editor.text() == expected
    assert editor.current_line() == line
    editor.undo()
    assert editor.text() == "one\ntwo\nthree"


def test_a_read_only_text_stays_as_it_is(qtbot, make_editor):
    editor = make_editor("one\ntwo")
    editor.setReadOnly(True)
    for key, modifiers in [(Qt.Key.Key_D, CONTROL | SHIFT), (Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)]:
        qtbot.keyClick(editor, key, modifiers)
    qtbot.keyClicks(editor, "x}")
    assert editor.text() == "one\ntwo"


def test_home_goes_to_the_code_and_then_to_the_margin(qtbot, make_editor):
    editor = make_editor("    code")
    editor.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClick(editor, Qt.Key.Key_Home)
    assert editor.textCursor().positionInBlock() == 4
    qtbot.keyClick(editor, Qt.Key.Key_Home)
    assert editor.textCursor().positionInBlock() == 0


def test_save_and_ask_are_told(qtbot, make_editor):
    editor = make_editor("x")
    with qtbot.waitSignals([editor.save_requested, editor.selection_asked]):
        qtbot.keyClick(editor, Qt.Key.Key_S, CONTROL)
        qtbot.keyClick(editor, Qt.Key.Key_L, CONTROL)


def test_typing_is_told_and_loading_is_not(qtbot, make_editor):
    editor = make_editor("x")
    told = []
    editor.typed.connect(lambda: told.append(editor.text()))
    editor.load_text("other")
    qtbot.keyClicks(editor, "y")
    assert told == ["yother"]


def test_what_is_copied_and_pasted_keeps_its_characters(make_editor):
    editor = make_editor("a\u00a0b\nc")
    editor.selectAll()
    data = editor.createMimeDataFromSelection()
    assert data.text() == "a\u00a0b\nc"
    pasted = QMimeData()
    pasted.setText("x\r\ny\u2029z")
    editor.insertFromMimeData(pasted)
    assert editor.text() == "x\ny\u2029z"


def test_the_selection_is_told_with_its_lines(make_editor):
    editor = make_editor("one\ntwo\nthree")
    select(editor, 4, 8)
    assert editor.selected_text() == "two\n"
    assert editor.selected_lines() == (2, 2)


def test_marks_move_with_their_lines(qtbot, make_editor):
    editor = make_editor("one\ntwo\nthree")
    editor.mark_lines("model", [3])
    editor.go_to(1, 4)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor._gutter.marks.of(3) == ["model"]
    assert editor._gutter.marks.of(2) == []


def test_an_input_method_composes_and_commits(make_editor):
    editor = make_editor("x")
    editor.inputMethodEvent(QInputMethodEvent("ni", []))
    assert editor.text() == "x"
    done = QInputMethodEvent("", [])
    done.setCommitString("\u4f60")
    editor.inputMethodEvent(done)
    assert editor.text() == "\u4f60x"


def test_a_very_long_line_is_never_wrapped(qtbot, make_editor):
    editor = make_editor("x" * 200_000)
    editor.set_wrap(True)
    assert not editor.wraps
    editor.load_text("short")
    assert editor.wraps


def test_zoom_keeps_to_sizes_that_can_be_read(qtbot, make_editor):
    editor = make_editor("x")
    size = editor.font().pixelSize()
    qtbot.keyClick(editor, Qt.Key.Key_Equal, CONTROL)
    assert editor.font().pixelSize() == size + 1
    for _ in range(60):
        editor.zoom(-1)
    assert editor.font().pixelSize() >= 6
    qtbot.keyClick(editor, Qt.Key.Key_0, CONTROL)
    assert editor.font().pixelSize() == size


def test_lines_with_characters_that_hide_are_told_apart(make_editor):
    editor = make_editor("plain\nx\u202ey")
    assert not editor.has_hidden(editor.document().findBlockByNumber(0))
    assert editor.has_hidden(editor.document().findBlockByNumber(1))


def test_the_menu_offers_what_can_be_done(make_editor):
    editor = make_editor("x")
    QApplication.clipboard().setText("y")
    editor.selectAll()
    menu = make_menu(editor)
    enabled = {action.text() for action in menu.actions() if action.isEnabled() and action.text()}
    assert {"Cut", "Copy", "Paste", "Select all", "Ask about the selection", "Find", "Go to line"} <= enabled
    menu.deleteLater()


def test_everything_in_it_can_be_named(make_editor):
    editor = make_editor("x")
    editor.open_find(replaces=True)
    assert_accessible(editor)
    assert_names_are_unique(editor)
