"""Where the keyboard goes in the real window, and what keys do where it is."""

from PySide6.QtCore import Qt

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_a_file_that_is_gone_to_has_the_keyboard(writer):
    writer.go_to("cnt", "count.py")
    writer.wait(lambda: writer.focus == "code_editor")


def test_a_tab_is_not_closed_by_a_key_pressed_elsewhere(writer):
    writer.go_to("cnt", "count.py")
    writer.sawhorse.composer.focus()
    writer.press(Qt.Key.Key_W, CONTROL, "composer")
    assert writer.titles == ["count.py"]
    writer.page.setFocus()
    writer.press(Qt.Key.Key_W, CONTROL)
    assert writer.titles == []


def test_the_menu_closes_a_tab_wherever_the_keyboard_is(writer):
    writer.go_to("cnt", "count.py")
    writer.sawhorse.composer.focus()
    writer.run("editor.close")
    assert writer.titles == []


def test_after_the_last_tab_the_keyboard_stays_in_the_editor(writer):
    writer.go_to("cnt", "count.py")
    writer.wait(lambda: writer.focus == "code_editor")
    writer.press(Qt.Key.Key_W, CONTROL)
    assert writer.focus == "editor_tabs"


def test_opening_the_editor_gives_it_the_keyboard_and_closing_it_gives_that_to_the_composer(writer):
    writer.go_to("cnt", "count.py")
    writer.run("panel.editor")
    assert not writer.is_open()
    assert writer.focus == "composer"
    writer.run("panel.editor")
    assert writer.is_open()
    assert writer.focus == "code_editor"
    writer.person.click("dock_editor_close_button")
    assert writer.focus == "composer"


def test_a_closed_file_that_is_opened_again_is_in_view(writer):
    writer.go_to("cnt", "count.py")
    writer.run("editor.close")
    writer.run("panel.editor")
    writer.run("editor.reopen")
    assert writer.is_open()
    assert writer.titles == ["count.py"]


def test_escape_leads_from_the_tree_and_the_search_to_the_text(writer):
    writer.go_to("cnt", "count.py")
    for action, name in (("files.show", "file_tree_view"), ("files.search", "search_files_field")):
        writer.run(action)
        assert writer.focus == name
        writer.press(Qt.Key.Key_Escape, name=name)
        assert writer.focus == "code_editor"


def test_escape_leads_from_the_tree_to_the_composer_while_no_file_is_on_show(writer):
    writer.run("files.show")
    writer.press(Qt.Key.Key_Escape, name="file_tree_view")
    assert writer.focus == "composer"
