"""What can be seen of a run and done about it, with an agent that only remembers what it was asked."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton

from app.chat.changes import CallGrew, SpanChanged, ToolPrinted
from tests.ui.agent_fakes import refusal, span, undone
from ui.chat.composer import STEER_WORDS

# --- what is shown ----------------------------------------------------------------------------------------------


def test_a_run_is_told_by_its_bar_and_followed_by_others(agent):
    shown = []
    agent.control.run_shown.connect(shown.append)
    agent.be("running")
    assert agent.title() == "The model is at work"
    agent.be("complete")
    assert agent.title() is None
    assert [one.state for one in shown] == ["running", "complete"]


def test_calls_go_to_their_cards(agent):
    agent.be("running")
    writing = agent.call("writing")
    agent.have(writing)
    agent.apply(CallGrew(agent.reply, "c1", "command", "ls"))
    agent.apply(ToolPrinted(agent.reply, "c1", "a.txt"))
    assert agent.calls.told == [
        ("show", writing),
        ("grow", agent.reply, "c1", "command", "ls"),
        ("print", agent.reply, "c1", "a.txt"),
    ]


def test_nothing_of_another_conversation_is_shown(agent):
    agent.show(agent.other)
    agent.be("running")
    agent.have(agent.call("writing"))
    agent.apply(CallGrew(agent.reply, "c1", "command", "ls"))
    assert agent.calls.told == []
    assert agent.title() is None


def test_spans_of_the_run_on_show_are_passed_on(agent):
    spans = []
    agent.control.span_changed.connect(lambda run_id, one: spans.append((run_id, one.number)))
    agent.be("running")
    agent.apply(SpanChanged(7, span(0, "prompt", 0.0)))
    agent.apply(SpanChanged(8, span(1, "prompt", 0.0)))
    assert spans == [(7, 0)]


def test_what_waits_is_named_and_can_be_brought_on_the_screen(agent):
    agent.be("waiting")
    agent.have(agent.call("asking"))
    assert agent.title() == "run_command asks for approval"
    agent.press("run_show_button")
    assert agent.calls.told[-1] == ("scroll", agent.reply)
    agent.have(agent.call("running"))
    assert agent.title() == "The model is at work"


def test_what_waits_is_found_again_when_its_conversation_comes_back(agent):
    agent.be("waiting")
    agent.have(agent.call("asking"))
    agent.show(agent.other)
    assert agent.title() == "A run waits for you in “Fix it”"
    asked = []
    agent.control.conversation_requested.connect(asked.append)
    agent.press("run_show_button")
    assert asked == [agent.first]
    agent.show(agent.first)
    assert agent.title() == "run_command asks for approval"


def test_a_bar_that_was_put_away_comes_back_with_another_state(agent):
    agent.be("paused")
    agent.bar.findChild(QToolButton, "run_close_button").click()
    assert agent.title() is None
    agent.be("stopped")
    assert agent.title() == "The run was stopped"


def test_time_passes_on_the_bar_only_while_a_run_is_active(agent):
    agent.be("running")
    assert agent.control._tick_timer.isActive()
    agent.be("complete")
    assert not agent.control._tick_timer.isActive()


# --- what is clicked at a card ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "payload", "verb"),
    [
        ("approve", {"arguments": None, "remember": True}, ("approve", "c1", None, True)),
        ("approve", {"arguments": {"a": 1}, "remember": False}, ("approve", "c1", {"a": 1}, False)),
        ("deny", "no", ("deny", "c1", "no")),
        ("answer", "yes", ("answer", "c1", "yes")),
        ("fix", {"name": "n", "arguments": {"a": 1}}, ("fix", "c1", "n", {"a": 1})),
        ("ask_again", None, ("ask_again", "c1")),
        ("as_text", None, ("as_text", "c1")),
        ("cancel", None, ("cancel", "c1")),
    ],
)
def test_what_is_clicked_reaches_the_agent(agent, action, payload, verb):
    agent.control.act(action, "c1", payload)
    assert agent.port.asked == [verb]


def test_what_stands_against_it_is_said(agent):
    agent.port.refusal = refusal("The arguments do not fit")
    agent.control.act("fix", "c1", {"name": "n", "arguments": {}})
    assert agent.told() == ["The arguments do not fit"]


def test_a_call_can_be_looked_at_closely(agent):
    looked = []
    agent.control.inspect_requested.connect(looked.append)
    done = agent.call("done")
    agent.have(done)
    agent.control.act("inspect", "c1", None)
    assert looked == [done]


def test_a_step_is_undone_with_the_run_it_belongs_to(agent):
    agent.be("complete")
    agent.have(agent.call("done", step="s1"))
    agent.control.act("undo", "c1", "s1")
    assert agent.port.asked == [("undo", "k", ("s1",), False)]
    agent.port.undos[0](undone("a.txt"))
    assert agent.told() == ["1 file as before"]


# --- going on, stopping, steering -------------------------------------------------------------------------------


def test_a_paused_run_goes_on_from_the_bar(agent):
    agent.be("paused", reason="It loops.")
    agent.press("run_continue_button")
    assert agent.port.asked == [("proceed",)]
    agent.port.refusal = refusal("No model is loaded")
    agent.press("run_continue_button")
    assert agent.told() == ["No model is loaded"]


def test_a_message_sent_while_a_run_goes_on_is_given_to_the_model(agent, qtbot):
    agent.be("running")
    assert agent.composer.edit.placeholderText() == STEER_WORDS
    qtbot.keyClicks(agent.composer.edit, "use tabs")
    qtbot.keyClick(agent.composer.edit, Qt.Key.Key_Return)
    assert agent.port.asked == [("inject", "use tabs")]
    assert agent.composer.text() == ""
    agent.be("running", injected=("use tabs",))
    assert "Your message goes in before the next step" in agent.bar.findChild(QLabel, "run_detail").text()


def test_stop_and_send_stand_side_by_side_while_a_run_can_be_steered(agent):
    agent.be("waiting")
    assert agent.composer.findChild(QToolButton, "stop_button").isVisible()
    assert agent.composer.findChild(QToolButton, "send_button").isVisible()
    agent.be("complete")
    assert not agent.composer.findChild(QToolButton, "stop_button").isVisible()


def test_a_run_in_another_conversation_takes_no_message_from_this_one(agent, qtbot):
    agent.be("running")
    agent.show(agent.other)
    qtbot.keyClicks(agent.composer.edit, "hello")
    qtbot.keyClick(agent.composer.edit, Qt.Key.Key_Return)
    assert agent.port.asked == []
    assert agent.composer.text() == "hello"


def test_after_a_run_that_was_paused_a_message_begins_another(agent, qtbot):
    agent.be("paused")
    qtbot.keyClicks(agent.composer.edit, "try this")
    qtbot.keyClick(agent.composer.edit, Qt.Key.Key_Return)
    assert agent.port.asked == []
    assert agent.session.branch[-2].text == "try this"
    agent.session.stop()
    agent.chat.finish("cancelled")
