"""The file tree on a real folder: it shows what the disk holds, and changes what it is asked to."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPushButton

from tests.files.folders import git, make_files
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from tests.ui.files_desk import FilesDesk
from ui.files.tree_menu import make_row_menu
from ui.files.tree_model import PAGE


@pytest.fixture
def root(tmp_path):
    """A small project."""
    root = tmp_path / "project"
    make_files(root, "app/main.py", "app/deep/inner.py", "docs/guide.md", "build/out.o", "README.md")
    (root / ".gitignore").write_text("build/\n")
    return root


@pytest.fixture
def desk(theme, qtbot, own_home):
    made = FilesDesk(theme, qtbot, own_home / "settings.json")
    yield made
    made.close()


def press(desk, key, modifiers=Qt.KeyboardModifier.NoModifier):
    desk.qtbot.keyClick(desk.view, key, modifiers)


def choose(desk, path, verb):
    """Choose a verb of a row's context menu."""
    node = desk.tree.model.node_at(desk.index(path))
    make_row_menu(desk.tree._theme, desk.tree, node, lambda chosen: desk.tree._run(chosen, node))
    desk.tree._run(verb, node)


def dialog(desk) -> QDialog:
    desk.wait(lambda: desk.window.findChild(QDialog, "delete_dialog") is not None)
    return desk.window.findChild(QDialog, "delete_dialog")


def texts(widget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel))


# --- what is shown --------------------------------------------------------------------------------------------


def test_without_a_folder_the_tree_offers_to_open_one(desk, root):
    desk.window.action_table.run("files.show")
    button = desk.tree.findChild(QPushButton, "open_folder_button")
    assert button.isVisible()
    assert not desk.view.isVisible()
    desk.open(root)
    assert desk.view.isVisible()


def test_a_folder_that_was_open_is_offered_again(desk, root):
    desk.open(root)
    desk.control.show_folder("")
    recent = desk.tree.findChild(QPushButton, "recent_folder_button")
    assert recent.accessibleName() == f"Open {root}"
    recent.click()
    assert desk.control.folder == str(root)


def test_every_control_has_a_name_to_find_and_a_name_to_hear(desk, root):
    desk.open(root)
    assert_accessible(desk.tree)
    assert_names_are_unique(desk.tree)


def test_folders_are_listed_when_they_are_opened(desk, root):
    desk.open(root)
    assert desk.rows() == ["app", "docs", ".gitignore", "README.md"]
    assert desk.tree.model.node_at(desk.index("app")).children is None
    desk.expand("app")
    assert desk.rows("app") == ["deep", "main.py"]


def test_ignored_files_are_shown_on_request_and_that_is_remembered(desk, root):
    desk.open(root)
    desk.tree.ignored_switched.emit()
    desk.wait(lambda: "build" in desk.rows())
    desk.expand("build")
    node = desk.tree.model.node_at(desk.index("build/out.o"))
    assert desk.tree.model.is_ignored(node)
    assert desk.settings.settings.shows_ignored
    desk.tree.ignored_switched.emit()
    desk.wait(lambda: "build" not in desk.rows())


def test_of_very_many_files_a_page_is_shown_and_a_click_shows_more(desk, root):
    make_files(root, *(f"many/f{number:04}" for number in range(PAGE + 20)))
    desk.open(root)
    desk.expand("many")
    rows = desk.rows("many")
    assert (len(rows), rows[-1]) == (PAGE + 1, "20 more")
    last = desk.tree.model.index(PAGE, 0, desk.index("many"))
    desk.view.opened.emit(last, False)
    desk.wait(lambda: len(desk.rows("many")) == PAGE + 20)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git_marks_are_shown_on_files_and_folders(desk, root):
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    (root / "app/main.py").write_text("changed")
    make_files(root, "new/a.py")
    desk.open(root)
    model = desk.tree.model
    desk.wait(lambda: model.git.is_repository)
    desk.expand("app")
    desk.expand("new")
    paths = ("app", "app/main.py", "new/a.py", "docs")
    marks = {path: model.mark_of(model.node_at(desk.index(path))) for path in paths}
    assert marks == {"app": "M", "app/main.py": "M", "new/a.py": "U", "docs": None}
    assert "modified" in model.index_of("app/main.py").data(Qt.ItemDataRole.ToolTipRole)


