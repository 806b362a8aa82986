"""What happens in the editor while something else is under way: a save, a rename, the end of the window."""

from pathlib import Path

import pytest
from PySide6.QtTest import QTest

from tests.ui.editor_desk import Desk
from ui.control.editor_places import read_places


@pytest.fixture
def desk(theme, tmp_path, qtbot):
    folder = tmp_path / "project"
    folder.mkdir()
    made = Desk(theme, folder, tmp_path / "settings.json")
    yield made
    made.end()


def type_at_start(desk, text: str) -> None:
    desk.page.editor.go_to(1)
    QTest.keyClicks(desk.page.editor, text)


def test_closing_while_a_save_is_under_way_waits_for_it_and_asks_nothing(desk):
    path = desk.open("a.py", "a\n").path
    type_at_start(desk, "x")
    desk.files.is_held = True
    desk.control.saves.save(desk.page)
    desk.control.close_current()
    desk.control.close_current()
    assert desk.titles == ["a.py"]
    desk.files.release()
    assert desk.titles == []
    assert desk.answers.asked == []
    assert Path(path).read_text() == "xa\n"


def test_what_was_typed_since_a_save_under_way_is_asked_about(desk):
    desk.open("a.py", "a\n")
    type_at_start(desk, "x")
    desk.files.is_held = True
    desk.control.saves.save(desk.page)
    type_at_start(desk, "y")
    desk.control.close_current()
    desk.files.release()
    assert desk.answers.asked == ["a.py"]
    assert desk.titles == ["a.py"]


def test_a_tab_that_is_closed_with_a_save_closes_though_it_is_saved_again_meanwhile(desk):
    desk.open("a.py", "a\n")
    type_at_start(desk, "x")
    desk.files.is_held = True
    desk.answers.save = "save"
    desk.control.saves.save(desk.page)
    type_at_start(desk, "y")
    desk.control.close_current()
    desk.control.saves.save(desk.page)
    desk.files.release()
    assert desk.titles == []


def test_a_file_that_is_renamed_while_it_is_saved_goes_by_its_new_name(desk):
    page = desk.open("a.py", "a\n")
    new = str(desk.folder / "b.py")
    type_at_start(desk, "x")
    desk.files.is_held = True
    desk.control.saves.save(page)
    Path(page.path).rename(new)
    desk.control.follow_rename(page.path, new)
    desk.files.release()
    assert page.path == new
    type_at_start(desk, "y")
    desk.control.saves.save(page)
    assert Path(new).read_text() == "yxa\n"
    assert not (desk.folder / "a.py").exists()


def test_a_file_that_is_renamed_while_it_is_read_goes_by_its_new_name(desk):
    path, new = desk.write("a.py", "a\n"), str(desk.folder / "b.py")
    desk.files.is_held = True
    desk.control.open_file(path)
    Path(path).rename(new)
    desk.control.follow_rename(path, new)
    desk.files.release()
    assert desk.page.path == new
    assert desk.page.editor.text() == "a\n"


def test_a_renamed_file_that_was_not_looked_at_since_the_start_is_found_at_the_next(desk):
    path, new = desk.open("a.py", "a\n").path, str(desk.folder / "b.py")
    desk.open("c.py", "c\n")
    page = desk.tabs.pages[0]
    page.is_asleep = True
    desk.control._session.asleep[page.key] = read_places({"pages": [{"key": page.key, "path": path}]}).pages[0]
    desk.control.restore()
    Path(path).rename(new)
    desk.control.follow_rename(path, new)
    desk.control._session._keep()
    kept = read_places(desk.settings.settings.open_files)
    assert [place.path for place in kept.pages] == [new, str(desk.folder / "c.py")]


def test_a_closed_file_that_was_renamed_opens_again_by_its_new_name(desk):
    path, new = desk.open("a.py", "a\n").path, str(desk.folder / "b.py")
    desk.control.close_current()
    Path(path).rename(new)
    desk.control.follow_rename(path, new)
    desk.control.reopen_closed()
    assert desk.page.path == new
    assert desk.page.editor.text() == "a\n"


def test_a_closed_file_opens_again_in_the_language_that_was_chosen_and_into_view(desk, qtbot):
    desk.open("a.py", "a\n").set_language("rust")
    desk.control.close_current()
    with qtbot.waitSignal(desk.control.shown_asked):
        desk.control.reopen_closed()
    assert desk.page.editor.language_name == "Rust"


def test_saving_over_a_file_that_is_open_leaves_one_tab_of_it(desk):
    other = desk.open("b.py", "b\n").path
    page = desk.open("a.py", "a\n")
    desk.answers.path = other
    desk.control.saves.save_as(page)
    assert desk.titles == ["b.py"]
    assert desk.page is page
    assert Path(other).read_text() == "a\n"


def test_saving_over_a_file_with_changes_in_another_tab_is_refused(desk):
    other = desk.open("b.py", "b\n").path
    type_at_start(desk, "x")
    page = desk.open("a.py", "a\n")
    desk.answers.path = other
    desk.control.saves.save_as(page)
    assert desk.titles == ["b.py", "a.py"]
    assert "b.py is open" in page.banners.words_of("failed")
    assert Path(other).read_text() == "b\n"


def test_a_save_that_ends_after_the_window_was_closed_is_no_sudden_end(desk, qtbot):
    desk.control.restore()
    desk.open("a.py", "a\n")
    type_at_start(desk, "x")
    desk.files.is_held = True
    desk.control.saves.save(desk.page)
    desk.control.stop()
    desk.files.release()
    desk.control._session.note()
    assert not desk.control._session._timer.isActive()
    assert read_places(desk.settings.settings.open_files).is_closed
