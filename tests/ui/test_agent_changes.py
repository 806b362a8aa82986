"""What a run changed and the way back, and what can be done by keys."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QToolButton

from app.conversations.parts import ToolResultPart
from tests.ui.agent_fakes import file_change, refusal, undone
from ui.control.agent_actions import add_agent_actions
from ui.widgets.actions import ActionTable

# --- what it changed --------------------------------------------------------------------------------------------


@pytest.fixture
def changed(agent):
    """A run that is complete and changed two files in three steps."""
    agent.changes.kept = (
        file_change("a.py", "s1", "a0", "a1"),
        file_change("b.py", "s2", None, "b1"),
        file_change("a.py", "s3", "a1", "a2"),
    )
    agent.changes.data = {"a0": b"0", "a1": b"1", "a2": b"2", "b1": b"b"}
    agent.be("running")
    agent.have(agent.call("done", step="s1", command="make  all"))
    agent.be("complete")
    return agent


def test_changed_files_are_counted(changed):
    assert changed.title() == "The run is complete"
    assert changed.bar.findChild(QPushButton, "run_review_button").text() == "Review 2 files…"


def test_a_conversation_without_steps_asks_the_store_nothing(agent):
    agent.be("complete")
    agent.show(agent.other)
    agent.show(agent.first)
    assert agent.changes.listed == []


def test_changes_are_counted_again_when_the_conversation_comes_back(changed):
    changed.show(changed.other)
    assert changed.title() is None
    changed.show(changed.first)
    assert changed.control.changed_files == 2


def test_the_review_names_the_steps(changed):
    changed.press("run_review_button")
    top = changed.dialog()._model.item(0)
    assert [top.text(), top.child(0).text(), top.child(1).text()] == ["a.py", "run_command make all", "Step"]


def test_undoing_the_run_asks_first_and_tells_numbers(changed):
    changed.press("run_undo_button")
    assert changed.port.asked == []
    changed.press("undo_yes_button", changed.dialog())
    assert changed.port.asked == [("undo", "k", (), False)]
    changed.changes.kept = ()
    changed.port.undos[0](undone("a.py", "b.py"))
    assert changed.told() == ["2 files as before"]
    assert changed.title() is None
    assert changed.dialog()._model.rowCount() == 0


def test_files_changed_since_are_left_alone_until_that_is_asked_for(changed):
    changed.press("run_undo_button")
    changed.press("undo_yes_button", changed.dialog())
    changed.changes.kept = changed.changes.kept[1:2]
    changed.port.undos[0](undone("a.py", conflicts=["b.py"]))
    assert changed.told() == []
    assert changed.dialog().findChild(QLabel, "changes_conflicts").isVisible()
    changed.press("undo_force_button", changed.dialog())
    changed.press("undo_yes_button", changed.dialog())
    assert changed.port.asked[-1] == ("undo", "k", (), True)


def test_conflicts_of_a_step_undone_at_its_card_can_be_reviewed(changed):
    changed.control.act("undo", "c1", "s1")
    changed.port.undos[0](undone(conflicts=["a.py"]))
    assert changed.told() == ["Nothing was undone"]
    changed.notices.notices()[0].actions[0].run()
    assert changed.dialog().findChild(QLabel, "changes_conflicts").isVisible()


def test_an_undo_that_fails_says_why(changed):
    changed.control.act("undo", "c1", "s1")
    changed.port.undos[0](refusal("The folder is gone"))
    assert changed.told() == ["The folder is gone"]


def test_changes_that_cannot_be_listed_are_said_when_somebody_asks_to_see_them(changed):
    changed.changes.error = refusal("The folder is gone")
    changed.control.review()
    assert changed.told() == ["The folder is gone"]


# --- actions ----------------------------------------------------------------------------------------------------


class NoTools:
    """What the actions need of the tools' control."""

    choose_folder = open_tools = staticmethod(lambda: None)


@pytest.fixture
def table(agent, theme):
    """The table of actions with the agent's own."""
    table = ActionTable(theme, agent.window)
    add_agent_actions(table, agent.control, NoTools())
    return table


def enabled(table):
    return {action.id for action in table.of("Tools") if table.is_enabled(action.id)} - {"tools.folder", "tools.list"}


