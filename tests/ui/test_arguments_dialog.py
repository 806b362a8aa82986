"""Arguments are edited field by field or as JSON, checked against the schema, and run only by the button."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabWidget

from app.tools.tool import ToolSpec
from tests.ui.accessibility import assert_accessible
from tests.ui.tool_examples import COMMAND, PROBLEMS, READ, WRITE, call, click, part, seen
from ui.tools.arguments_dialog import ArgumentsDialog
from ui.tools.schema_check import check_arguments

TOOL = ToolSpec(
    name="deploy",
    description="",
    kind="external",
    parameters={
        "type": "object",
        "properties": {
            "target": {"type": "string", "enum": ["staging", "production"], "description": "Where to"},
            "notes": {"type": "string"},
            "replicas": {"type": "integer", "minimum": 1},
            "dry_run": {"type": "boolean"},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        "required": ["target"],
        "additionalProperties": False,
    },
)


@pytest.fixture
def dialog(theme, qtbot):
    """Show the dialog for a call."""
    kept = []

    def show(live, specs=()):
        shown = ArgumentsDialog(theme, live, specs)
        shown.finished.disconnect(shown.deleteLater)  # the test closes it
        qtbot.addWidget(shown)
        kept.append(shown)
        shown.show()
        qtbot.waitExposed(shown)
        return shown

    return show


def field(shown, name):
    return part(shown, f"argument_field_{name}")


def run_button(shown):
    return part(shown, "run_edited_button")


def submitted(qtbot, shown):
    """Click Run and return what is told."""
    with qtbot.waitSignal(shown.submitted) as told:
        click(qtbot, shown, "run_edited_button")
    return told.args


def test_there_is_a_field_of_its_kind_for_every_property(dialog):
    shown = dialog(call({"target": "staging", "labels": {"a": "b"}}, "asking", TOOL))
    assert field(shown, "target").currentText() == "staging"
    assert field(shown, "notes").toPlainText() == ""
    assert field(shown, "replicas").toPlainText() == ""
    assert not field(shown, "dry_run").isChecked()
    assert json.loads(field(shown, "labels").toPlainText()) == {"a": "b"}
    assert {"target", "notes  (optional)", "Where to"} <= set(seen(shown))


def test_edited_values_are_typed_and_what_is_left_empty_is_left_out(dialog, qtbot):
    shown = dialog(call({"target": "staging"}, "asking", TOOL))
    field(shown, "target").setCurrentText("production")
    field(shown, "replicas").setPlainText("3")
    field(shown, "dry_run").setChecked(True)
    assert submitted(qtbot, shown) == [
        "approve",
        "call-1",
        {"arguments": {"target": "production", "replicas": 3, "dry_run": True}, "remember": False},
    ]


def test_text_that_looks_like_json_stays_text_where_text_is_wanted(dialog, qtbot):
    shown = dialog(call({"target": "staging", "notes": "x"}, "asking", TOOL))
    field(shown, "notes").setPlainText('{"a": 1}')
    assert submitted(qtbot, shown)[2]["arguments"]["notes"] == '{"a": 1}'


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("replicas", "many", "This has to be of type integer."),
        ("replicas", "0", "0 is less than the minimum of 1"),
        ("labels", "[1]", "This has to be of type object."),
    ],
)
def test_what_does_not_fit_the_schema_is_said_at_its_field_and_cannot_run(dialog, name, text, words):
    shown = dialog(call({"target": "staging"}, "asking", TOOL))
    assert run_button(shown).isEnabled()
    field(shown, name).setPlainText(text)
    assert words in seen(field(shown, name).parentWidget())
    assert not run_button(shown).isEnabled()
    field(shown, name).setPlainText("")
    assert words not in seen(shown)
    assert run_button(shown).isEnabled()


def test_what_is_missing_is_said(dialog):
    shown = dialog(call({}, "asking", TOOL))
    assert "This is needed." in seen(field(shown, "target").parentWidget())
    assert not run_button(shown).isEnabled()


def test_an_empty_text_is_sent_only_where_somebody_means_it(dialog, qtbot):
    shown = dialog(call({"path": "a.py"}, "invalid", WRITE, problems=PROBLEMS))
    shown._form.show_arguments({**WRITE.parameters, "required": ["path", "content"]}, {"path": "a.py"})
    assert shown._form.values() == {"path": "a.py"}
    qtbot.keyClicks(field(shown, "content"), "x")
    qtbot.keyClick(field(shown, "content"), Qt.Key.Key_Backspace)
    assert shown._form.values() == {"path": "a.py", "content": ""}


def test_both_tabs_show_the_same_arguments(dialog, qtbot):
    shown = dialog(call({"command": "ls"}, "asking", COMMAND))
    tabs = shown.findChild(QTabWidget)
    field(shown, "command").setPlainText("ls -la")
    tabs.setCurrentIndex(1)
    assert json.loads(part(shown, "arguments_json").toPlainText()) == {"command": "ls -la"}
    part(shown, "arguments_json").setPlainText('{"command": "pwd", "timeout": 5}')
    tabs.setCurrentIndex(0)
    assert field(shown, "command").toPlainText() == "pwd"
    assert submitted(qtbot, shown)[2]["arguments"] == {"command": "pwd", "timeout": 5}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "This is not JSON: "),
        ("[1]", "The arguments have to be a JSON object, in braces."),
        ('{"timeout": 5}', "command: This is needed."),
    ],
)
def test_raw_arguments_that_cannot_run_are_explained(dialog, text, words):
    shown = dialog(call({"command": "ls"}, "asking", COMMAND))
    shown.findChild(QTabWidget).setCurrentIndex(1)
    part(shown, "arguments_json").setPlainText(text)
    assert any(word.startswith(words) for word in seen(shown))
    assert not run_button(shown).isEnabled()


def test_text_that_is_no_json_is_not_lost_by_looking_at_the_fields(dialog):
    shown = dialog(call({"command": "ls"}, "asking", COMMAND))
    tabs = shown.findChild(QTabWidget)
    tabs.setCurrentIndex(1)
    part(shown, "arguments_json").setPlainText('{"command": ')
    tabs.setCurrentIndex(0)
    assert tabs.currentIndex() == 1
    assert part(shown, "arguments_json").toPlainText() == '{"command": '


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_runs_nothing(dialog, qtbot, key):
    shown = dialog(call({"command": "ls"}, "asking", COMMAND))
    for target in (shown, run_button(shown), part(shown, "call_name_field")):
        with qtbot.assertNotEmitted(shown.submitted):
            qtbot.keyClick(target, key)
    assert shown.isVisible()


def test_cancelling_tells_nothing(dialog, qtbot):
    shown = dialog(call({"command": "ls"}, "asking", COMMAND))
    with qtbot.assertNotEmitted(shown.submitted):
        click(qtbot, shown, "cancel_edit_button")
    assert not shown.isVisible()


# --- mending ----------------------------------------------------------------------------------------------------


def test_a_malformed_call_is_mended_with_what_was_understood(dialog, qtbot):
    shown = dialog(call({"path": "a.py", "limit": "many"}, "invalid", READ, problems=PROBLEMS), (READ, WRITE))
    assert "This has to be of type integer." in seen(shown)
    field(shown, "limit").setPlainText("10")
    assert submitted(qtbot, shown) == [
        "fix",
        "call-1",
        {"name": "read_file", "arguments": {"path": "a.py", "limit": 10}},
    ]


def test_a_tool_that_does_not_exist_is_exchanged_for_one_that_does(dialog, qtbot):
    live = call({"path": "a.py"}, "invalid", READ, name="reed_file", problems=PROBLEMS)
    unknown = live.__class__(live.turn_id, live.part, live.state)
    shown = dialog(unknown, (READ, WRITE))
    name = part(shown, "call_name_field")
    assert name.currentText() == "reed_file"
    assert "There is no tool of that name: choose one." in seen(shown)
    name.setCurrentText("write_file")
    assert "This is needed." not in seen(shown)
    field(shown, "content").setPlainText("x")
    assert submitted(qtbot, shown) == [
        "fix",
        "call-1",
        {"name": "write_file", "arguments": {"path": "a.py", "content": "x"}},
    ]


def test_everything_can_be_found_and_heard(dialog):
    assert_accessible(dialog(call({"target": "staging"}, "asking", TOOL)))
    assert_accessible(dialog(call({"path": "a.py"}, "invalid", READ, problems=PROBLEMS), (READ, WRITE)))


# --- the check itself -------------------------------------------------------------------------------------------


def test_a_schema_that_is_none_checks_nothing():
    assert check_arguments({"a": 1}, {"type": "no such type"}) == {}


@pytest.mark.parametrize("reference", ["#/$defs/gone", "https://example.org/none"])
def test_a_schema_that_leads_nowhere_checks_nothing(reference):
    assert check_arguments({"a": 1}, {"properties": {"a": {"$ref": reference}}}) == {}


def test_type_names_that_tool_authors_write_are_understood():
    assert check_arguments({"a": "x"}, {"properties": {"a": {"type": "int"}}}) == {
        "a": "This has to be of type integer."
    }


def test_arguments_that_are_not_known_are_said_of_the_whole():
    assert check_arguments({"target": "staging", "x": 1}, TOOL.parameters).keys() == {""}


def test_a_complaint_does_not_quote_a_whole_file():
    wrong = check_arguments({"a": "x" * 5000}, {"properties": {"a": {"maxLength": 3}}})
    assert len(wrong["a"]) <= 160
