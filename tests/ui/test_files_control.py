"""The open folder in the window: opened, remembered, closed; its actions; what is told to the rest."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.files.finding import PathFinder
from tests.files.folders import make_files
from tests.ui.files_desk import FilesDesk
from ui.files.quick_open import QuickOpen
from ui.widgets.actions import Action


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "project"
    make_files(root, "app/main.py", "app/other.py", "README.md")
    return root


@pytest.fixture
def desk(theme, qtbot, own_home):
    made = FilesDesk(theme, qtbot, own_home / "settings.json")
    yield made
    made.close()


def test_an_opened_folder_is_told_and_remembered(desk, root, tmp_path):
    make_files(tmp_path, "second/x")
    with desk.qtbot.waitSignal(desk.control.folder_changed) as heard:
        desk.control.show_folder(str(root))
    desk.control.show_folder(str(tmp_path / "second"))
    assert heard.args == [str(root)]
    assert desk.settings.settings.recent_folders == (str(tmp_path / "second"), str(root))


def test_the_same_folder_again_changes_nothing(desk, root):
    desk.control.show_folder(str(root))
    with desk.qtbot.assertNotEmitted(desk.control.folder_changed):
        desk.control.show_folder(f"{root}/")


def test_a_folder_that_is_gone_is_an_error_and_the_open_one_stays(desk, root):
    desk.control.show_folder(str(root))
    desk.control.show_folder(str(root / "gone"))
    assert desk.control.folder == str(root)
    assert "not there" in desk.window.notices.notices()[0].title


def test_a_folder_that_is_gone_at_the_next_start_is_no_error(desk, tmp_path):
    desk.control.restore({"folder": str(tmp_path / "gone"), "tree": 3})
    assert desk.control.folder == ""
    assert not desk.window.notices.notices()


def test_a_closed_folder_stays_closed_after_a_restart(desk, root):
    desk.control.show_folder(str(root))
    desk.control.show_folder("")
    assert desk.control.state()["folder"] == ""


def test_no_process_starts_before_something_is_looked_at(desk, root):
    desk.control.show_folder(str(root))
    assert not any(transport.pid for transport in desk.control._transports)
    desk.window.action_table.run("files.show")
    assert any(transport.pid for transport in desk.control._transports)


def test_a_folder_is_chosen_from_the_disk(desk, root):
    desk.window.action_table.run("files.open")
    dialog = desk.window.findChild(QFileDialog)
    dialog.fileSelected.emit(str(root))
    assert desk.control.folder == str(root)
    desk.wait(desk.rows)
    dialog.close()


def test_the_composer_gets_a_finder_of_its_own(desk, root):
    finder: PathFinder = desk.control.make_finder()
    assert finder.folder == ""
    desk.control.show_folder(str(root))
    assert finder.folder == str(root)
    heard = []
    finder.find("app", 10, heard.extend)
    desk.wait(lambda: heard)
    assert (heard[0].path, heard[0].is_folder) == ("app", True)


def test_a_file_outside_of_the_folder_is_not_looked_for_in_the_tree(desk, root):
    desk.open(root)
    desk.desk.current_path = "/elsewhere/x.py"
    desk.window.action_table.run("files.reveal")
    assert "not in the open folder" in desk.window.notices.notices()[0].title


def test_the_tree_follows_the_editor_only_when_it_is_to(desk, root):
    desk.open(root)
    desk.expand("app")
    desk.control.follow(str(root / "app/main.py"))
    assert desk.tree.model.node_at(desk.view.currentIndex()).path != "app/main.py"
    desk.tree.head.follows_editor = True
    desk.control.follow(str(root / "app/main.py"))
    assert desk.tree.model.node_at(desk.view.currentIndex()).path == "app/main.py"
    assert desk.control.state()["tree"]["follows"]


def test_actions_that_need_a_folder_wait_for_one(desk, root):
    table = desk.window.action_table
    assert not table.is_enabled("files.reveal")
    desk.control.show_folder(str(root))
    assert table.is_enabled("files.reveal")


def test_keys_of_the_tree_go_before_those_of_the_window(desk, root):
    ran = []
    desk.window.action_table.add(Action("chat.rename", "Rename", "", "F2", lambda: ran.append("F2"), "File"))
    desk.open(root)
    desk.view.select(desk.index("README.md"))
    desk.qtbot.keyClick(desk.view, Qt.Key.Key_F2)
    assert not ran
    assert desk.field("file_name_field").isVisible()
    desk.qtbot.keyClick(desk.field("file_name_field"), Qt.Key.Key_Escape)
    desk.qtbot.keyClick(desk.field("file_filter"), Qt.Key.Key_F2)
    assert ran == ["F2"]


def test_going_to_a_file_takes_the_place_of_the_command_palette(desk, root):
    desk.control.show_folder(str(root))
    desk.window.action_table.run("help.palette")
    assert desk.window.palette_view.isVisible()
    desk.window.action_table.run("files.go")
    assert not desk.window.palette_view.isVisible()
    assert desk.window.findChild(QuickOpen).isVisible()


def test_escape_empties_the_filter_and_goes_back_to_the_tree(desk, root):
    desk.open(root)
    field = desk.field("file_filter")
    desk.qtbot.keyClicks(field, "main")
    desk.wait(lambda: desk.filtered == ["app/main.py"])
    desk.qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert desk.view.hasFocus()
