"""The page of MCP servers, with real servers behind it: nothing runs unread, and what is shown is true."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
)

from app.paths import find_paths
from app.tools.mcp.config import McpServer
from tests.mcp.harness import server_of
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from ui.control.mcp_control import McpControl
from ui.mcp.words import Fields, fields_of
from ui.mcp.words import server_of as server_of_fields
from ui.settings.mcp_page import McpPage

LIMIT_MS = 20_000


@pytest.fixture
def errors():
    return []


@pytest.fixture
def control(qapp, tmp_path, errors):
    """Real servers on the event loop, in folders of this test's own."""
    control = McpControl(find_paths({"SAWHORSE_HOME": str(tmp_path / "home")}), errors.append)
    yield control
    control.close()


@pytest.fixture
def page(theme, qtbot, control):
    page = McpPage(theme, control)
    qtbot.addWidget(page)
    page.resize(760, 600)
    page.show()
    qtbot.waitExposed(page)
    return page


def click(qtbot, parent, name, kind=QPushButton):
    widget = parent.findChild(kind, name)
    assert widget is not None, name
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def texts(widget):
    labels = [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]
    return "\n".join(labels + [edit.toPlainText() for edit in widget.findChildren(QPlainTextEdit)])


def until_state(qtbot, control, name, state, kind=""):
    def is_so():
        view = next(view for view in control.views if view.server.name == name)
        assert view.state == state, view
        assert not kind or view.review.kind == kind

    qtbot.waitUntil(is_so, timeout=LIMIT_MS)


def test_server_is_added_reviewed_twice_and_offered(page, control, qtbot):
    server = server_of("good")
    click(qtbot, page, "mcp_add_button")
    page._edit.findChild(QLineEdit, "mcp_name_field").setText("good")
    page._edit.findChild(QLineEdit, "mcp_command_field").setText(fields_of(server).command)
    click(qtbot, page._edit, "mcp_edit_save_button")
    until_state(qtbot, control, "good", "needs_approval", "start")
    click(qtbot, page, "mcp_review_good")
    assert server.args[0] in texts(page._review)
    assert "outside the sandbox" in texts(page._review)
    click(qtbot, page._review, "mcp_approve_button")
    until_state(qtbot, control, "good", "needs_approval", "tools")
    assert page.findChild(QPushButton, "mcp_tools_good").text() == "8 tools, locked"
    click(qtbot, page, "mcp_review_good")
    assert "Add two numbers." in texts(page._review)
    click(qtbot, page._review, "mcp_approve_button")
    until_state(qtbot, control, "good", "ready")
    assert page.findChild(QPushButton, "mcp_tools_good").text() == f"{len(control.servers.specs)} tools"
    assert_accessible(page)
    assert_names_are_unique(page)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape])
@pytest.mark.parametrize("focus", ["mcp_not_now_button", "mcp_approve_button"])
def test_no_key_that_ends_a_dialog_approves(page, control, qtbot, key, focus):
    control.save(McpServer(name="x", command="true"))
    until_state(qtbot, control, "x", "needs_approval")
    click(qtbot, page, "mcp_review_x")
    button = page._review.findChild(QPushButton, focus)
    button.setFocus()
    qtbot.keyClick(button, key)
    assert not page._review.isVisible()
    assert control.views[0].state == "needs_approval"


def test_hidden_characters_and_every_letter_of_a_command_are_shown(page, control, qtbot):
    control.save(McpServer(name="x", command="true", args=("a\u202eb\n", "y" * 600 + "END")))
    until_state(qtbot, control, "x", "needs_approval")
    click(qtbot, page, "mcp_review_x")
    command = next(edit for edit in page._review.findChildren(QPlainTextEdit) if edit.accessibleName() == "Command")
    assert "a\u27e8U+202E\u27e9b\u27e8U+000A\u27e9" in command.toPlainText()
    assert command.toPlainText().endswith("END")
    qtbot.waitUntil(lambda: command.verticalScrollBar().maximum() == 0)
    assert command.document().size().height() > 5


