"""Go to file: a few letters, Enter, and a line after a colon."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QListView

from tests.files.folders import make_files
from tests.ui.accessibility import assert_accessible
from tests.ui.files_desk import FilesDesk
from ui.files.quick_open import QuickOpen, parse_place


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "project"
    make_files(root, "app/main.py", "app/model.py", "docs/guide.md")
    return root


@pytest.fixture
def desk(theme, qtbot, own_home, root):
    made = FilesDesk(theme, qtbot, own_home / "settings.json")
    made.control.show_folder(str(root))
    yield made
    made.close()


def opened(desk) -> QuickOpen:
    desk.window.action_table.run("files.go")
    return desk.window.findChild(QuickOpen)


def shown(desk) -> list[str]:
    model = desk.window.findChild(QListView, "quick_open_list").model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def typed(desk, text):
    desk.qtbot.keyClicks(desk.field("quick_open_field"), text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("main", ("main", 0, 1)),
        ("main:12", ("main", 12, 1)),
        ("main:12:7", ("main", 12, 7)),
        (":40", ("", 40, 1)),
        ("main:", ("main", 0, 1)),
        ("a:b", ("a:b", 0, 1)),
        ("main:12 ", ("main", 12, 1)),
    ],
)
def test_a_line_and_a_column_come_after_a_colon(text, place):
    assert parse_place(text) == place


def test_letters_find_a_file_and_enter_opens_it_at_a_line(desk, root):
    palette = opened(desk)
    typed(desk, "mod:12")
    desk.wait(lambda: shown(desk) == ["app/model.py"])
    desk.qtbot.keyClick(desk.field("quick_open_field"), Qt.Key.Key_Return)
    assert desk.desk.opened == [(str(root / "app/model.py"), 12, 1)]
    assert not palette.isVisible()


def test_ctrl_enter_opens_to_the_side(desk, root):
    opened(desk)
    typed(desk, "guide")
    desk.wait(lambda: shown(desk) == ["docs/guide.md"])
    with desk.qtbot.waitSignal(desk.control.side_requested) as heard:
        desk.qtbot.keyClick(desk.field("quick_open_field"), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert heard.args == [str(root / "docs/guide.md"), 0, 1]
    assert not desk.desk.opened


def test_files_that_were_open_come_first(desk, root):
    desk.desk.open_paths = (str(root / "docs/guide.md"),)
    opened(desk)
    desk.wait(lambda: shown(desk)[:1] == ["docs/guide.md"])


def test_a_file_made_meanwhile_is_found(desk, root):
    opened(desk).close_palette()
    desk.wait(lambda: len(shown(desk)) == 3)
    make_files(root, "fresh.py")
    desk.control.note_change()
    opened(desk)
    typed(desk, "fresh")
    desk.wait(lambda: shown(desk) == ["fresh.py"])


def test_only_a_line_goes_there_in_the_file_on_show(desk, root):
    desk.desk.current_path = str(root / "app/main.py")
    opened(desk)
    typed(desk, ":40")
    desk.qtbot.keyClick(desk.field("quick_open_field"), Qt.Key.Key_Return)
    assert desk.desk.opened == [(str(root / "app/main.py"), 40, 1)]


def test_what_finds_nothing_says_so_and_enter_does_nothing(desk):
    palette = opened(desk)
    typed(desk, "zzzz")
    words = [label for label in palette.findChildren(QLabel) if label.text() == "No file is called that"]
    desk.wait(lambda: shown(desk) == [] and any(label.isVisible() for label in palette.findChildren(QLabel)))
    desk.wait(lambda: words or [label for label in palette.findChildren(QLabel) if "called that" in label.text()])
    desk.qtbot.keyClick(desk.field("quick_open_field"), Qt.Key.Key_Return)
    assert not desk.desk.opened
    assert palette.isVisible()


def test_without_a_folder_it_says_what_to_do(desk):
    desk.control.show_folder("")
    palette = opened(desk)
    assert any("Open a folder first" in label.text() for label in palette.findChildren(QLabel))


def test_escape_gives_the_keyboard_back(desk):
    desk.window.action_table.run("files.show")
    desk.wait(desk.rows)
    palette = opened(desk)
    desk.qtbot.keyClick(desk.field("quick_open_field"), Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert desk.view.hasFocus()


def test_every_control_has_a_name_to_find_and_a_name_to_hear(desk):
    assert_accessible(opened(desk))
