"""Settings of tools: permissions everywhere, limits of a run, the sandbox, and folders that can be forgotten."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QListWidget, QPushButton

from app.paths import find_paths
from app.settings import Settings, SettingsFile
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from tests.ui.agent_fakes import BUBBLEWRAP, NO_SANDBOX, READ, SPECS, default_of, limits
from ui.main_window import MainWindow
from ui.settings.page import PageEntry
from ui.settings.settings_control import SettingsControl
from ui.settings.settings_dialog import SettingsDialog
from ui.settings.tools_page import ToolsPage
from ui.tools.permission_box import PermissionBox
from ui.tools.policies import forgotten, remembered_folders, with_permission
from ui.widgets.number_field import IntField


@pytest.fixture
def page(theme, qtbot):
    """The page with every kind of tool, showing the defaults."""
    page = ToolsPage(theme, default_of)
    qtbot.addWidget(page)
    page.show_specs(SPECS)
    page.show_settings(Settings())
    page.show()
    return page


def box(page, name):
    return page.findChild(PermissionBox, f"default_permission_{name}")


def choose(box, permission):
    box.setCurrentIndex(box.findData(permission))
    box.activated.emit(box.currentIndex())


def changed_by(page, qtbot, act):
    """Return the fields that something changed."""
    with qtbot.waitSignal(page.changed) as changed:
        act()
    return changed.args[0]


# --- remembered permissions -------------------------------------------------------------------------------------


def test_permissions_are_kept_by_folder_and_tool():
    policies = with_permission({"/a": {"x": "ask"}}, "/a", "y", "deny")
    assert policies == {"/a": {"x": "ask", "y": "deny"}}
    assert with_permission(policies, "/a", "x", "") == {"/a": {"y": "deny"}}
    assert with_permission({"/a": {"x": "ask"}}, "/a", "x", "") == {}
    assert forgotten(policies, "/a") == {}


def test_what_holds_everywhere_is_no_folder():
    assert remembered_folders({"": {"x": "ask"}, "/b": {"x": "ask"}, "/a": {"x": "ask", "y": "ask"}, "/c": {}}) == {
        "/a": 2,
        "/b": 1,
    }


# --- the page ---------------------------------------------------------------------------------------------------


def test_permissions_say_what_holds_by_default_and_what_was_chosen(page):
    page.show_settings(Settings(tool_policies={"": {"write_file": "allow"}}))
    assert box(page, "read_file").currentText() == "Allow (default)"
    assert box(page, "write_file").currentText() == "Allow"
    assert box(page, "run_command").currentText() == "Ask (default)"


def test_a_permission_for_every_folder_leaves_those_of_folders_alone(page, qtbot):
    page.show_settings(Settings(tool_policies={"/a": {"write_file": "deny"}}))
    fields = changed_by(page, qtbot, lambda: choose(box(page, "write_file"), "allow"))
    assert fields == {"tool_policies": {"/a": {"write_file": "deny"}, "": {"write_file": "allow"}}}


def test_tools_that_only_talk_need_no_permission(page):
    assert box(page, "ask_user") is None


def test_limits_are_shown_in_units_of_people(page):
    page.show_settings(Settings(run_limits=limits(turns=0, seconds=5400, tokens=1000), tool_seconds=30))
    assert page.findChild(IntField, "limit_turns").text() == "no limit"
    assert page.findChild(IntField, "limit_minutes").value() == 90
    assert page.findChild(IntField, "limit_tokens").value() == 1000
    assert page.findChild(IntField, "tool_seconds").value() == 30


def test_one_limit_is_changed_without_the_others(page, qtbot):
    page.show_settings(Settings(run_limits=limits(turns=7, repeats=9)))
    fields = changed_by(page, qtbot, lambda: page.findChild(IntField, "limit_minutes").setValue(2))
    assert fields == {"run_limits": limits(turns=7, repeats=9, seconds=120.0)}
    fields = changed_by(page, qtbot, lambda: page.findChild(IntField, "tool_seconds").setValue(5))
    assert fields == {"tool_seconds": 5.0}


def test_showing_settings_tells_no_change(page, qtbot):
    with qtbot.assertNotEmitted(page.changed):
        page.show_settings(Settings(run_limits=limits(turns=3), tool_seconds=9, tool_policies={"/a": {"x": "ask"}}))


def test_what_holds_commands_is_said_and_can_be_looked_for_again(page, qtbot):
    page.show_sandbox(NO_SANDBOX)
    card = page.findChild(QFrame, "sandbox_card")
    assert card.property("level") == "warning"
    assert page.findChild(QLabel, "sandbox_words").text() == "Nothing holds commands.\nInstall bwrap."
    with qtbot.waitSignal(page.check_requested):
        qtbot.mouseClick(page.findChild(QPushButton, "check_sandbox_button"), Qt.MouseButton.LeftButton)
    assert "Looking for a sandbox …" in [label.text() for label in card.findChildren(QLabel)]
    page.show_sandbox(BUBBLEWRAP)
    assert card.property("level") == ""


def test_folders_with_permissions_can_be_forgotten(page, qtbot):
    page.show_settings(Settings(tool_policies={"/a": {"x": "ask"}, "/b": {"x": "deny"}}))
    assert page.findChild(QPushButton, "forget_folder_0").accessibleName() == "Forget the permissions of /a"
    fields = changed_by(page, qtbot, page.findChild(QPushButton, "forget_folder_0").click)
    assert fields == {"tool_policies": {"/b": {"x": "deny"}}}


def test_tools_that_come_and_go_are_listed_anew(page):
    page.show_specs((READ,))
    assert [one.objectName() for one in page.findChildren(PermissionBox)] == ["default_permission_read_file"]


def test_it_can_be_used_by_keyboard_and_ear(page):
    page.show_settings(Settings(tool_policies={"/a": {"x": "ask"}}))
    assert_accessible(page)
    assert_names_are_unique(page)


# --- in the dialog ----------------------------------------------------------------------------------------------


def test_the_page_is_made_with_the_dialog_and_its_changes_are_written(theme, qtbot, own_home):
    paths = find_paths({"SAWHORSE_HOME": str(own_home)})
    window, made = MainWindow(theme), []
    qtbot.addWidget(window)

    def make():
        made.append(ToolsPage(theme, default_of))
        made[0].show_specs(SPECS)
        return made[0]

    file = SettingsFile(paths.settings)
    control = SettingsControl(theme, file, paths, window, window, pages=[PageEntry("tool", make)])
    assert made == []
    control.open("Tools")
    dialog = window.findChild(SettingsDialog)
    titles = dialog.findChild(QListWidget, "settings_list")
    assert titles.currentItem().text() == "Tools"
    choose(box(made[0], "write_file"), "allow")
    assert SettingsFile(paths.settings).settings.tool_policies == {"": {"write_file": "allow"}}
    assert box(made[0], "write_file").currentText() == "Allow"
    dialog.close()
