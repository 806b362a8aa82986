"""The editor's actions: their keys, where the keyboard is, and when they can be used."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from tests.ui.editor_desk import Desk
from ui.control.editor_actions import add_editor_actions
from ui.control.lazy_desk import LazyDesk
from ui.widgets.actions import Action, ActionTable

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def desk(theme, tmp_path, qtbot):
    folder = tmp_path / "project"
    folder.mkdir()
    made = Desk(theme, folder, tmp_path / "settings.json")
    made.table = ActionTable(theme, made.window)
    lazy = LazyDesk(lambda: made.control, made.window)
    add_editor_actions(made.table, lazy, made.settings)
    assert lazy.control is made.control
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow)
    yield made
    made.end()


def press(desk, key: Qt.Key, modifiers) -> None:
    QTest.keyClick(QApplication.focusWidget() or desk.window, key, modifiers)


def test_keys_work_in_the_text(desk):
    first = desk.open("a.py", "one\n")
    second = desk.open("b.py", "two\n")
    press(desk, Qt.Key.Key_Tab, CONTROL)
    assert desk.page is first
    press(desk, Qt.Key.Key_Backtab, CONTROL | SHIFT)
    assert desk.page is second
    QTest.keyClicks(second.editor, "x")
    press(desk, Qt.Key.Key_S, CONTROL)
    assert not second.is_dirty
    press(desk, Qt.Key.Key_Backslash, CONTROL)
    assert desk.tabs.side_of(second) == 1
    press(desk, Qt.Key.Key_W, CONTROL)
    assert desk.titles == ["a.py"]
    press(desk, Qt.Key.Key_N, CONTROL | SHIFT)
    assert desk.titles == ["a.py", "Untitled 1"]
    assert second is not desk.page


def test_keys_of_the_window_do_not_reach_a_text_field_beside_it(desk):
    desk.open("a.py", "one\n")
    field = QPlainTextEdit(desk.window)
    field.show()
    field.setFocus()
    press(desk, Qt.Key.Key_Tab, CONTROL)
    press(desk, Qt.Key.Key_Backslash, CONTROL)
    assert field.toPlainText() == ""


def test_sizes_of_the_window_and_of_the_text_have_the_same_keys_where_the_keyboard_is(desk):
    steps = []
    desk.table.add(Action("view.larger", "Larger", "", "Ctrl++, Ctrl+=", lambda: steps.append(1), "View"))
    page = desk.open("a.py", "one\n")
    press(desk, Qt.Key.Key_Plus, CONTROL)
    assert (desk.control.options.zoom, steps) == (1, [])
    field = QPlainTextEdit(desk.window)
    field.show()
    field.setFocus()
    press(desk, Qt.Key.Key_Plus, CONTROL)
    assert (desk.control.options.zoom, steps) == (1, [1])
    assert page.editor.font().pixelSize() > 0


def test_what_cannot_be_done_is_off(desk):
    table = desk.table
    ids = ["editor.save", "editor.save_all", "editor.close", "editor.reopen", "editor.split", "editor.find"]
    assert [table.is_enabled(one) for one in ids] == [False] * 6
    desk.open("a.py", "one\n")
    assert [table.is_enabled(one) for one in ids] == [True, False, True, False, False, True]
    desk.open("b.py", "one\n")
    QTest.keyClicks(desk.page.editor, "x")
    assert [table.is_enabled(one) for one in ids] == [True, True, True, False, True, True]
    desk.answers.save = "discard"
    desk.control.close_current()
    assert [table.is_enabled(one) for one in ids] == [True, False, True, True, False, True]


def test_switches_show_what_is_on(desk):
    page = desk.open("a.py", "one\n")
    desk.table.run("editor.wrap")
    assert page.editor.wraps
    assert desk.table["editor.wrap"].isChecked()
    page.editor.set_wrap(False)
    assert not desk.table["editor.wrap"].isChecked()
    desk.table.run("editor.spaces")
    assert page.editor.shows_blanks


def test_find_and_go_to_line_open_over_the_text(desk):
    page = desk.open("a.py", "one\n")
    desk.table.run("editor.find")
    assert page.editor.find_bar.isVisible()
    desk.table.run("editor.line")
    assert not page.editor.find_bar.isVisible()
    assert page.editor.has_bar
