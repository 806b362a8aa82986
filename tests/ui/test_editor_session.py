"""What is open, and what is typed and not saved, is there again at the next start and after a crash."""

from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from tests.ui.editor_desk import Desk

LINES = "".join(f"line {number}\n" for number in range(1, 301))


@pytest.fixture
def start(theme, tmp_path, qtbot):
    """Return a function that starts the editor, in the same folder each time."""
    folder = tmp_path / "project"
    folder.mkdir()
    open_desks = []

    def make() -> Desk:
        desk = Desk(theme, folder, tmp_path / "settings.json")
        open_desks.append(desk)
        desk.control.restore()
        return desk

    yield make
    for desk in open_desks:
        desk.end()


def crash(desk) -> None:
    """End without anything being kept at the end."""
    desk.control.recovery.keep_now()
    desk.control._session._keep()
    desk.control.stop = lambda: (desk.control.outside.stop(), desk.control.recovery._timer.stop())
    desk.control._session._timer.stop()
    desk.files.recovery._lock.release()


def test_files_come_back_with_sides_cursor_and_view(start, qtbot):
    first = start()
    first.open("a.py", LINES).editor.go_to(150, 3)
    first.open("b.py", "b\n")
    first.open("c.py", LINES)
    first.tabs.split()
    first.page.editor.go_to(200)
    first.tabs.show_page(first.tabs.pages[0])
    top = first.page.editor.verticalScrollBar().value()
    first.end()
    again = start()
    assert again.titles == ["a.py", "b.py", "c.py"]
    assert [page.title for page in again.tabs.groups[1].pages] == ["c.py"]
    assert again.page.title == "a.py"
    assert (again.page.info.line, again.page.info.column) == (150, 3)
    qtbot.waitUntil(lambda: again.page.editor.verticalScrollBar().value() == top)
    assert again.tabs.groups[1].current.info.line == 200


def test_tabs_come_back_in_their_order(start):
    first = start()
    for name in ("a.py", "b.py", "c.py", "d.py"):
        first.open(name, name)
    first.tabs.show_page(first.tabs.pages[1])
    first.end()
    assert start().titles == ["a.py", "b.py", "c.py", "d.py"]


def test_a_file_that_is_not_on_show_is_not_read_before_it_is(start):
    first = start()
    path = first.open("a.py", "old\n").path
    first.open("b.py", "b\n")
    first.end()
    again = start()
    assert again.control.text_of(path) is None
    Path(path).write_text("new\n")
    again.tabs.show_page(again.tabs.pages[0])
    assert again.page.editor.text() == "new\n"


def test_what_is_not_saved_comes_back_unasked(start):
    first = start()
    path = first.open("a.py", "one\n").path
    QTest.keyClicks(first.page.editor, "x")
    first.control.open_text("draft", "draft.txt")
    first.end()
    assert first.answers.asked == []
    again = start()
    assert again.titles == ["a.py", "draft.txt"]
    assert [page.is_dirty for page in again.tabs.pages] == [True, True]
    assert again.control.text_of(path) == "xone\n"
    assert again.page.editor.text() == "draft"
    assert all(not page.banners.kinds for page in again.tabs.pages)
    assert Path(path).read_text() == "one\n"


def test_undo_goes_back_from_a_text_that_came_back_to_its_file(start):
    first = start()
    first.open("a.py", "one\n")
    QTest.keyClicks(first.page.editor, "x")
    first.end()
    again = start()
    again.page.editor.undo()
    assert again.page.editor.text() == "one\n"
    assert not again.page.is_dirty


def test_after_a_crash_it_is_said_that_a_text_was_brought_back(start):
    first = start()
    first.open("a.py", "one\n")
    QTest.keyClicks(first.page.editor, "x")
    crash(first)
    again = start()
    assert again.page.editor.text() == "xone\n"
    assert "ended suddenly" in again.page.banners.words_of("recovered")
    again.page.banners.findChild(QPushButton, "banner_recovered_drop").click()
    assert again.page.editor.text() == "one\n"
    assert not again.page.is_dirty


def test_what_is_typed_is_kept_soon_and_forgotten_once_it_is_saved(start, qtbot):
    desk = start()
    page = desk.open("a.py", "one\n")
    QTest.keyClicks(page.editor, "x")
    qtbot.waitUntil(lambda: desk.files.kept_texts == ["xone\n"], timeout=4000)
    desk.control.saves.save(page)
    desk.control.recovery.keep_now()
    assert desk.files.kept_texts == []


def test_what_is_undone_or_thrown_away_is_not_kept(start):
    desk = start()
    page = desk.open("a.py", "one\n")
    QTest.keyClicks(page.editor, "x")
    desk.control.recovery.keep_now()
    page.editor.undo()
    desk.control.recovery.keep_now()
    assert desk.files.kept_texts == []
    QTest.keyClicks(page.editor, "y")
    desk.control.recovery.keep_now()
    desk.answers.save = "discard"
    desk.control.close_current()
    assert desk.files.kept_texts == []


def test_a_file_that_changed_while_the_window_was_closed_is_asked_about(start):
    first = start()
    path = first.open("a.py", "one\n").path
    QTest.keyClicks(first.page.editor, "x")
    first.end()
    Path(path).write_text("two\n")
    again = start()
    assert again.page.editor.text() == "xone\n"
    assert "changed outside" in again.page.banners.words_of("outside")
    again.control.saves.save(again.page)
    assert Path(path).read_text() == "two\n"


def test_a_text_whose_file_went_meanwhile_is_saved_to_it_again(start):
    first = start()
    path = first.open("a.py", "one\n").path
    QTest.keyClicks(first.page.editor, "x")
    first.end()
    Path(path).unlink()
    again = start()
    assert again.page.editor.text() == "xone\n"
    again.control.saves.save(again.page)
    assert Path(path).read_text() == "xone\n"


def test_new_texts_with_the_same_name_all_come_back(start):
    first = start()
    first.control.open_text("one", "draft.txt")
    first.control.open_text("two", "draft.txt")
    first.end()
    again = start()
    again.control.open_text("three", "draft.txt")
    again.end()
    assert [page.editor.text() for page in start().tabs.pages] == ["one", "two", "three"]


def test_a_new_text_is_called_as_no_other_that_is_open(start):
    first = start()
    first.control.new_file()
    QTest.keyClicks(first.page.editor, "one")
    first.end()
    again = start()
    again.control.new_file()
    assert again.titles == ["Untitled 1", "Untitled 2"]


def test_an_empty_new_text_is_not_kept(start):
    first = start()
    first.control.new_file()
    first.end()
    assert start().titles == []


def test_settings_that_make_no_sense_open_nothing(start, tmp_path):
    first = start()
    first.settings.change(open_files={"pages": "nonsense"})
    first.control.restore()
    assert first.titles == []
