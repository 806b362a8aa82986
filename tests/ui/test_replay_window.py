"""A replay in its window: played, stepped, sought, and never acted upon."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QSlider, QWidget

from app.agent.export import calls_of
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from tests.ui.run_examples import demo_run, token_text
from ui.chat.transcript_view import TranscriptView
from ui.chat.turn_view import TurnView
from ui.inspect.replay import ReplayWindow
from ui.tools.shown_call import ShownCall
from ui.tools.tool_card import ToolCard

EXPORT = demo_run(9)
LEFT = Qt.MouseButton.LeftButton


class Transcript(TranscriptView):
    """A transcript that also notes what it is told."""

    def __init__(self, theme):
        super().__init__(theme)
        self.views = {}
        self.calls = {}
        self.texts = {}
        self.grown = {}
        self.progress = []
        self.scrolled_to = 0

    def show_turns(self, views):
        super().show_turns(views)
        self.views = {view.turn.id: view for view in views}
        self.texts.clear()

    def append_turn(self, view):
        super().append_turn(view)
        self.views[view.turn.id] = view

    def update_turn(self, view):
        super().update_turn(view)
        self.views[view.turn.id] = view

    def append_text(self, turn_id, text):
        super().append_text(turn_id, text)
        self.texts[turn_id] = self.texts.get(turn_id, "") + text

    def set_progress(self, turn_id, words, fraction):
        super().set_progress(turn_id, words, fraction)
        self.progress.append((turn_id, words, fraction))

    def show_call(self, live):
        super().show_call(live)
        self.calls[live.part.call_id] = live

    def grow_call(self, turn_id, call_id, key, text):
        super().grow_call(turn_id, call_id, key, text)
        self.grown[call_id, key] = self.grown.get((call_id, key), "") + text

    def scroll_to_turn(self, turn_id):
        super().scroll_to_turn(turn_id)
        self.scrolled_to = turn_id


@pytest.fixture
def transcript(theme):
    return Transcript(theme)


@pytest.fixture
def window(theme, qtbot, transcript):
    return replayed(EXPORT, theme, qtbot, transcript)


def replayed(export, theme, qtbot, transcript):
    """Return a window that replays a run."""
    made = ReplayWindow(
        theme,
        export,
        transcript,
        lambda turn, on_done: on_done(token_text("no such call")),
        lambda text, on_done: on_done(None),
    )
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def end_of(window):
    window.seek(1e9)
    return window.position


def part(window, kind, name):
    found = window.findChild(kind, name)
    assert found is not None
    return found


def test_it_begins_with_the_task_and_waits(window, transcript):
    assert list(transcript.views) == [1, 2]
    assert not window.is_playing
    assert window.position == 0.0
    assert "Fix the failing test" in window.windowTitle()


def test_playing_tells_the_transcript_what_happened_when(window, transcript, qtbot):
    window.set_speed(200.0)
    window.play()
    qtbot.waitUntil(lambda: not window.is_playing, timeout=20_000)
    told = {number: view.turn for number, view in transcript.views.items()}
    assert told == {turn.id: turn for turn in EXPORT.turns if turn.role != "tool"}
    assert all(view.is_record for view in transcript.views.values())
    assert all(call.is_record for call in transcript.calls.values())
    assert window.timeline.run == EXPORT.run


def test_stepping_goes_from_one_beginning_to_the_next(window, transcript, qtbot):
    seen = []
    for _ in range(3):
        qtbot.mouseClick(part(window, QWidget, "replay_step"), LEFT)
        seen.append(window.timeline.run.spans[-1])
    assert [(span.number, span.end) for span in seen] == [(1, None), (2, None), (3, None)]
    assert transcript.texts[2].startswith("I'll look")
    assert transcript.progress[0][0] == 2


def test_words_grow_between_steps_and_pieces_make_the_whole(window, transcript):
    window.step()
    window.step()
    assert transcript.texts[2] == EXPORT.turns[1].text
    assert transcript.grown["call00001", "path"] == "."
    assert transcript.calls["call00001"].state == "running"


def test_the_slider_goes_anywhere(window, transcript, qtbot):
    slider = part(window, QSlider, "replay_position")
    slider.setValue(slider.maximum() // 2)
    qtbot.waitUntil(lambda: window.position > 5.0)
    middle = set(transcript.views)
    end_of(window)
    assert middle < set(transcript.views)
    assert slider.value() == slider.maximum()
    window.seek(0.0)
    assert set(transcript.views) == {1, 2}
    assert window.timeline.run.state == "running"


def test_at_once_goes_to_the_end(window, qtbot):
    speed = part(window, QComboBox, "replay_speed")
    speed.setCurrentIndex(speed.findText("Instant"))
    speed.activated.emit(speed.currentIndex())
    qtbot.mouseClick(part(window, QWidget, "replay_play"), LEFT)
    assert not window.is_playing
    assert window.timeline.run == EXPORT.run


def test_playing_again_begins_anew(window, transcript, qtbot):
    end_of(window)
    play = part(window, QWidget, "replay_play")
    assert play.accessibleName() == "Play again"
    qtbot.mouseClick(play, LEFT)
    assert window.is_playing
    assert set(transcript.views) == {1, 2}
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert not window.is_playing


def test_a_bar_leads_to_its_turn_and_puts_its_call_under_the_microscope(window, transcript):
    end_of(window)
    span = next(span for span in EXPORT.run.spans if span.kind == "tool")
    window.inspector.jump_requested.emit(span.turn_id, span.call_id)
    assert transcript.scrolled_to == span.turn_id
    assert window.inspector.microscope.call.part.call_id == span.call_id


def test_a_card_can_be_put_under_the_microscope(window):
    end_of(window)
    window.inspect("call00002")
    assert window.inspector.currentWidget() is window.inspector.microscope
    assert window.inspector.microscope.call.part.call_id == "call00002"
    window.inspect("no such call")
    assert window.inspector.microscope.call.part.call_id == "call00002"


def test_a_card_in_the_transcript_asks_for_the_microscope(window, transcript):
    end_of(window)
    transcript.call_action_requested.emit("inspect", "call00003", None)
    assert window.inspector.microscope.call.part.call_id == "call00003"


def test_a_turn_can_be_copied(window, transcript, qapp):
    end_of(window)
    transcript.copy_requested.emit(1)
    assert qapp.clipboard().text() == EXPORT.turns[0].text


def test_a_reply_after_results_goes_on_with_the_one_before(window, transcript):
    end_of(window)
    assert [view.continues for view in transcript.views.values()][:3] == [False, False, True]


def test_a_message_between_two_steps_is_one_of_its_own(theme, qtbot, transcript):
    asked, _reply, results, following, *rest = EXPORT.turns
    said = msgspec.structs.replace(asked, id=900, parent_id=results.id)
    following = msgspec.structs.replace(following, parent_id=said.id)
    turns = (*EXPORT.turns[:3], said, following, *rest)
    window = replayed(msgspec.structs.replace(EXPORT, turns=turns), theme, qtbot, transcript)
    end_of(window)
    assert [transcript.views[number].continues for number in (said.id, following.id)] == [False, False]


def test_closing_stops_the_clock(window, qtbot):
    window.play()
    qtbot.mouseClick(part(window, QPushButton, "replay_close"), LEFT)
    assert not window.isVisible()
    assert not window.is_playing


def test_everything_can_be_found_and_heard(window):
    assert_accessible(window)
    for part_of in (window.bar, window.inspector):
        assert_names_are_unique(part_of)


@pytest.mark.parametrize("state", ["asking", "question", "running", "invalid", "done"])
@pytest.mark.parametrize("is_record", [True, False])
def test_cards_of_a_record_offer_nothing_but_to_look(theme, qtbot, state, is_record):
    call = next(call for own in calls_of(EXPORT.turns, EXPORT.tools).values() for call in own if call.result.step)
    result = call.result if state == "done" else None
    card = ToolCard(theme, ShownCall(replace(call, state=state, result=result, is_record=is_record)))
    qtbot.addWidget(card)
    card.unfold()
    acts = {"approve_button", "deny_button", "stop_tool_button", "undo_step_button"}
    names = {button.objectName() for button in card.findChildren(QPushButton)}
    offered = names - {"copy_call_button"} if state in {"question", "invalid"} else names & acts
    assert bool(offered) != is_record


@pytest.mark.parametrize("is_record", [True, False])
def test_turns_of_a_record_can_only_be_copied(theme, qtbot, is_record):
    transcript = TranscriptView(theme)
    qtbot.addWidget(transcript)
    transcript.resize(700, 500)
    transcript.show()
    qtbot.waitExposed(transcript)
    transcript.show_turns([TurnView(EXPORT.turns[0], is_last=True, is_record=is_record)])
    widget = transcript.turn_widget(1)
    widget.light()
    offered = {name for name in ("copy", "edit", "regenerate", "delete")
               if (button := widget.findChild(QWidget, f"turn_{name}")) and not button.isHidden()}  # fmt: skip
    assert offered == ({"copy"} if is_record else {"copy", "edit", "regenerate", "delete"})
