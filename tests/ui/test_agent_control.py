"""What can be seen of a run and done about it, with an agent that only remembers what it was asked."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.chat.changes import CallChanged, CallGrew, RunChanged, SpanChanged, ToolPrinted, TurnAdded
from app.conversations.parts import TextPart, ToolCallPart
from app.conversations.store import ConversationStore
from tests.app.chats import Chat
from tests.ui.agent_fakes import (
    FakeCalls,
    FakePort,
    FakeStore,
    call,
    file_change,
    refusal,
    run,
    span,
    undone,
)
from ui.chat.composer import STEER_WORDS, ComposerPanel
from ui.chat.transcript_view import TranscriptView
from ui.control.agent_actions import add_agent_actions
from ui.control.agent_control import AgentControl
from ui.control.chat_control import ChatControl
from ui.control.run_changes import RunChanges
from ui.sidebar.conversation_sidebar import ConversationSidebar
from ui.tools.changes_dialog import ChangesDialog
from ui.tools.run_bar import RunBar
from ui.widgets.actions import ActionTable
from ui.widgets.labels import make_label
from ui.widgets.notices import Notices

NOW = 1000.0


class Agent:
    """The middle of the program with a fake agent; the conversation "Fix it" is on show, with a run of three turns."""

    def __init__(self, theme, store):
        self.chat = Chat(store)
        self.store, self.session = store, self.chat.session
        self.port, self.calls, self.changes = FakePort(), FakeCalls(), FakeStore()
        self.window = QWidget()
        self.notices = Notices(theme, self.window)
        self.bar, self.composer = RunBar(theme), ComposerPanel(theme)
        self.transcript, self.sidebar = TranscriptView(theme), ConversationSidebar(theme)
        layout = QVBoxLayout(self.window)
        for widget in (self.sidebar, self.transcript, self.bar, self.composer):
            layout.addWidget(widget)

        def make_diff(_theme, path, before, after):
            return make_label(f"{path} {before} {after}")

        run_changes = RunChanges(theme, self.window, self.port, self.changes, make_diff, self.notices, self.window)
        self.control = AgentControl(
            self.port, self.session, store, self.calls, self.bar, run_changes, self.notices, self.window,
            clock=lambda: NOW,
        )  # fmt: skip
        self.chats = ChatControl(
            self.session, self.chat.replier, store, self.transcript, self.composer, self.sidebar, self.notices, dict,
            self.window, agent=self.control,
        )  # fmt: skip
        self.chat.replier._listen = self.session._listen = self.apply
        self.first, self.other = store.create("Fix it").id, store.create("Other").id
        self.asked = self._add("user", "Do it.")
        self.reply = self._add("assistant", ToolCallPart(call_id="c1", name="run_command", arguments={}))
        self._add("tool", "out")
        self.show(self.first)

    def _add(self, role, part):
        leaf = self.store.conversation(self.first).leaf_id
        made = TextPart(text=part) if isinstance(part, str) else part
        return self.store.add_turn(self.first, leaf, role, (made,), "complete").id

    def apply(self, change):
        self.chats.apply(change)
        self.control.apply(change)

    def show(self, conversation):
        self.session.show(conversation)

    def be(self, state, **fields):
        """Have the run of the first conversation be in a state."""
        self.port.run = run(state, conversation=self.first, asked=self.asked, **fields)
        self.port.runs[self.reply] = self.port.run
        self.apply(RunChanged(self.port.run))

    def have(self, *calls):
        """Have the reply's calls stand so, and say so."""
        self.port.calls[self.reply] = calls
        for one in calls:
            self.apply(CallChanged(one))

    def call(self, state, call_id="c1", **fields):
        return call(self.reply, call_id, state, **fields)

    def title(self):
        label = self.bar.findChild(QLabel, "run_title")
        return label.text() if self.bar.isVisible() else None

    def press(self, name, inside=None):
        (inside or self.bar).findChild(QPushButton, name).click()

    def dialog(self):
        return self.window.findChild(ChangesDialog)

    def told(self):
        return [notice.title for notice in self.notices.notices()]


@pytest.fixture
def agent(theme, own_home, qtbot):
    """The agent's control in a window."""
    store = ConversationStore(own_home / "conversations.db")
    made = Agent(theme, store)
    qtbot.addWidget(made.window)
    made.window.show()
    yield made
    made.control.stop()
    made.chats.stop()
    made.notices.dismiss_all()
    made.window.close()
    store.close()


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
    agent.control.span_changed.connect(spans.append)
    agent.be("running")
    agent.apply(SpanChanged(7, span(0, "prompt", 0.0)))
    agent.apply(SpanChanged(8, span(1, "prompt", 0.0)))
    assert [one.number for one in spans] == [0]


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
    assert "Your message goes in before the next step" in agent.bar.findChild(QLabel, "run_detail").text()
    turn_id = agent._add("user", "use tabs")
    agent.apply(TurnAdded(agent.store.turn(turn_id)))
    assert "Your message" not in agent.bar.findChild(QLabel, "run_detail").text()


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


# --- what it changed --------------------------------------------------------------------------------------------


@pytest.fixture
def changed(agent):
    """A run that is complete and changed two files in three steps."""
    agent.changes.changes = (
        file_change("a.py", "s1", "a0", "a1"),
        file_change("b.py", "s2", None, "b1"),
        file_change("a.py", "s3", "a1", "a2"),
    )
    agent.changes.contents = {"a0": b"0", "a1": b"1", "a2": b"2", "b1": b"b"}
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
    changed.changes.changes = ()
    changed.port.undos[0](undone("a.py", "b.py"))
    assert changed.told() == ["2 files as before"]
    assert changed.title() is None
    assert changed.dialog()._model.rowCount() == 0


def test_files_changed_since_are_left_alone_until_that_is_asked_for(changed):
    changed.press("run_undo_button")
    changed.press("undo_yes_button", changed.dialog())
    changed.changes.changes = changed.changes.changes[1:2]
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
