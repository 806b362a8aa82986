"""What the bar above the composer says of a run, and what it offers."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from tests.ui.agent_fakes import ASK, call, limits, run, span
from ui.tools.run_bar import RunBar
from ui.tools.run_words import active_seconds, away_bar, bar_of, time_words

SPANS = (
    span(0, "prompt", 0.0, 2.0, turn_id=2),
    span(1, "generate", 2.0, 5.0, turn_id=2),
    span(2, "approval", 5.0, 65.0, turn_id=2),
    span(3, "tool", 65.0, None, turn_id=2, title="run_command"),
)


@pytest.fixture
def bar(theme, qtbot):
    """The bar, with nothing to say yet."""
    bar = RunBar(theme)
    qtbot.addWidget(bar)
    return bar


def buttons(bar):
    """Return the buttons that can be seen."""
    return [one.text() for one in bar.findChildren(QPushButton) if one.isVisibleTo(bar)]


# --- words ------------------------------------------------------------------------------------------------------


def test_without_a_run_there_is_nothing_to_say():
    assert bar_of(None, (), 0.0) is None


def test_a_run_that_is_complete_and_changed_nothing_says_nothing():
    assert bar_of(run("complete"), (), 0.0) is None


def test_time_of_waiting_for_a_person_is_not_the_runs_own():
    assert active_seconds(run(spans=SPANS), 1070.0) == pytest.approx(2 + 3 + 5)


def test_a_span_left_open_by_a_sudden_end_does_not_go_on():
    assert active_seconds(run("interrupted", spans=SPANS), 9_000_000.0) == pytest.approx(5)


@pytest.mark.parametrize(("seconds", "words"), [(0.9, "0 s"), (62, "1 min 2 s"), (7260, "2 h 1 min")])
def test_times_are_said_as_people_say_them(seconds, words):
    assert time_words(seconds) == words


def test_a_run_at_work_says_what_it_does_and_how_far_it_is():
    state = bar_of(run(spans=SPANS), (), 1070.0)
    assert state.title == "run_command is running"
    assert state.detail == "Step 1 of at most 50, 10 s"
    assert state.is_active


def test_a_reply_counts_from_the_moment_it_waits_for_the_model():
    waiting = (*SPANS[:2], span(2, "queue", 5.0, None, turn_id=4))
    state = bar_of(run(spans=waiting), (), 1006.0)
    assert (state.title, state.detail) == ("Waiting for the model", "Step 2 of at most 50, 6 s")


def test_steps_without_a_limit_are_only_counted():
    assert bar_of(run(limits=limits(turns=0), spans=SPANS), (), 1070.0).detail == "Step 1, 10 s"


def test_what_waits_is_named_and_counted():
    asking = call(2, "c1", "asking")
    state = bar_of(run("waiting"), (asking, call(2, "c2", "asking")), 1000.0)
    assert state.title == "run_command asks for approval, and 1 more"
    assert state.waits
    question = bar_of(run("waiting"), (call(2, "c1", "question", ASK),), 1000.0)
    assert question.title == "ask_user asks you something"


def test_messages_that_the_model_has_not_read_are_said():
    assert bar_of(run(injected=("a",)), (), 1000.0).detail.endswith("Your message goes in before the next step")
    assert "Your 2 messages go in" in bar_of(run(injected=("a", "b")), (), 1000.0).detail


def test_a_limit_offers_as_much_again():
    spans = [span(n, "generate", n, n + 1, turn_id=n + 1) for n in range(3)]
    state = bar_of(run("limit", limits=limits(turns=3), reason="3 replies were made.", spans=spans), (), 2000.0)
    assert (state.detail, state.continue_words) == ("3 replies were made.", "Continue: 3 more turns")


def test_another_limit_offers_only_to_go_on():
    assert bar_of(run("limit", reason="Time is up."), (), 0.0).continue_words == "Continue"


@pytest.mark.parametrize("state", ["paused", "stopped", "interrupted"])
def test_what_can_be_continued_offers_it(state):
    assert bar_of(run(state), (), 0.0).continue_words == "Continue"


@pytest.mark.parametrize("state", ["failed", "complete"])
def test_what_cannot_be_continued_does_not(state):
    assert bar_of(run(state), (), 0.0, changed_files=1).continue_words == ""


def test_a_run_elsewhere_is_told_of_only_while_it_waits_for_the_person():
    assert away_bar(run("running"), "Fix it") is None
    assert away_bar(run("waiting"), "Fix it").title == "A run waits for you in “Fix it”"


# --- the bar ----------------------------------------------------------------------------------------------------


def test_nothing_to_say_hides_the_bar(bar):
    bar.show_state(bar_of(run(), (), 1000.0))
    assert bar.isVisible()
    bar.show_state(None)
    assert not bar.isVisible()


def test_a_run_at_work_offers_to_stop_it(bar, qtbot):
    bar.show_state(bar_of(run(), (), 1000.0))
    assert buttons(bar) == ["Stop"]
    with qtbot.waitSignal(bar.stop_requested):
        qtbot.mouseClick(bar.findChild(QPushButton, "run_stop_button"), Qt.MouseButton.LeftButton)


def test_a_call_that_waits_can_be_shown(bar, qtbot):
    bar.show_state(bar_of(run("waiting"), (call(2, state="asking"),), 1000.0))
    assert buttons(bar) == ["Show", "Stop"]
    with qtbot.waitSignal(bar.show_requested):
        qtbot.mouseClick(bar.findChild(QPushButton, "run_show_button"), Qt.MouseButton.LeftButton)


def test_changed_files_can_be_reviewed_at_any_time_and_undone_once_the_run_has_ended(bar):
    bar.show_state(bar_of(run(), (), 1000.0, changed_files=2))
    assert buttons(bar) == ["Review 2 files…", "Stop"]
    bar.show_state(bar_of(run("complete"), (), 1000.0, changed_files=1))
    assert buttons(bar) == ["Review 1 file…", "Undo run…"]
    assert "1 file changed" in bar.findChild(QLabel, "run_detail").text()


def test_a_paused_run_says_why_and_offers_to_go_on(bar, qtbot):
    bar.show_state(bar_of(run("paused", reason="The same call three times."), (), 1000.0))
    assert bar.findChild(QLabel, "run_detail").text() == "The same call three times."
    assert bar.property("level") == "warning"
    with qtbot.waitSignal(bar.continue_requested):
        qtbot.mouseClick(bar.findChild(QPushButton, "run_continue_button"), Qt.MouseButton.LeftButton)


def test_only_what_has_ended_can_be_put_away(bar, qtbot):
    close = bar.findChild(QToolButton, "run_close_button")
    bar.show_state(bar_of(run(), (), 1000.0))
    assert not close.isVisible()
    bar.show_state(bar_of(run("stopped"), (), 1000.0))
    with qtbot.waitSignal(bar.closed):
        qtbot.mouseClick(close, Qt.MouseButton.LeftButton)


def test_words_from_a_model_are_shown_as_they_are(bar):
    bar.show_state(bar_of(run("paused", reason="<b>bold</b>"), (), 1000.0))
    detail = bar.findChild(QLabel, "run_detail")
    assert (detail.text(), detail.textFormat()) == ("<b>bold</b>", Qt.TextFormat.PlainText)


def test_it_can_be_used_by_keyboard_and_ear(bar):
    bar.show_state(bar_of(run("limit"), (), 1000.0, changed_files=2))
    assert_accessible(bar)
    assert_names_are_unique(bar)
