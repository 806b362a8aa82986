"""The inspector in the window: it follows the run, looks at calls, and leads back to the transcript."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.agent.token_lookup import TokenLookup
from app.chat.changes import SpanChanged
from app.conversations.store import ConversationStore
from tests.ui.agent_desk import Agent
from tests.ui.agent_fakes import span
from ui.control.inspect_control import InspectControl
from ui.inspect.inspector import Inspector
from ui.inspect.microscope import Microscope
from ui.inspect.replay import ReplayWindow
from ui.inspect.timeline_view import TimelineView
from ui.main_window import MainWindow

SPANS = (
    span(0, "prompt", 0.0, 1.0, turn_id=2, tokens=10),
    span(1, "generate", 1.0, 2.0, turn_id=2, tokens=5),
    span(2, "tool", 2.0, 3.0, turn_id=2, call_id="c1", title="run_command", outcome="done"),
)


@pytest.fixture
def store(tmp_path):
    made = ConversationStore(tmp_path / "conversations.db")
    yield made
    made.close()


@pytest.fixture
def desk(theme, qtbot, store):
    made = Agent(theme, store)
    qtbot.addWidget(made.window)
    return made


@pytest.fixture
def window(theme, qtbot):
    made = MainWindow(theme)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def control(theme, window, desk):
    lookup = TokenLookup(desk.chat.engine)
    inspector = Inspector(theme, TimelineView(theme), Microscope(theme, lookup.find, lookup.count))
    made = InspectControl(
        theme, window, inspector, lookup, desk.port, desk.control, desk.session, desk.transcript, window
    )
    made.inspector = inspector
    return made


def test_the_panel_is_below_the_chat_and_closed_at_first(window, control):
    dock = window.panels["inspector"]
    assert window.dockWidgetArea(dock) == Qt.DockWidgetArea.BottomDockWidgetArea
    assert dock.isHidden()


def test_the_timeline_follows_the_run_on_show(control, desk):
    desk.be("running", spans=SPANS[:2])
    assert control.inspector.timeline.run.spans == SPANS[:2]
    desk.be("running", spans=SPANS)
    desk.apply(SpanChanged(7, SPANS[2]))
    assert control.inspector.timeline.run.spans == SPANS
    desk.show(desk.other)
    assert control.inspector.timeline.run is None


def test_a_card_puts_its_call_under_the_microscope_and_opens_the_panel(control, desk, window):
    desk.be("running", spans=SPANS)
    desk.have(desk.call("done"))
    desk.control.act("inspect", "c1", None)
    assert not window.panels["inspector"].isHidden()
    assert control.inspector.currentWidget() is control.inspector.microscope
    assert control.inspector.microscope.call.part.call_id == "c1"


def test_a_call_under_the_microscope_is_kept_up_to_date(control, desk):
    desk.be("running", spans=SPANS)
    desk.have(desk.call("running"))
    desk.control.act("inspect", "c1", None)
    desk.have(desk.call("done"))
    assert control.inspector.microscope.call.state == "done"


def test_a_bar_brings_its_call_under_the_microscope_and_leaves_the_tab(control, desk):
    desk.be("running", spans=SPANS)
    desk.have(desk.call("done"))
    control.inspector.jump_requested.emit(desk.reply, "c1")
    assert control.inspector.microscope.call.part.call_id == "c1"
    assert control.inspector.currentWidget() is control.inspector.timeline


def test_another_conversation_takes_the_call_from_the_microscope(control, desk):
    desk.be("running", spans=SPANS)
    desk.have(desk.call("done"))
    desk.control.act("inspect", "c1", None)
    desk.show(desk.other)
    assert control.inspector.microscope.call is None


def test_the_run_on_show_is_exported_and_replayed_with_its_turns(control, desk, window):
    assert control.current() is None
    assert not window.action_table.is_enabled("run.replay")
    desk.be("complete", spans=SPANS)
    assert [turn.role for turn in control.current().turns] == ["user", "assistant", "tool"]
    assert control.current().tools == desk.port.specs
    window.action_table.run("run.replay")
    replay = window.findChild(ReplayWindow)
    assert replay.isVisible()
    replay.close()
