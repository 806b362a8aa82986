"""The editor is made when it is first needed, and nothing is lost or out of reach until then."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.files.recovery import Recovery, RecoveryRecord
from app.paths import find_paths
from tests.e2e.conftest import close

TIMEOUT_MS = 20_000


@pytest.fixture
def open_quietly(open_person, qtbot):
    """Open the program on this test's home with a scripted engine, as often as a test asks."""

    def open_one():
        sawhorse = open_person().sawhorse
        sawhorse.window.activateWindow()
        qtbot.waitUntil(sawhorse.window.isActiveWindow)
        return sawhorse

    return open_one


def shown_text(sawhorse):
    editor = sawhorse.editor.desk.current_editor
    return editor.text() if editor is not None and not editor.is_loading else None


def test_a_start_makes_no_editor_that_nobody_sees(open_quietly):
    sawhorse = open_quietly()
    assert sawhorse.editor.desk.made_control is None
    sawhorse.window.action_table.run("panel.editor")
    assert sawhorse.editor.desk.control.tabs.isVisible()


def test_a_file_that_was_open_beside_the_chat_is_there_again(open_quietly, qtbot, tmp_path):
    path = tmp_path / "a.py"
    path.write_text("a = 1\n")
    first = open_quietly()
    first.editor.desk.open_file(str(path))
    qtbot.waitUntil(lambda: shown_text(first) == "a = 1\n", timeout=TIMEOUT_MS)
    close(first)
    again = open_quietly()
    qtbot.waitUntil(lambda: shown_text(again) == "a = 1\n", timeout=TIMEOUT_MS)
    assert again.editor.desk.control.tabs.isVisible()


def test_a_closed_panel_opens_with_what_was_open_and_a_new_file_stays_in_front(open_quietly, qtbot, tmp_path):
    path = tmp_path / "a.py"
    path.write_text("a = 1\n")
    first = open_quietly()
    first.editor.desk.open_file(str(path))
    qtbot.waitUntil(lambda: shown_text(first) == "a = 1\n", timeout=TIMEOUT_MS)
    first.window.show_panel("editor", is_open=False)
    close(first)
    again = open_quietly()
    assert again.editor.desk.made_control is None
    again.window.action_table.run("editor.new")
    tabs = again.editor.desk.control.tabs
    qtbot.waitUntil(lambda: len(tabs.pages) == 2, timeout=TIMEOUT_MS)
    assert tabs.isVisible()
    assert tabs.current.path == ""


def test_actions_work_before_the_panel_was_ever_open(open_quietly, qtbot):
    sawhorse = open_quietly()
    table = sawhorse.window.action_table
    assert not table.is_enabled("editor.save")
    table.run("editor.wrap")
    assert sawhorse.settings.settings.editor_wraps
    assert table["editor.wrap"].isChecked()
    qtbot.keyClick(
        sawhorse.composer.edit,
        Qt.Key.Key_N,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert shown_text(sawhorse) == ""
    assert table.is_enabled("editor.save")


def test_a_text_that_a_crash_left_comes_back_although_the_panel_is_closed(open_quietly, qtbot, own_home):
    left = Recovery(find_paths().data / "unsaved" / "texts")
    left.keep("key", RecoveryRecord(path="", name="Untitled 1", text="half a thought\n", saved_at=1.0))
    left.close()
    sawhorse = open_quietly()
    qtbot.waitUntil(lambda: shown_text(sawhorse) == "half a thought\n", timeout=TIMEOUT_MS)
    assert sawhorse.editor.desk.control.tabs.pages[0].is_dirty