def test_what_is_made_and_deleted_outside_is_noticed_and_open_folders_stay_open(desk, root):
    desk.open(root)
    desk.expand("app")
    make_files(root, "app/new.py", "zz.txt")
    desk.wait(lambda: "new.py" in desk.rows("app") and "zz.txt" in desk.rows())
    assert desk.view.isExpanded(desk.index("app"))
    shutil.rmtree(root / "docs")
    desk.wait(lambda: "docs" not in desk.rows())
    assert not desk.window.notices.notices()


def test_a_folder_opened_in_place_of_another_shows_only_its_own(desk, root, tmp_path):
    desk.open(root)
    make_files(tmp_path, "other/only.txt")
    desk.control.show_folder(str(tmp_path / "other"))
    desk.wait(lambda: desk.rows() == ["only.txt"])


def test_open_folders_are_open_again_after_a_restart(desk, root, theme, qtbot, own_home):
    desk.open(root)
    desk.expand("app")
    desk.expand("app/deep")
    state = desk.control.state()
    again = FilesDesk(theme, qtbot, own_home / "settings.json")
    again.control.restore(state)
    again.window.action_table.run("files.show")
    again.wait(lambda: again.rows("app/deep") == ["inner.py"])
    assert again.view.isExpanded(again.index("app/deep"))
    again.close()


# --- opening ----------------------------------------------------------------------------------------------------


