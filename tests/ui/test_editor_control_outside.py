"""Files that others change while they are open, tools among them."""

from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from tests.ui.editor_desk import Desk
from ui.widgets.icon_button import IconButton

LINES = "".join(f"line {number}\n" for number in range(1, 301))


@pytest.fixture
def desk(theme, tmp_path, qtbot):
    folder = tmp_path / "project"
    folder.mkdir()
    made = Desk(theme, folder, tmp_path / "settings.json")
    yield made
    made.end()


def click(desk, name: str) -> None:
    desk.page.banners.findChild(QPushButton, name).click()


def change_both(desk):
    """Return a page with something typed whose file is another too."""
    page = desk.open("a.py", "one\ntwo\n")
    QTest.keyClicks(page.editor, "x")
    desk.write("a.py", "one\ntwo\nthree\n")
    desk.control.outside.check()
    return page


def test_a_file_without_changes_follows_its_disk_and_keeps_cursor_view_and_undo(desk):
    page = desk.open("a.py", LINES)
    page.editor.go_to(200, 3)
    top = page.editor.verticalScrollBar().value()
    desk.write("a.py", LINES.replace("line 250\n", "other\n"))
    desk.control.outside.check()
    assert page.editor.text() == LINES.replace("line 250\n", "other\n")
    assert not page.is_dirty
    assert not page.banners.kinds
    assert (page.info.line, page.info.column) == (200, 3)
    assert page.editor.verticalScrollBar().value() == top
    page.editor.undo()
    assert page.editor.text() == LINES
    assert page.is_dirty


def test_a_change_is_noticed_without_being_asked_for(desk, qtbot):
    page = desk.open("a.py", "one\n")
    desk.write("a.py", "two\n")
    qtbot.waitUntil(lambda: page.editor.text() == "two\n")


def test_a_file_that_is_replaced_stays_watched(desk, qtbot):
    page = desk.open("a.py", "one\n")
    for text in ("two\n", "three\n", "four\n"):
        Path(desk.write("b.tmp", text)).replace(page.path)
        qtbot.waitUntil(lambda text=text: page.editor.text() == text)


def test_its_own_save_is_no_change_from_outside(desk):
    page = desk.open("a.py", "one\n")
    QTest.keyClicks(page.editor, "x")
    desk.control.saves.save(page)
    QTest.keyClicks(page.editor, "y")
    desk.control.outside.check()
    assert not page.banners.kinds


def test_a_change_of_a_file_that_is_not_saved_is_asked_about(desk):
    page = change_both(desk)
    assert page.editor.text() == "xone\ntwo\n"
    assert "changed outside" in page.banners.words_of("outside")


def test_reloading_takes_the_file_and_undo_brings_back_what_was_here(desk):
    page = change_both(desk)
    click(desk, "banner_outside_reload")
    assert page.editor.text() == "one\ntwo\nthree\n"
    assert not page.is_dirty
    assert not page.banners.kinds
    page.editor.undo()
    assert page.editor.text() == "xone\ntwo\n"


def test_keeping_mine_puts_it_in_the_files_place_at_the_next_save(desk):
    page = change_both(desk)
    click(desk, "banner_outside_keep")
    assert page.is_dirty
    desk.control.outside.check()
    assert not page.banners.kinds
    desk.control.saves.save(page)
    assert Path(page.path).read_text() == "xone\ntwo\n"


def test_comparing_shows_both_and_takes_over_what_is_accepted(desk):
    page = change_both(desk)
    click(desk, "banner_outside_compare")
    assert desk.differ.asked == [(page.path, "xone\ntwo\n", "one\ntwo\nthree\n")]
    desk.differ.accept("xone\ntwo\nthree\n")
    assert page.editor.text() == "xone\ntwo\nthree\n"
    assert not page.banners.kinds
    desk.control.saves.save(page)
    assert Path(page.path).read_text() == "xone\ntwo\nthree\n"


def test_a_save_over_a_change_nobody_saw_is_refused_and_can_be_forced(desk):
    page = desk.open("a.py", "one\n")
    QTest.keyClicks(page.editor, "x")
    desk.write("a.py", "two\n")
    desk.control.saves.save(page)
    assert Path(page.path).read_text() == "two\n"
    assert page.is_dirty
    click(desk, "banner_failed_overwrite")
    assert Path(page.path).read_text() == "xone\n"
    assert not page.banners.kinds


def test_a_deleted_file_keeps_its_text_and_can_be_saved_again(desk):
    page = desk.open("a.py", "one\n")
    Path(page.path).unlink()
    desk.control.outside.check()
    assert page.editor.text() == "one\n"
    assert page.is_dirty
    click(desk, "banner_deleted_save")
    assert Path(page.path).read_text() == "one\n"
    assert not page.is_dirty
    assert not page.banners.kinds


def test_a_file_that_comes_back_as_it_was_is_saved_again(desk):
    page = desk.open("a.py", "one\n")
    Path(page.path).unlink()
    desk.control.outside.check()
    desk.write("a.py", "one\n")
    desk.control.outside.check()
    assert not page.is_dirty
    assert not page.banners.kinds


def test_what_a_tool_writes_is_there_at_once_and_marked(desk):
    page = desk.open("a.py", "one\ntwo\nthree\n")
    desk.write("a.py", "one\n2\nthree\nfour\n")
    desk.control.tool_changed(page.path)
    assert page.editor.text() == "one\n2\nthree\nfour\n"
    assert page.editor.marked_lines("model") == {2, 4}
    desk.write("a.py", "zero\none\n2\nthree\nfour\n")
    desk.control.tool_changed(page.path)
    assert page.editor.marked_lines("model") == {1, 3, 5}


def test_what_a_person_takes_back_of_a_tools_change_is_marked_no_more(desk):
    page = desk.open("a.py", "one\ntwo\nthree\n")
    desk.write("a.py", "one\n2\nthree\nfour\n")
    desk.control.tool_changed(page.path)
    desk.write("a.py", "one\ntwo\nthree\nfour\n")
    desk.control.taken_back(page.path)
    assert page.editor.text() == "one\ntwo\nthree\nfour\n"
    assert page.editor.marked_lines("model") == {4}


def test_a_tools_change_of_a_file_that_is_not_saved_is_asked_about(desk):
    page = desk.open("a.py", "one\n")
    QTest.keyClicks(page.editor, "x")
    desk.write("a.py", "two\n")
    desk.control.tool_changed(page.path)
    assert page.editor.text() == "xone\n"
    assert page.banners.words_of("outside").startswith("A tool changed this file")


def test_a_tools_change_of_a_file_that_is_not_open_opens_nothing(desk):
    desk.control.tool_changed(desk.write("a.py", "one\n"))
    assert desk.titles == []


def test_an_answer_about_a_tab_that_was_closed_since_is_dropped(desk):
    page = desk.open("a.py", "one\n")
    desk.write("a.py", "two\n")
    desk.files.is_held = True
    desk.control.tool_changed(page.path)
    desk.control.close_current()
    desk.files.release()
    assert desk.titles == []


def test_a_banner_that_was_dismissed_comes_back_only_with_another_change(desk):
    page = change_both(desk)
    page.banners.findChild(IconButton, "banner_outside_close").click()
    desk.control.outside.check()
    assert not page.banners.kinds
    desk.write("a.py", "one more\n")
    desk.control.outside.check()
    assert page.banners.kinds == ("outside",)


def test_a_file_that_is_closed_before_it_is_read_stays_closed(desk):
    desk.files.is_held = True
    desk.control.open_file(desk.write("a.py", "one\n"))
    desk.control.close_current()
    desk.files.release()
    assert desk.titles == []
