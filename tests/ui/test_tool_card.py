"""A tool card: one line that tells how a call stands, all about it when unfolded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenu

from tests.ui.accessibility import assert_accessible
from tests.ui.tool_examples import CALLS, COMMAND, PROBLEMS, VIEWS, call, click, make_card, part, seen, tell
from ui.tools.terminal_pane import MAX_LINES


@pytest.fixture
def card(theme, qtbot):
    """Show a card for a call."""
    return lambda live: make_card(theme, qtbot, live)


def spoken(shown):
    return shown.head.accessibleName()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("writing", "read_file: writing \u2026"),
        ("queued", "read_file: a.py, queued"),
        ("asking", "run_command: ls -la, needs your approval"),
        ("question", "ask_user: Which?, asks you"),
        ("running", "run_command: make, running  0 s, sandboxed"),
        ("invalid", "read_file: a.py, malformed"),
        ("done", "read_file: a.py, 1 line, 0.3 s"),
    ],
)
def test_the_line_says_tool_argument_and_state(card, state, words):
    assert spoken(card(CALLS[state])) == words


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("failed", "failed  2 s"),
        ("denied", "denied  2 s"),
        ("answered", "answered by you  2 s"),
        ("cancelled", "stopped  2 s"),
        ("timed_out", "time limit  2 s"),
        ("invalid", "malformed  2 s"),
        ("not_run", "not run  2 s"),
    ],
)
def test_an_end_other_than_done_is_said(card, outcome, words):
    shown = card(call({"path": "a.py"}, result={"outcome": outcome, "content": "Why.", "seconds": 2.0}))
    assert spoken(shown) == f"read_file: a.py, {words}"


def test_what_came_of_it_is_in_the_line(card):
    summaries = [
        spoken(card(call({"path": "a"}, number=number, result={"view": view}))) for number, view in enumerate(VIEWS)
    ]
    told = [words.removeprefix("read_file: a, ").removesuffix(", done") for words in summaries]
    assert told[2:] == [
        "1 line",
        "+1  \u22121",
        "exit 0",
        "1 match in 1 file",
        "2 entries",
        "1 of 2 done",
        "That one",
    ]


@pytest.mark.parametrize("state", ["asking", "question", "invalid"])
def test_a_card_that_needs_a_person_is_unfolded_and_the_others_are_not(card, state):
    assert card(CALLS[state]).is_unfolded
    assert card(CALLS["queued"]).body is None


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_keys_and_clicks_on_the_line_fold_and_unfold(card, qtbot, key):
    shown = card(CALLS["done"])
    folded = shown.height()
    qtbot.keyClick(shown.head, key)
    assert shown.is_unfolded
    assert shown.height() > folded
    qtbot.mouseClick(shown.head, Qt.MouseButton.LeftButton)
    assert not shown.is_unfolded
    assert shown.height() == folded


def test_a_card_folds_again_when_it_needs_nobody_any_more(card):
    shown = card(CALLS["asking"])
    tell(shown, call({"command": "ls -la"}, "running", COMMAND))
    assert not shown.is_unfolded


def test_a_card_that_was_unfolded_stays_so_through_its_states(card):
    shown = card(call({"command": "make"}, "queued", COMMAND))
    shown.unfold()
    tell(shown, CALLS["running"])
    assert part(shown, "live_output").toPlainText() == "one\ntwo"
    tell(shown, call({"command": "make"}, tool=COMMAND, result={"view": VIEWS[4]}))
    assert part(shown, "terminal_result").toPlainText() == "a.py"
    assert part(shown, "live_output") is None


def test_arguments_grow_as_they_are_written(card):
    shown = card(CALLS["writing"])
    shown.unfold()
    for key, text in (("path", "src/"), ("path", "a.py"), ("content", "x = 1\n"), ("content", "y = 2")):
        shown._shown.grow(key, text)
        shown.grow(key, text)
    assert spoken(shown) == "read_file: src/a.py, writing \u2026"
    assert part(shown, "growing_path").toPlainText() == "src/a.py"
    assert part(shown, "growing_content").toPlainText() == "x = 1\ny = 2"


def test_the_argument_that_matters_is_found_in_json_under_way(card):
    shown = card(CALLS["writing"])
    shown._shown.grow("", '{"limit": 3, "path": "src/a')
    shown.grow("", "")
    assert spoken(shown) == "read_file: src/a, writing \u2026"


def test_live_output_is_bounded_and_follows(card):
    shown = card(CALLS["running"])
    shown.unfold()
    for start in range(0, 3 * MAX_LINES, 500):
        shown.print("".join(f"line {number}\n" for number in range(start, start + 500)))
    pane = part(shown, "live_output")
    assert pane.blockCount() <= MAX_LINES
    assert pane.toPlainText().endswith(f"line {3 * MAX_LINES - 1}")
    assert pane.verticalScrollBar().value() == pane.verticalScrollBar().maximum()


@pytest.mark.parametrize(
    ("state", "button", "action", "payload"),
    [
        ("running", "stop_tool_button", "cancel", None),
        ("invalid", "fix_button", "edit", None),
        ("invalid", "ask_again_button", "ask_again", None),
        ("invalid", "as_text_button", "as_text", None),
        ("done", "undo_step_button", "undo", "s1"),
        ("done", "inspect_call_button", "inspect", None),
    ],
)
def test_buttons_tell_what_is_wanted(card, qtbot, state, button, action, payload):
    shown = card(CALLS[state])
    shown.unfold()
    with qtbot.waitSignal(shown.action_requested) as asked:
        click(qtbot, shown, button)
    assert asked.args == [action, payload]


def test_a_step_that_changed_nothing_cannot_be_undone(card):
    shown = card(call({"path": "a.py"}, result={"view": VIEWS[2]}))
    shown.unfold()
    assert part(shown, "undo_step_button") is None


def test_a_malformed_call_shows_what_is_wrong_and_where(card):
    shown = card(CALLS["invalid"])
    assert {"limit has to be an integer.", "The call was not closed."} <= set(seen(shown))
    raw = part(shown, "raw_text")
    assert raw.toPlainText() == "<raw>many</raw>"
    [line] = raw.lines
    assert [line.text[begin:end] for begin, end, mark in line.spans if mark == "problem"] == ["many"]


def test_a_malformed_call_that_the_model_was_told_of_is_folded_but_can_still_be_mended(card, qtbot):
    live = CALLS["invalid"]
    shown = card(live)
    tell(shown, call({"path": "a.py"}, "invalid", raw=live.part.raw, problems=PROBLEMS, result={"content": "Mend it."}))
    assert not shown.is_unfolded
    shown.unfold()
    assert part(shown, "text_result").toPlainText() == "Mend it."
    with qtbot.waitSignal(shown.action_requested):
        click(qtbot, shown, "ask_again_button")


@pytest.mark.parametrize("state", CALLS)
def test_nothing_can_be_done_with_a_call_from_a_record_but_look_at_it(card, state):
    shown = card(replace(CALLS[state], is_record=True))
    assert not shown.is_unfolded
    shown.unfold()
    offered = {one.objectName() for one in shown.findChildren(QAbstractButton)}
    assert offered <= {"tool_card_head", "inspect_call_button", "copy_call_button"}


def test_arguments_that_a_person_changed_are_the_ones_shown(card):
    shown = card(call({"path": "a.py"}, result={"view": VIEWS[2], "arguments": {"path": "b.py"}}))
    shown.unfold()
    assert spoken(shown).startswith("read_file: b.py")
    assert "Changed by you before it ran:" in seen(shown)
    assert "b.py" in seen(shown)


@pytest.mark.parametrize(("sandbox", "words"), [("bubblewrap", "sandboxed: bubblewrap"), ("none", "not sandboxed")])
def test_a_command_says_what_held_it(card, sandbox, words):
    view = VIEWS[4].__class__(command="ls", output="", exit_code=3, sandbox=sandbox)
    shown = card(call({"command": "ls"}, tool=COMMAND, result={"view": view, "sandbox": sandbox}))
    shown.unfold()
    assert {words, "exit code 3"} <= set(seen(shown))
    assert spoken(shown).endswith(", not sandboxed" if sandbox == "none" else ", sandboxed")


def test_what_there_is_to_say_of_a_command_stands_above_its_output(card):
    view = VIEWS[4].__class__(command="make", output="made\n", exit_code=0, note="It cannot be taken back.")
    shown = card(call({"command": "make"}, tool=COMMAND, result={"view": view}))
    shown.unfold()
    note = next(label for label in shown.findChildren(QLabel) if label.text() == view.note)
    assert note.isVisibleTo(shown)
    end = note.mapTo(shown, note.rect().bottomLeft()).y()
    output = part(shown, "terminal_result")
    assert end < output.mapTo(shown, output.rect().topLeft()).y()


def test_of_very_many_changed_files_a_few_are_named_and_the_rest_counted(card):
    names = tuple(f"{number}.o" for number in range(200))
    view = VIEWS[4].__class__(command="make", output="", exit_code=0, changed_files=names, changed_total=5000)
    shown = card(call({"command": "make"}, tool=COMMAND, result={"view": view}))
    shown.unfold()
    assert any(words.endswith(", 11.o and 4,988 more") for words in seen(shown))


def test_a_command_that_asks_or_runs_outside_of_the_sandbox_says_so(card):
    def told(state, reach):
        return spoken(card(call({"command": "ls"}, state, COMMAND, reach=reach)))

    assert told("asking", "unsandboxed").endswith(", not sandboxed")
    assert told("running", "unsandboxed").endswith(", not sandboxed")
    assert told("running", "network").endswith(", sandboxed")
    assert told("asking", "network").endswith("needs your approval")


def test_what_is_copied_is_what_was_there(card, qtbot):
    shown = card(call({"path": "a\u202e.py"}, raw="<raw>", result={"view": VIEWS[2], "content": "x\u202e = 1"}))
    shown.unfold()
    click(qtbot, shown, "copy_call_button")
    [menu] = shown.findChildren(QMenu)
    copied = {}
    for action in menu.actions():
        action.trigger()
        copied[action.text()] = QGuiApplication.clipboard().text()
    menu.close()
    assert copied == {
        "Arguments": '{\n  "path": "a\u202e.py"\n}',
        "What the model wrote": "<raw>",
        "Result": "x\u202e = 1",
    }


def test_hidden_characters_are_seen_in_line_arguments_and_result(card):
    shown = card(call({"path": "a\u202e.py"}, result={"content": "x\u200b"}))
    shown.unfold()
    assert "a\u27e8U+202E\u27e9.py" in spoken(shown)
    assert "a\u27e8U+202E\u27e9.py" in seen(shown)
    assert part(shown, "text_result").toPlainText() == "x\u27e8U+200B\u27e9"


def test_words_from_outside_are_never_rich_text(card):
    shown = card(call({"<b>key</b>": "<img src=x>"}, result={"content": "<b>bold</b>"}))
    shown.unfold()
    assert {"<b>key</b>", "<img src=x>"} <= set(seen(shown))
    assert part(shown, "text_result").toPlainText() == "<b>bold</b>"


def test_a_tool_that_is_not_known_has_a_card_too(card):
    live = call({"a": "b"}, "invalid", name="no_such_tool", problems=CALLS["invalid"].part.problems)
    shown = card(live.__class__(live.turn_id, live.part, live.state))
    assert spoken(shown) == "no_such_tool: b, malformed"


def test_seconds_are_counted_only_while_it_runs(card):
    shown = card(CALLS["running"])
    assert shown._tick_timer.isActive()
    tell(shown, call({"command": "make"}, tool=COMMAND, result={"view": VIEWS[4]}))
    assert not shown._tick_timer.isActive()
    assert card(CALLS["queued"])._tick_timer is None


@pytest.mark.parametrize("state", CALLS)
def test_everything_in_a_card_can_be_found_and_heard(card, state):
    shown = card(CALLS[state])
    shown.unfold()
    assert_accessible(shown)
    assert shown.accessibleName() == f"Tool call: {CALLS[state].spec.name}"
