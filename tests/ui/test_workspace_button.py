"""Below the composer: which folder tools act in, how many are on, and what holds them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QToolButton

from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from tests.ui.agent_fakes import BUBBLEWRAP, NO_SANDBOX
from ui.tools.workspace_button import WorkspaceBar
from ui.tools.workspace_state import WorkspaceState, sandbox_title


@pytest.fixture
def bar(theme, qtbot):
    """The bar on show, without a folder."""
    bar = WorkspaceBar(theme)
    qtbot.addWidget(bar)
    bar.show()
    return bar


def folder_button(bar):
    return bar.findChild(QPushButton, "workspace_button")


def menu_of(bar):
    """Return the entries of the menu of folders, filled as when it opens."""
    menu = folder_button(bar).menu()
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions() if action.text()}


def test_without_a_folder_it_says_that_tools_are_off_and_shows_no_tools(bar):
    assert folder_button(bar).whole_text() == "No folder · tools off"
    assert not bar.tools.isVisible()
    assert not bar.findChild(QToolButton, "sandbox_button").isVisible()


def test_where_it_is_narrow_it_says_less_but_whole_words(bar, qtbot):
    folder_button(bar).setFixedWidth(folder_button(bar).minimumSizeHint().width())
    qtbot.waitUntil(lambda: folder_button(bar).text().strip() == "No folder")


def test_with_a_folder_it_shows_its_name_the_tools_and_what_holds_them(bar):
    bar.show_workspace(WorkspaceState(folder="/home/me/sawhorse", tools_on=10, sandbox=BUBBLEWRAP))
    assert folder_button(bar).whole_text() == "sawhorse"
    assert folder_button(bar).toolTip() == "Tools act in /home/me/sawhorse"
    assert bar.tools.text().strip() == "10 tools"
    shield = bar.findChild(QToolButton, "sandbox_button")
    assert shield.accessibleName() == "Sandboxed by bubblewrap"
    assert "Commands see only the folder." in shield.toolTip()


def test_no_sandbox_is_seen_as_a_warning_with_what_to_do(bar):
    bar.show_workspace(WorkspaceState(folder="/a", tools_on=1, sandbox=NO_SANDBOX))
    shield = bar.findChild(QToolButton, "sandbox_button")
    assert shield.property("level") == "warning"
    assert shield.accessibleName() == "No sandbox"
    assert "Install bwrap." in shield.toolTip()
    bar.show_workspace(WorkspaceState(folder="/a", tools_on=1, sandbox=BUBBLEWRAP))
    assert shield.property("level") == ""


def test_until_the_sandbox_is_known_it_is_said_that_it_is_looked_for():
    assert sandbox_title(None).startswith("Looking for")


def test_a_folder_that_is_gone_is_said_and_offers_no_tools(bar):
    bar.show_workspace(WorkspaceState(folder="/gone/x", is_missing=True, tools_on=3))
    assert folder_button(bar).whole_text() == "x is gone"
    assert folder_button(bar).property("level") == "warning"
    assert not bar.tools.isVisible()


def test_the_menu_offers_other_folders_that_are_there_and_none(bar, tmp_path, qtbot):
    here = tmp_path / "here"
    here.mkdir()
    recent = ("/now", str(here), str(tmp_path / "not there"))
    bar.show_workspace(WorkspaceState(folder="/now", recent=recent))
    menu = menu_of(bar)
    assert list(menu) == ["Choose a folder…", "Recent", "here", "not there", "No folder: tools off"]
    assert menu["here"].isEnabled()
    assert not menu["not there"].isEnabled()
    with qtbot.waitSignal(bar.folder_chosen) as chosen:
        menu["here"].trigger()
    assert chosen.args == [str(here)]
    with qtbot.waitSignal(bar.folder_chosen) as chosen:
        menu["No folder: tools off"].trigger()
    assert chosen.args == [""]


def test_a_folder_can_be_looked_for(bar, qtbot):
    with qtbot.waitSignal(bar.choose_requested):
        menu_of(bar)["Choose a folder…"].trigger()
    assert "No folder: tools off" not in menu_of(bar)


def test_the_folder_stays_while_a_run_is_at_work_in_it(bar):
    bar.show_workspace(WorkspaceState(folder="/a", can_change=False))
    assert not folder_button(bar).isEnabled()
    assert "run has ended" in folder_button(bar).toolTip()


def test_a_name_from_outside_is_shown_as_it_is(bar):
    bar.show_workspace(WorkspaceState(folder="/home/<b>x</b> & y"))
    assert folder_button(bar).whole_text() == "b> & y"
    assert "<b>" not in folder_button(bar).toolTip()


def test_tools_and_shield_ask_for_more(bar, qtbot):
    bar.show_workspace(WorkspaceState(folder="/a", tools_on=1, sandbox=BUBBLEWRAP))
    with qtbot.waitSignal(bar.tools_requested):
        qtbot.mouseClick(bar.tools, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(bar.sandbox_requested):
        qtbot.mouseClick(bar.findChild(QToolButton, "sandbox_button"), Qt.MouseButton.LeftButton)


def test_it_can_be_used_by_keyboard_and_ear(bar):
    bar.show_workspace(WorkspaceState(folder="/a", tools_on=1, sandbox=BUBBLEWRAP))
    assert_accessible(bar)
    assert_names_are_unique(bar)
