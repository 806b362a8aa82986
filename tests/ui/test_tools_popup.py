"""The list of tools, and what is connected to it: folders, switches, permissions, costs."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QFileDialog, QLabel, QPushButton, QToolButton

from app.engine.messages import TokensCounted
from app.errors import AppError
from app.settings import SettingsFile
from tests.app.chats import Hand
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from tests.ui.agent_fakes import NO_SANDBOX, READ, WRITE, FakeRunner, default_of
from ui.control.tool_costs import ToolCosts
from ui.control.tools_control import ToolsControl
from ui.main_window import MainWindow
from ui.tools.permission_box import PermissionBox
from ui.tools.tools_popup import ToolsPopup
from ui.tools.workspace_button import WorkspaceBar


class Session:
    """A session that only knows folders."""

    def __init__(self):
        self.workspace = ""
        self.refusal = None

    def set_workspace(self, folder):
        if self.refusal:
            raise self.refusal
        self.workspace = folder


class Tools:
    """The control with all around it."""

    def __init__(self, theme, home):
        self.settings = SettingsFile(home / "settings.json")
        self.window = MainWindow(theme)
        self.bar = WorkspaceBar(theme, self.window)
        self.session = Session()
        self.runner = FakeRunner()
        self.engine = Hand()
        self.costs = ToolCosts(self.engine)
        self.refused = None
        self.warning = ""
        self.probes = []
        self.is_running = False
        self.opened = []
        self.control = ToolsControl(
            theme,
            self.bar,
            self.window,
            self.session,
            self.settings,
            self.runner,
            self.costs,
            change_settings=lambda fields: self.settings.change(**fields),
            open_settings=self.opened.append,
            permission_of=lambda _folder, spec: default_of(spec),
            default_of=default_of,
            probe=lambda *callbacks: self.probes.append(callbacks),
            check_folder=lambda _folder: self.refused,
            warning_of=lambda _folder: self.warning,
            is_running=lambda: self.is_running,
            parent=self.window,
        )

    def words(self):
        return self.bar.findChild(QPushButton, "workspace_button").whole_text()

    def popup(self):
        return self.window.findChild(ToolsPopup)

    def box(self, name):
        return self.popup().findChild(PermissionBox, f"permission_{name}")

    def switch(self, name):
        return self.popup().findChild(QCheckBox, f"switch_tool_{name}")

    def notices(self):
        return [notice.title for notice in self.window.notices.notices()]


@pytest.fixture
def tools(theme, own_home, qtbot):
    """The control in a window, with no folder chosen."""
    made = Tools(theme, own_home)
    qtbot.addWidget(made.window)
    made.window.show()
    yield made
    made.window.notices.dismiss_all()
    made.popup().hide()
    made.window.close()


@pytest.fixture
def folder(tmp_path):
    """A folder to work in."""
    path = tmp_path / "project"
    path.mkdir()
    return str(path)


def choose(box, permission):
    """Choose as a user does."""
    box.setCurrentIndex(box.findData(permission))
    box.activated.emit(box.currentIndex())


# --- the folder -------------------------------------------------------------------------------------------------


def test_a_folder_is_taken_and_shown(tools, folder):
    tools.control.set_folder(folder)
    assert (tools.words(), tools.session.workspace) == ("project", folder)
    tools.control.set_folder("")
    assert tools.words() == "No folder · tools off"


def test_a_folder_that_is_refused_is_not_taken_and_it_is_said_why(tools, folder):
    tools.refused = AppError("This folder holds too much", "It is your home folder.", "Choose a project in it.")
    tools.control.set_folder(folder)
    assert tools.notices() == ["This folder holds too much"]
    assert tools.control.folder == ""


def test_a_folder_that_holds_more_than_a_project_is_taken_only_after_a_warning(tools, folder):
    tools.warning = "It is your home folder."
    tools.control.set_folder(folder)
    assert tools.control.folder == ""
    notice = tools.window.notices.notices()[0]
    assert (notice.message, notice.actions[0].text) == ("It is your home folder.", "Use it anyway")
    notice.actions[0].run()
    assert tools.control.folder == folder


def test_what_keeps_the_session_from_taking_a_folder_is_said(tools, folder):
    tools.session.refusal = AppError("A run is under way")
    tools.control.set_folder(folder)
    assert tools.notices() == ["A run is under way"]
    assert tools.settings.settings.recent_workspaces == ()


def test_a_run_at_work_keeps_the_folder(tools, folder):
    tools.control.set_folder(folder)
    tools.is_running = True
    tools.control.refresh()
    assert not tools.bar.findChild(QPushButton, "workspace_button").isEnabled()


def test_the_sandbox_is_looked_for_once_there_is_a_folder_and_again_when_asked(tools, folder, qtbot):
    assert tools.probes == []
    tools.control.set_folder(folder)
    tools.control.refresh()
    assert len(tools.probes) == 1
    page = tools.control.make_page()
    qtbot.addWidget(page)
    page.check_requested.emit()
    assert len(tools.probes) == 2


def test_a_sandbox_that_was_found_is_shown(tools, folder):
    tools.runner.sandbox = None
    tools.control.set_folder(folder)
    shield = tools.bar.findChild(QToolButton, "sandbox_button")
    assert shield.accessibleName() == "Looking for a sandbox …"
    tools.runner.sandbox = NO_SANDBOX
    tools.probes[0][0](NO_SANDBOX)
    assert shield.accessibleName() == "No sandbox"


def test_a_search_for_the_sandbox_that_fails_is_said(tools, folder):
    tools.control.set_folder(folder)
    tools.probes[0][1](AppError("The process that runs tools ended"))
    assert tools.notices() == ["The process that runs tools ended"]
    assert len(tools.probes) == 1


def test_chosen_folders_are_remembered_latest_first(tools, folder, tmp_path):
    tools.control.set_folder(folder)
    tools.control.set_folder(str(tmp_path))
    tools.control.set_folder("")
    assert tools.settings.settings.recent_workspaces == (str(tmp_path), folder)


def test_a_folder_that_went_away_is_said(tools, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    tools.control.set_folder(str(gone))
    gone.rmdir()
    tools.control.refresh()
    assert tools.words() == "gone is gone"


def test_a_folder_dropped_onto_the_window_is_chosen(tools, folder):
    tools.window.folder_dropped.emit(folder)
    assert tools.control.folder == folder


def test_a_folder_is_looked_for_without_stopping_the_window(tools, folder, qtbot):
    tools.control.choose_folder()
    dialog = tools.window.findChild(QFileDialog)
    dialog.fileSelected.emit(folder)
    dialog.close()
    assert tools.control.folder == folder


# --- the list ---------------------------------------------------------------------------------------------------


def open_list(tools, folder):
    """Open the list for a folder; offscreen, where nothing can grab the keyboard, the next event closes it."""
    tools.control.set_folder(folder)
    tools.control.open_tools()
    assert tools.popup().isVisible()
    return tools


def test_without_a_folder_there_is_no_list_to_open(tools):
    tools.control.open_tools()
    assert not tools.popup().isVisible()
    tools.bar.findChild(QPushButton, "workspace_button").menu().close()


def test_tools_stand_by_where_they_come_from(tools, folder):
    listed = open_list(tools, folder)
    labels = [label.text() for label in listed.popup().findChildren(QLabel) if label.property("role") == "section"]
    assert labels == ["Sawhorse", "files · MCP"]


def test_a_tool_switched_off_is_written_down_and_counted(tools, folder, qtbot):
    listed = open_list(tools, folder)
    with qtbot.waitSignal(listed.control.workspace_changed):
        listed.switch("write_file").click()
    assert listed.settings.settings.tools_off == ("write_file",)
    assert listed.bar.tools.text().strip() == "4 tools"
    assert not listed.box("write_file").isEnabled()
    listed.switch("write_file").click()
    assert listed.settings.settings.tools_off == ()


def test_a_permission_counts_for_the_folder_and_can_be_forgotten(tools, folder):
    listed = open_list(tools, folder)
    assert listed.box("write_file").currentText() == "Ask (default)"
    choose(listed.box("write_file"), "allow")
    assert listed.settings.settings.tool_policies == {folder: {"write_file": "allow"}}
    assert listed.box("write_file").currentText() == "Allow"
    choose(listed.box("write_file"), "")
    assert listed.settings.settings.tool_policies == {}


def test_commands_are_allowed_in_the_sandbox_only(tools, folder):
    listed = open_list(tools, folder)
    box = listed.box("run_command")
    choose(box, "allow")
    assert box.currentText() == "Allow in the sandbox"
    listed.runner.sandbox = NO_SANDBOX
    listed.control.refresh()
    assert [box.itemText(place) for place in range(box.count())] == ["Ask (default)", "Ask", "Deny"]
    assert box.currentText() == "Ask"
    assert listed.box("write_file").findData("allow") >= 0


def test_a_tool_that_only_talks_to_the_person_needs_no_permission(tools, folder):
    listed = open_list(tools, folder)
    assert not listed.box("ask_user").isVisible()


def test_the_wheel_changes_no_permission(tools, folder):
    box = open_list(tools, folder).box("write_file")
    box.setFocus()
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, wheel)
    assert box.currentText() == "Ask (default)"


def test_defaults_can_be_brought_back_without_touching_other_folders(tools, folder):
    listed = open_list(tools, folder)
    listed.settings.change(tool_policies={folder: {"write_file": "deny"}, "/other": {"write_file": "deny"}})
    listed.settings.change(tools_off=("read_file",))
    listed.popup().findChild(QPushButton, "reset_tools_button").click()
    assert listed.settings.settings.tools_off == ()
    assert listed.settings.settings.tool_policies == {"/other": {"write_file": "deny"}}


def test_the_settings_are_one_click_away(tools, folder):
    listed = open_list(tools, folder)
    listed.popup().findChild(QPushButton, "tools_settings_button").click()
    listed.bar.findChild(QToolButton, "sandbox_button").click()
    assert listed.opened == ["Tools", "Tools"]
    assert not listed.popup().isVisible()


def test_a_set_of_tools_that_changes_is_listed_anew(tools, folder):
    listed = open_list(tools, folder)
    listed.runner.specs = (READ, WRITE)
    listed.control.refresh()
    assert listed.switch("read_file") is not None
    assert [box.objectName() for box in listed.popup().findChildren(PermissionBox)] == [
        "permission_read_file",
        "permission_write_file",
    ]


def test_it_can_be_used_by_keyboard_and_ear(tools, folder):
    listed = open_list(tools, folder)
    assert_accessible(listed.popup())
    assert_names_are_unique(listed.popup())


# --- costs ------------------------------------------------------------------------------------------------------


def test_costs_are_shown_as_they_become_known_and_asked_for_only_while_the_list_is_open(tools, folder):
    listed = open_list(tools, folder)
    total = listed.popup().findChild(QLabel, "tools_total")
    assert total.text() == "5 of 5 on"
    answered = 0
    while answered < len(listed.engine.counted):
        tokens = 10 + 100 * len(listed.engine.counted[answered].tools)
        answered += 1
        listed.costs.handle(TokensCounted(request=listed.engine.last_request, tokens=tokens, n_ctx=4096))
    assert total.text() == "5 of 5 on · 500 tokens of every prompt"
    listed.popup().hide()
    listed.engine.change_model("another")
    listed.costs.handle(SimpleNamespace(request=0))
    assert len(listed.engine.counted) == answered