def test_a_click_opens_a_file_and_folds_a_folder_open(desk, root):
    desk.open(root)
    place = desk.view.visualRect(desk.index("README.md")).center()
    desk.qtbot.mouseClick(desk.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert desk.desk.opened == [(str(root / "README.md"), 0, 1)]
    place = desk.view.visualRect(desk.index("app")).center()
    desk.qtbot.mouseClick(desk.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert desk.view.isExpanded(desk.index("app"))


def test_enter_opens_and_with_ctrl_to_the_side(desk, root):
    desk.open(root)
    desk.view.select(desk.index("README.md"))
    press(desk, Qt.Key.Key_Return)
    assert desk.desk.opened == [(str(root / "README.md"), 0, 1)]
    with desk.qtbot.waitSignal(desk.control.side_requested) as heard:
        press(desk, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert heard.args == [str(root / "README.md"), 0, 1]


def test_a_link_out_of_the_folder_is_not_followed_unasked(desk, root, tmp_path):
    make_files(tmp_path, "secret.txt")
    (root / "link").symlink_to(tmp_path / "secret.txt")
    desk.open(root)
    desk.view.select(desk.index("link"))
    press(desk, Qt.Key.Key_Return)
    assert not desk.desk.opened
    (notice,) = desk.window.notices.notices()
    assert str(tmp_path / "secret.txt") in notice.message
    notice.actions[0].run()
    assert desk.desk.opened == [(str(tmp_path / "secret.txt"), 0, 1)]


def test_a_link_to_a_folder_inside_goes_there(desk, root):
    (root / "link").symlink_to("app/deep")
    desk.open(root)
    desk.view.select(desk.index("link"))
    press(desk, Qt.Key.Key_Return)
    desk.wait(lambda: desk.tree.model.node_at(desk.view.currentIndex()).path == "app/deep")


def test_the_open_file_is_shown_in_the_tree(desk, root):
    desk.open(root)
    desk.desk.current_path = str(root / "app/deep/inner.py")
    desk.window.action_table.run("files.reveal")
    desk.wait(lambda: desk.tree.model.node_at(desk.view.currentIndex()).path == "app/deep/inner.py")


def test_the_filter_finds_files_anywhere_and_enter_opens_the_best(desk, root):
    desk.open(root)
    field = desk.field("file_filter")
    desk.qtbot.keyClicks(field, "inner")
    desk.wait(lambda: desk.filtered == ["app/deep/inner.py"])
    assert not desk.view.isVisible()
    desk.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert desk.desk.opened == [(str(root / "app/deep/inner.py"), 0, 1)]
    field.clear()
    assert desk.view.isVisible()


def test_files_are_dragged_out_as_addresses(desk, root):
    desk.open(root)
    data = desk.tree.model.mimeData([desk.index("README.md")])
    assert [url.toLocalFile() for url in data.urls()] == [str(root / "README.md")]


# --- changing ---------------------------------------------------------------------------------------------------


def type_name(desk, name):
    desk.wait(lambda: desk.field("file_name_field") is not None)
    field = desk.field("file_name_field")
    field.setText(name)
    desk.qtbot.keyClick(field, Qt.Key.Key_Return)


def test_a_new_file_is_named_in_place_and_opened(desk, root):
    desk.open(root)
    desk.expand("app")
    desk.view.select(desk.index("app/main.py"))
    desk.tree.add_new(is_folder=False)
    type_name(desk, "fresh.py")
    desk.wait(lambda: desk.desk.opened)
    assert desk.desk.opened == [(str(root / "app/fresh.py"), 0, 1)]
    desk.wait(lambda: desk.rows("app") == ["deep", "fresh.py", "main.py"])


def test_a_new_entry_that_gets_no_name_goes_away(desk, root):
    desk.open(root)
    before = desk.rows()
    desk.tree.add_new(is_folder=True)
    assert len(desk.rows()) == len(before) + 1
    desk.qtbot.keyClick(desk.field("file_name_field"), Qt.Key.Key_Escape)
    desk.wait(lambda: desk.rows() == before)


def test_f2_renames_in_the_tree_and_not_in_the_window(desk, root):
    desk.open(root)
    desk.view.select(desk.index("README.md"))
    press(desk, Qt.Key.Key_F2)
    field = desk.field("file_name_field")
    assert (field.text(), field.selectedText()) == ("README.md", "README")
    with desk.qtbot.waitSignal(desk.control.renamed) as heard:
        type_name(desk, "READ.md")
    assert heard.args == [str(root / "README.md"), str(root / "READ.md")]
    desk.wait(lambda: "READ.md" in desk.rows() and "README.md" not in desk.rows())


def test_a_name_that_is_taken_is_an_error_and_nothing_is_lost(desk, root):
    make_files(root, "other.md")
    desk.open(root)
    desk.view.select(desk.index("README.md"))
    press(desk, Qt.Key.Key_F2)
    type_name(desk, "other.md")
    desk.wait(desk.window.notices.notices)
    assert "already" in desk.window.notices.notices()[0].message
    assert (root / "other.md").read_text() == "other.md\n"
    assert (root / "README.md").exists()


def test_delete_asks_first_and_moves_to_the_bin(desk, root, tmp_path, monkeypatch):
    (tmp_path / "share").mkdir()
    desk.open(root)
    desk.view.select(desk.index("docs"))
    press(desk, Qt.Key.Key_Delete)
    asked = dialog(desk)
    assert "docs" in texts(asked)
    asked.reject()
    assert (root / "docs").exists()


def test_where_there_is_no_bin_another_question_comes(theme, qtbot, own_home, root, tmp_path, monkeypatch):
    (tmp_path / "share").mkdir()
    (tmp_path / "share/Trash").write_text("no folder")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("HOME", str(tmp_path))
    desk = FilesDesk(theme, qtbot, own_home / "other.json")
    desk.open(root)
    desk.view.select(desk.index("README.md"))
    press(desk, Qt.Key.Key_Delete)
    dialog(desk).findChild(QPushButton, "delete_yes_button").click()
    desk.wait(lambda: any("for good" in texts(one) for one in desk.window.findChildren(QDialog, "delete_dialog")))
    assert (root / "README.md").exists()
    (again,) = [one for one in desk.window.findChildren(QDialog, "delete_dialog") if "for good" in texts(one)]
    assert not again.findChild(QPushButton, "delete_yes_button").isDefault()
    again.findChild(QPushButton, "delete_yes_button").click()
    desk.wait(lambda: "README.md" not in desk.rows())
    assert not (root / "README.md").exists()
    desk.close()


def test_paths_are_copied_whole_and_below_the_folder(desk, root):
    desk.open(root)
    desk.expand("app")
    desk.view.select(desk.index("app/main.py"))
    press(desk, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == str(root / "app/main.py")
    choose(desk, "app/main.py", "copy_below")
    assert QGuiApplication.clipboard().text() == "app/main.py"


def test_a_file_can_be_asked_about_and_a_folder_given_to_the_tools(desk, root):
    desk.open(root)
    with desk.qtbot.waitSignal(desk.control.reference_asked) as heard:
        choose(desk, "README.md", "reference")
    assert heard.args == [str(root / "README.md")]
    with desk.qtbot.waitSignal(desk.control.workspace_asked) as heard:
        choose(desk, "app", "workspace")
    assert heard.args == [str(root / "app")]


def test_the_name_field_takes_the_keys_of_the_window(desk, root):
    desk.open(root)
    desk.view.select(desk.index("README.md"))
    press(desk, Qt.Key.Key_F2)
    assert isinstance(QGuiApplication.focusObject(), QLineEdit)