def test_actions_are_there_when_there_is_something_to_do(agent, table):
    assert enabled(table) == set()
    agent.be("running")
    assert enabled(table) == {"run.stop"}
    agent.be("waiting")
    agent.have(agent.call("asking"))
    assert enabled(table) == {"run.stop", "run.show", "run.approve", "run.deny"}
    agent.be("limit")
    assert enabled(table) == {"run.continue"}


def test_changes_can_be_undone_once_the_run_has_ended(changed, table):
    assert enabled(table) == {"changes.review", "changes.undo"}
    changed.be("running")
    assert enabled(table) == {"run.stop", "changes.review"}


def test_approving_by_keys_leaves_it_to_the_card_whether_it_was_seen(agent, table):
    agent.be("waiting")
    agent.have(agent.call("asking"))
    table.run("run.approve")
    table.run("run.deny")
    assert agent.calls.told[-2:] == [("approve",), ("deny",)]
    assert agent.port.asked == []


def test_no_shortcut_of_these_is_enter(table):
    assert all("Return" not in action.shortcut and "Enter" not in action.shortcut for action in table.of("Tools"))


def test_what_a_run_changed_can_still_be_reviewed_after_another_that_changed_nothing(changed, table):
    result = ToolResultPart(call_id="c1", name="run_command", content="", step="s1")
    changed.port.runs[changed._add("tool", result)] = changed.port.run
    changed.asked = changed._add("user", "Why?")
    changed.show(changed.first)
    changed.be("running", key="k2")
    assert "changes.review" not in enabled(table)
    changed.be("complete", key="k2")
    assert changed.title() is None
    assert changed.control.changed_files == 2
    assert enabled(table) == {"changes.review", "changes.undo"}
    table.run("changes.undo")
    changed.press("undo_yes_button", changed.dialog())
    assert changed.port.asked == [("undo", "k", (), False)]


# --- what the review tells --------------------------------------------------------------------------------------


def test_comments_become_a_message_for_the_conversation_of_the_run(changed, qtbot):
    changed.press("run_review_button")
    dialog = changed.dialog()
    dialog.findChild(QToolButton, "comment_hunk_0").click()
    dialog.findChild(QPlainTextEdit, "comment_field_0").setPlainText("Why 2?")
    with qtbot.waitSignal(changed.run_changes.comments_ready) as told:
        changed.press("send_comments_button", dialog)
    conversation, message = told.args
    assert conversation == changed.first
    assert "`a.py`, line 1:" in message
    assert message.endswith("Why 2?")
    assert not dialog.isVisible()  # the message is below it, and waits to be sent
    changed.press("run_review_button")
    assert not changed.dialog().findChild(QPushButton, "send_comments_button").isVisible()


def test_files_that_a_review_or_an_undo_wrote_are_told_by_their_whole_paths(changed):
    told = []
    changed.run_changes.files_written.connect(told.append)
    changed.press("run_review_button")
    changed.dialog().findChild(QToolButton, "reject_hunk_0").click()
    changed.control.act("undo", "c1", "s1")
    changed.port.undos[0](undone("b.py"))
    assert told == [("/home/you/project/a.py",), ("/home/you/project/b.py",)]


def test_every_step_that_changed_files_is_told_in_whichever_conversation_it_was(agent):
    told = []
    agent.control.step_made.connect(lambda run, call: told.append((run.key, call.result.step)))
    agent.be("running")
    agent.have(agent.call("running"))
    agent.show(agent.other)
    agent.have(agent.call("done", step="s1"))
    assert told == [("k", "s1")]


def test_a_review_during_the_run_cannot_undo_it_but_can_reject(changed):
    changed.be("running")
    changed.press("run_review_button")
    dialog = changed.dialog()
    assert not dialog.findChild(QPushButton, "undo_run_button").isEnabled()
    assert dialog.findChild(QToolButton, "reject_hunk_0").isEnabled()


def test_a_proposed_message_stands_below_what_was_typed_in_its_conversation(agent):
    agent.composer.set_text("First this.")
    agent.chats.propose(agent.first, "Then that.")
    assert agent.composer.text() == "First this.\n\nThen that."
    agent.show(agent.other)
    agent.chats.propose(agent.first, "And more.")
    assert agent.session.shown_id == agent.first
    assert agent.composer.text().endswith("Then that.\n\nAnd more.")
    assert agent.store.conversation(agent.first).draft == agent.composer.text()