def test_changed_tools_are_locked_and_the_difference_is_shown(page, control, qtbot):
    control.save(server_of("changes"))
    for kind in ("start", "tools"):
        until_state(qtbot, control, "changes", "needs_approval", kind)
        control.approve("changes", control.views[0].review.key)
    until_state(qtbot, control, "changes", "ready")
    name = next(spec.name for spec in control.servers.specs if spec.name.endswith("change"))
    from app.tools.tool import ToolRun

    control.servers.run(
        ToolRun(call_id="1", name=name, arguments={}, workspace="/", run_key="r"), lambda _: None, lambda _: None
    )
    until_state(qtbot, control, "changes", "changed")
    click(qtbot, page, "mcp_review_changes")
    assert "echo: description" in texts(page._review)
    assert "id_rsa" in texts(page._review)


def test_failure_is_said_in_words(page, control, qtbot, errors):
    control.save(McpServer(name="x", command="no-such-program-anywhere"))
    until_state(qtbot, control, "x", "failed")
    assert "no program no-such-program-anywhere" in texts(page)
    control.save(McpServer(name="other", command="y", is_enabled=False))
    control.save(McpServer(name="x", command="y"), "other")
    assert "already" in errors[0].title


def test_switch_and_removal(page, control, qtbot):
    control.save(McpServer(name="x", command="no-such-program-anywhere"))
    until_state(qtbot, control, "x", "failed")
    page.findChild(QCheckBox, "mcp_switch_x").click()
    assert control.views[0].state == "off"
    click(qtbot, page, "mcp_remove_x", QToolButton)
    box = page.findChild(QMessageBox, "mcp_remove_dialog")
    next(button for button in box.buttons() if button.text() == "Remove").click()
    assert control.views == ()
    assert "No servers yet." in texts(page)


def test_tokens_of_the_tools_are_shown(page, control, qtbot):
    control.count_tokens = lambda specs, on_done: on_done(tuple(100 for _ in specs))
    control.save(server_of("dies"))
    for kind in ("start", "tools"):
        until_state(qtbot, control, "dies", "needs_approval", kind)
        control.approve("dies", control.views[0].review.key)
    until_state(qtbot, control, "dies", "ready")
    fold = page.findChild(QPushButton, "mcp_tools_dies")
    assert fold.text() == "1 tool  ·  100 tokens in every prompt"
    fold.click()
    qtbot.waitUntil(lambda: "End the process." in texts(page))


def test_imported_servers_stay_off(page, control, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    mark = tmp_path / "started"
    entries = {"a": {"command": "touch", "args": [str(mark)]}, "b": {"url": "https://x.org/mcp"}}
    (tmp_path / ".cursor").mkdir()
    (tmp_path / ".cursor" / "mcp.json").write_text(json.dumps({"mcpServers": entries}))
    control.save(McpServer(name="a", command="true", is_enabled=False))
    click(qtbot, page, "mcp_open_import_button")
    assert str(mark) in texts(page._import).replace("\u200b", "")
    button = page._import.findChild(QPushButton, "mcp_import_button")
    assert not button.isEnabled()
    page._import.findChild(QCheckBox, "mcp_import_0").click()
    assert button.text() == "Import 1"
    assert_accessible(page._import)
    button.click()
    assert [(view.server.name, view.state) for view in control.views] == [("a", "off"), ("a 2", "off")]
    assert not mark.exists()


def test_form_shows_what_it_saved_and_says_what_it_does_not_understand(page, control, qtbot):
    remote = McpServer(name="far", url="https://x.org/mcp", headers={"A": "b: c"}, env={"T": "${T}"}, is_enabled=False)
    control.save(remote)
    click(qtbot, page, "mcp_edit_far", QToolButton)
    assert page._edit.findChild(QPlainTextEdit, "mcp_headers_field").toPlainText() == "A: b: c"
    assert not page._edit.findChild(QLineEdit, "mcp_command_field").isVisible()
    click(qtbot, page._edit, "mcp_edit_save_button")
    assert control.views[0].server == remote
    click(qtbot, page, "mcp_edit_far", QToolButton)
    page._edit.findChild(QComboBox, "mcp_kind_field").setCurrentIndex(0)
    page._edit.findChild(QLineEdit, "mcp_command_field").setText("x 'unclosed")
    click(qtbot, page._edit, "mcp_edit_save_button")
    assert "not understood" in texts(page._edit)
    assert_accessible(page._edit)


def test_fields_and_servers_are_the_same_thing():
    server = McpServer(name="a", command="x", args=("a b", "", "c'd"), env={"K": "v=w"}, cwd="/tmp")
    assert server_of_fields(fields_of(server), is_enabled=True, source="") == server
    empty = Fields(name="a", command="x")
    assert server_of_fields(empty, is_enabled=True, source="") == McpServer(name="a", command="x")
