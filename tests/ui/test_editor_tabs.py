"""The editor's tabs: what they are called, how they are closed and moved, and what is shown without any."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from tests.ui.accessibility import assert_accessible
from tests.ui.editor_desk import Desk
from ui.editor.tab_drop import tab_data
from ui.editor.tab_menu import make_tab_menu


@pytest.fixture
def desk(theme, tmp_path, qtbot):
    folder = tmp_path / "project"
    folder.mkdir()
    made = Desk(theme, folder, tmp_path / "settings.json")
    yield made
    made.end()


def choose(desk, page, words: str) -> None:
    menu = make_tab_menu(desk.tabs, page)
    next(action for action in menu.actions() if action.text() == words).trigger()
    menu.deleteLater()


def press_key(key: Qt.Key, widget) -> None:
    QTest.keyClick(widget, key)


def test_without_files_it_says_what_to_do(desk):
    words = [button.text() for button in desk.tabs.findChildren(QPushButton) if button.isVisible()]
    assert words == ["Open a file\u2026", "Go to file", "New file"]
    QTest.mouseClick(desk.tabs.findChild(QPushButton, "editor_new_button"), Qt.MouseButton.LeftButton)
    assert desk.titles == ["Untitled 1"]


def test_everything_in_it_has_a_name_and_is_spoken(desk):
    desk.open("a.py", "x = 1\r\ny = 2\n")
    desk.open("b.py", "'\u202e'\n")
    desk.tabs.split()
    desk.write("b.py", "other")
    QTest.keyClicks(desk.page.editor, "z")
    desk.control.outside.check()
    assert_accessible(desk.tabs)


def test_files_of_one_name_are_told_apart_by_their_folders(desk):
    desk.open("one/deep/utils.py", "")
    desk.open("two/deep/utils.py", "")
    desk.open("main.py", "")
    texts = [desk.tabs.groups[0].bar.tabText(index) for index in range(3)]
    assert texts == ["utils.py  \u2013  one/deep", "utils.py  \u2013  two/deep", "main.py"]


def test_a_tab_shows_a_dot_until_its_text_is_saved(desk):
    page = desk.open("a.py", "x\n")
    mark = desk.tabs.groups[0].bar.mark(0)
    assert not mark.shows_dot
    QTest.keyClicks(page.editor, "y")
    assert mark.shows_dot
    assert "not saved" in desk.tabs.groups[0].bar.accessibleTabName(0)
    desk.control.saves.save(page)
    assert not mark.shows_dot


def test_a_middle_click_closes_the_tab_under_it(desk):
    desk.open("a.py", "")
    desk.open("b.py", "")
    bar = desk.tabs.groups[0].bar
    QTest.mouseClick(bar, Qt.MouseButton.MiddleButton, pos=bar.tabRect(0).center())
    assert desk.titles == ["b.py"]


def test_the_cross_closes_its_tab(desk):
    desk.open("a.py", "")
    desk.open("b.py", "")
    QTest.mouseClick(desk.tabs.groups[0].bar.mark(0), Qt.MouseButton.LeftButton)
    assert desk.titles == ["b.py"]


def test_the_menu_closes_others_and_saved_ones(desk):
    for name in ("a.py", "b.py", "c.py"):
        desk.open(name, "")
    QTest.keyClicks(desk.page.editor, "x")
    choose(desk, desk.tabs.pages[1], "Close saved")
    assert desk.titles == ["c.py"]
    desk.open("d.py", "")
    desk.answers.save = "discard"
    choose(desk, desk.page, "Close others")
    assert desk.titles == ["d.py"]


def test_the_menu_copies_paths_whole_and_below_the_folder(desk):
    page = desk.open("sub/a.py", "")
    choose(desk, page, "Copy path")
    assert QGuiApplication.clipboard().text() == page.path
    choose(desk, page, "Copy relative path")
    assert QGuiApplication.clipboard().text() == "sub/a.py"


def test_the_menu_asks_to_show_a_file_in_the_tree(desk, qtbot):
    page = desk.open("a.py", "")
    with qtbot.waitSignal(desk.control.reveal_requested) as caught:
        choose(desk, page, "Show in the file tree")
    assert caught.args == [page.path]


def test_a_split_shows_two_files_and_goes_with_its_last_tab(desk):
    desk.open("a.py", "a")
    desk.open("b.py", "b")
    desk.tabs.split()
    assert desk.tabs.groups[0].current.title == "a.py"
    assert desk.tabs.groups[1].current.title == "b.py"
    assert desk.tabs.groups[1].isVisible()
    desk.control.close_current()
    assert not desk.tabs.groups[1].isVisible()
    assert desk.page.title == "a.py"


def test_what_is_only_on_the_right_moves_to_the_left(desk):
    first = desk.open("a.py", "a")
    desk.open("b.py", "b")
    desk.open("c.py", "c")
    desk.tabs.split()
    desk.tabs.show_page(desk.tabs.pages[1])
    desk.tabs.split()
    desk.control.close_pages([first])
    assert not desk.tabs.is_split
    assert sorted(page.title for page in desk.tabs.groups[0].pages) == ["b.py", "c.py"]


def test_one_tab_cannot_be_split(desk):
    desk.open("a.py", "")
    assert not desk.tabs.can_split()
    desk.tabs.split()
    assert desk.titles == ["a.py"]


def test_opening_a_file_again_brings_its_tab_to_the_front(desk):
    page = desk.open("a.py", "a")
    desk.open("b.py", "b")
    desk.tabs.split()
    desk.control.open_file(page.path)
    assert desk.titles == ["a.py", "b.py"]
    assert desk.page is page


def test_the_next_tab_is_gone_to_through_both_sides(desk):
    for name in ("a.py", "b.py", "c.py"):
        desk.open(name, "")
    desk.tabs.split()
    seen = []
    for _ in range(3):
        desk.tabs.go(1)
        seen.append(desk.page.title)
    assert seen == ["a.py", "b.py", "c.py"]


def test_tabs_without_room_are_in_a_list(desk, qtbot):
    for number in range(12):
        desk.open(f"a_rather_long_name_{number}.py", "")
    qtbot.waitUntil(desk.tabs.groups[0]._list_button.isVisible)


def test_dropped_files_are_opened_and_models_left_to_the_window(desk):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in (desk.write("a.py", ""), desk.write("model.gguf", ""))])
    drop(desk, data, QPointF(5, 5))
    assert desk.titles == ["a.py"]


def drop(desk, data: QMimeData, place: QPointF) -> None:
    button, key = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    desk.tabs.dropEvent(QDropEvent(place, Qt.DropAction.MoveAction, data, button, key))


def test_a_tab_that_is_dropped_on_the_other_half_goes_there(desk):
    first = desk.open("a.py", "a")
    desk.open("b.py", "b")
    drop(desk, tab_data(first), QPointF(desk.tabs.width() - 5, 200))
    assert desk.tabs.groups[1].pages == [first]
    drop(desk, tab_data(first), QPointF(desk.tabs.width() - 5, 200))
    assert desk.tabs.groups[1].pages == [first]
    drop(desk, tab_data(first), QPointF(5, 200))
    assert not desk.tabs.is_split


def test_a_tab_pulled_out_of_the_row_is_dragged(desk, qtbot):
    desk.open("a.py", "")
    desk.open("b.py", "")
    group = desk.tabs.groups[0]
    group.dragged_out.disconnect()
    bar, place = group.bar, group.bar.tabRect(0).center()
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(group.dragged_out) as caught:
        QTest.mouseMove(bar, place + QPoint(0, 30))
        QTest.mouseMove(bar, place + QPoint(0, 90))
    assert caught.args[0].title == "a.py"


def test_files_dragged_over_a_text_are_left_to_the_tabs(desk):
    page = desk.open("a.py", "")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(page.path)])
    action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    over_text = QDragEnterEvent(QPoint(5, 5), action, data, button, key)
    page.editor.dragEnterEvent(over_text)
    assert not over_text.isAccepted()
    over_tabs = QDragEnterEvent(QPoint(5, 5), action, data, button, key)
    desk.tabs.dragEnterEvent(over_tabs)
    assert over_tabs.isAccepted()


def test_the_place_of_a_file_is_shown_below_the_folder(desk):
    desk.open("src/deep/a.py", "")
    assert desk.tabs.groups[0]._place.whole_text() == "src  \u203a  deep  \u203a  a.py"


def test_the_line_below_says_where_the_cursor_is_and_how_the_file_is_written(desk, qtbot):
    page = desk.open("a.py", "one\r\ntwo\r\n")
    page.editor.go_to(2, 3)
    line = desk.tabs.groups[0].info_line
    names = ("position", "encoding", "ending", "language")
    words = {name: line.findChild(QPushButton, f"info_{name}") for name in names}
    qtbot.waitUntil(lambda: words["position"].text() == "2:3")
    assert (words["encoding"].text(), words["ending"].text(), words["language"].text()) == ("UTF-8", "CRLF", "Python")
    page.editor.selectAll()
    qtbot.waitUntil(lambda: "(8 selected)" in words["position"].text())


def test_a_language_is_found_by_typing(desk, qtbot):
    page = desk.open("notes", "SELECT 1;\n")
    line = desk.tabs.groups[0].info_line
    line._open_languages()
    popup = next(one for one in line.children() if one.objectName() == "language_popup")
    popup.field.setText("postgresql sql")
    press_key(Qt.Key.Key_Return, popup.field)
    assert page.alias == "postgresql"
    qtbot.waitUntil(lambda: "PostgreSQL" in page.editor.language_name)
    QApplication.sendPostedEvents()
