"""Tool calls in the transcript: in their place among the text, growing, kept while one scrolls, one message a run."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt

from app.agent.live import LiveCall
from app.conversations.parts import TextPart, ToolResultPart
from tests.ui.accessibility import assert_accessible
from tests.ui.tool_examples import CALLS, COMMAND, VIEWS, WRITE, call, click, part
from tests.ui.turns import STATS, chat, overlaps, turn, view, words_in
from ui.chat.text_block import TextBlock
from ui.chat.transcript_view import TranscriptView
from ui.chat.turn_view import TurnView
from ui.tools.arguments_dialog import ArgumentsDialog
from ui.tools.tool_card import ToolCard


@pytest.fixture
def transcript(theme, qtbot):
    """A transcript of 800 by 600 pixels, on the screen."""
    transcript = TranscriptView(theme)
    qtbot.addWidget(transcript)
    transcript.resize(800, 600)
    transcript.show()
    qtbot.waitExposed(transcript)
    return transcript


@pytest.fixture
def streaming(transcript):
    """A conversation whose last reply, turn 3, is being made."""
    transcript.show_turns([*chat(2), view(3, state="streaming", is_last=True)])
    return transcript


def with_calls(number, *parts, **fields):
    """Return a turn with calls among its parts."""
    calls = tuple(one for one in parts if isinstance(one, LiveCall))
    made = [one.part if isinstance(one, LiveCall) else one for one in parts]
    extra = {name: fields.pop(name) for name in ("continues", "is_last") if name in fields}
    return TurnView(turn(number, *made, **fields), calls=calls, **extra)


def story(transcript, number):
    """Return what a turn shows, top to bottom: texts, and cards by their lines."""
    told = []
    for widget in transcript.turn_widget(number).body.part_widgets:
        if isinstance(widget, ToolCard):
            told.append(f"[{widget.head.accessibleName()}]")
        elif isinstance(widget, TextBlock):
            told.append(widget.toPlainText())
    return told


def heads(transcript, number):
    """Return the cards of a turn."""
    return [one for one in transcript.turn_widget(number).body.part_widgets if isinstance(one, ToolCard)]


# --- growing ----------------------------------------------------------------------------------------------------


def test_text_goes_on_below_a_call_and_the_next_call_below_that(streaming):
    streaming.append_text(3, "Let me look.")
    streaming.show_call(call(state="writing", turn_id=3))
    streaming.grow_call(3, "call-1", "path", "a.")
    streaming.grow_call(3, "call-1", "path", "py")
    streaming.append_text(3, "\n\nAnd ")
    streaming.append_text(3, "again:")
    streaming.show_call(call({"path": "b.py"}, "queued", number=2, turn_id=3))
    streaming.append_text(3, "\nDone.")
    streaming.flush()
    assert story(streaming, 3) == [
        "Let me look.",
        "[read_file: a.py, writing \u2026]",
        "And again:",
        "[read_file: b.py, queued]",
        "Done.",
    ]
    assert not overlaps(streaming.turn_widget(3).body.part_widgets)


def test_a_card_made_anew_is_where_it_was_with_what_streamed_in(streaming, theme):
    streaming.append_text(3, "Before.")
    streaming.show_call(call({"command": "make"}, "running", COMMAND, turn_id=3))
    streaming.print_tool(3, "call-1", "one\n")
    streaming.append_text(3, "After.")
    streaming.flush()
    streaming.card_of(3, "call-1").unfold()
    before = streaming.card_of(3, "call-1")
    theme.set_mode("dark")
    again = streaming.card_of(3, "call-1")
    assert again is not before
    assert story(streaming, 3) == ["Before.", "[run_command: make, running  0 s, sandboxed]", "After."]
    assert part(again, "live_output").toPlainText() == "one"
    streaming.print_tool(3, "call-1", "two\n")
    streaming.flush()
    assert part(again, "live_output").toPlainText() == "one\ntwo"


def test_a_call_under_way_keeps_its_card_when_its_turn_changes(streaming):
    streaming.append_text(3, "Let me look.")
    streaming.show_call(call(state="writing", turn_id=3))
    streaming.grow_call(3, "call-1", "path", "a.py")
    streaming.flush()
    streaming.update_turn(view(3, "Let me look.", state="streaming", is_last=True))
    assert story(streaming, 3) == ["Let me look.", "[read_file: a.py, writing \u2026]"]


def test_a_card_is_the_same_widget_when_its_turn_is_complete(streaming):
    streaming.show_call(call({"path": "a.py"}, "asking", WRITE, turn_id=3))
    card = streaming.card_of(3, "call-1")
    reason = part(card, "deny_reason")
    reason.setText("Not now")
    streaming.update_turn(with_calls(3, "Text.", card.live))
    assert streaming.card_of(3, "call-1") is card
    assert part(card, "deny_reason").text() == "Not now"
    assert story(streaming, 3) == ["Text.", "[write_file: a.py, needs your approval]"]


def test_the_end_is_followed_while_calls_come_and_grow(streaming):
    bar = streaming._turns.verticalScrollBar()
    for number in range(1, 15):
        streaming.show_call(call({"command": "ls"}, "asking", COMMAND, number=number, turn_id=3))
        assert bar.value() == bar.maximum()
    assert bar.maximum() > 0


def test_growth_of_a_call_that_is_not_here_changes_nothing(streaming):
    streaming.grow_call(3, "no-such-call", "path", "a")
    streaming.print_tool(99, "no-such-call", "a")
    streaming.flush()
    assert story(streaming, 3) == []


# --- shown again ------------------------------------------------------------------------------------------------


def test_calls_come_with_their_results_when_a_conversation_is_opened(transcript):
    done = call({"path": "a.py"}, turn_id=2, result={"view": VIEWS[2], "seconds": 0.3})
    transcript.show_turns([view(1, "Read it.", role="user"), with_calls(2, "Here:", done, is_last=True)])
    assert story(transcript, 2) == ["Here:", "[read_file: a.py, 1 line, 0.3 s]"]


def test_turns_of_tools_are_not_shown_their_results_are_in_the_cards(transcript):
    asked = call({"path": "a.py"}, turn_id=2)
    result = ToolResultPart(call_id="call-1", name="read_file", content="x", view=VIEWS[2])
    views = [
        view(1, "Read it.", role="user"),
        TurnView(turn(2, asked.part)),
        TurnView(turn(3, result, role="tool")),
        TurnView(turn(4, "It says x = 1."), is_last=True),
    ]
    transcript.show_turns(views)
    assert transcript.turn_widget(3) is None
    assert story(transcript, 2) == ["[read_file: a.py, 1 line, done]"]
    assert transcript.turn_widget(4).view.continues
    transcript.append_turn(TurnView(turn(5, result, role="tool")))
    transcript.append_turn(TurnView(turn(6, "More."), is_last=True))
    assert transcript.turn_widget(5) is None
    assert transcript.turn_widget(6).view.continues


def test_a_call_that_nothing_is_known_of_still_has_a_card(transcript):
    transcript.show_turns([TurnView(turn(1, CALLS["invalid"].part), is_last=True)])
    assert story(transcript, 1) == ["[read_file: a.py, malformed]"]


def test_a_card_far_from_the_screen_comes_back_as_it_was_left(transcript, qtbot):
    done = call({"path": "a.py"}, turn_id=1, result={"view": VIEWS[2]})
    transcript.show_turns([with_calls(1, done), *[one for one in chat(200) if one.turn.id > 1]])
    transcript.scroll_to_turn(1)
    transcript.card_of(1, "call-1").unfold()
    transcript.scroll_to_latest()
    assert transcript.card_of(1, "call-1") is None
    transcript.show_call(call({"path": "a.py"}, turn_id=1, result={"view": VIEWS[2], "outcome": "failed"}))
    transcript.scroll_to_turn(1)
    assert transcript.card_of(1, "call-1").is_unfolded
    assert story(transcript, 1) == ["[read_file: a.py, 1 line, failed]"]


def test_cards_that_are_folded_have_no_bodies(transcript):
    calls = [call({"path": f"{n}.py"}, number=n, turn_id=1, result={"view": VIEWS[2]}) for n in range(8)]
    transcript.show_turns([with_calls(1, *calls, is_last=True)])
    assert [card.body for card in heads(transcript, 1)] == [None] * 8


def test_the_same_branch_shown_again_has_the_newest_of_its_calls(transcript):
    running = call({"path": "a.py"}, "running", turn_id=1)
    transcript.show_turns([with_calls(1, running, is_last=True)])
    transcript.show_turns([with_calls(1, call({"path": "a.py"}, turn_id=1, result={"view": VIEWS[2]}), is_last=True)])
    assert story(transcript, 1) == ["[read_file: a.py, 1 line, done]"]


# --- one message a run ------------------------------------------------------------------------------------------


def test_replies_of_one_run_look_like_one_message(transcript):
    transcript.show_turns(
        [
            view(1, "Do it.", role="user"),
            with_calls(2, "First.", call({"path": "a"}, turn_id=2), stats=STATS),
            with_calls(4, "Second.", call({"path": "b"}, number=2, turn_id=4), continues=True, stats=STATS),
            TurnView(turn(6, "Done.", stats=STATS), continues=True, is_last=True),
        ]
    )
    speakers = ["Assistant" in words_in(transcript.turn_widget(number)) for number in (2, 4, 6)]
    costs = [any("tokens" in word for word in words_in(transcript.turn_widget(number))) for number in (2, 4, 6)]
    assert speakers == [True, False, False]
    assert costs == [False, False, True]
    widgets = [transcript.turn_widget(number) for number in (2, 4, 6)]
    gaps = [below.y() - above.geometry().bottom() for above, below in pairwise(widgets)]
    assert max(gaps) < 20


def test_a_reply_that_goes_on_gives_its_footer_to_the_next(transcript):
    transcript.show_turns([view(1, "Do it.", role="user"), with_calls(2, "First.", stats=STATS, is_last=True)])
    assert any("tokens" in word for word in words_in(transcript.turn_widget(2)))
    transcript.append_turn(TurnView(turn(4, state="streaming"), continues=True, is_last=True))
    assert not any("tokens" in word for word in words_in(transcript.turn_widget(2)))
    transcript.update_turn(TurnView(turn(4, "Done."), is_last=True))
    assert "Assistant" not in words_in(transcript.turn_widget(4))


def test_versions_in_the_middle_of_a_run_can_still_be_stepped_through(transcript):
    middle = TurnView(turn(2, "First."), sibling_count=2)
    transcript.show_turns([middle, TurnView(turn(4, "Done."), continues=True, is_last=True)])
    assert "1/2" in words_in(transcript.turn_widget(2))


# --- what cards tell --------------------------------------------------------------------------------------------


def test_actions_are_told_with_their_call(streaming, qtbot):
    streaming.show_call(call({"command": "ls"}, "asking", COMMAND, turn_id=3))
    with qtbot.waitSignal(streaming.call_action_requested) as asked:
        click(qtbot, streaming.card_of(3, "call-1"), "deny_button")
    assert asked.args == ["deny", "call-1", ""]


def test_editing_opens_a_dialog_that_approves_with_other_arguments(streaming, qtbot):
    streaming.show_call(call({"command": "ls"}, "asking", COMMAND, turn_id=3))
    with qtbot.assertNotEmitted(streaming.call_action_requested):
        click(qtbot, streaming.card_of(3, "call-1"), "edit_arguments_button")
    [dialog] = streaming.window().findChildren(ArgumentsDialog)
    part(dialog, "argument_field_command").setPlainText("ls -la")
    with qtbot.waitSignal(streaming.call_action_requested) as asked:
        click(qtbot, dialog, "run_edited_button")
    assert asked.args == ["approve", "call-1", {"arguments": {"command": "ls -la"}, "remember": False}]


def test_a_shortcut_approves_only_what_has_been_seen(streaming, qtbot):
    streaming.show_call(call({"command": "ls"}, "asking", COMMAND, turn_id=3))
    with qtbot.assertNotEmitted(streaming.call_action_requested):
        streaming.approve_asking()
    qtbot.waitUntil(lambda: streaming.card_of(3, "call-1").approval.is_armed)
    with qtbot.waitSignal(streaming.call_action_requested) as asked:
        streaming.approve_asking()
    assert asked.args == ["approve", "call-1", {"arguments": None, "remember": False}]


def test_a_shortcut_brings_a_call_that_asks_far_away_on_the_screen(transcript, qtbot):
    asking = call({"command": "ls"}, "asking", COMMAND, turn_id=1)
    transcript.show_turns([with_calls(1, asking), *[one for one in chat(200) if one.turn.id > 1]])
    assert transcript.card_of(1, "call-1") is None
    with qtbot.assertNotEmitted(transcript.call_action_requested):
        transcript.approve_asking()
    assert transcript.card_of(1, "call-1") is not None
    with qtbot.waitSignal(transcript.call_action_requested) as asked:
        transcript.deny_asking()
    assert asked.args == ["deny", "call-1", ""]


def test_shortcuts_do_nothing_when_nothing_asks(transcript, qtbot):
    transcript.show_turns(chat(2))
    with qtbot.assertNotEmitted(transcript.call_action_requested):
        transcript.approve_asking()
        transcript.deny_asking()


def test_thousands_of_turns_with_cards_make_few_widgets(transcript):
    views = []
    for number in range(1, 2001):
        done = call({"path": "a.py"}, number=number, turn_id=number, result={"view": VIEWS[3]})
        views.append(with_calls(number, "Some words.", done))
    transcript.show_turns(views)
    assert len(transcript.findChildren(ToolCard)) < 40
    bar = transcript._turns.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    alive = [card for card in transcript.findChildren(ToolCard) if not card.isHidden()]
    assert 0 < len(alive) < 40


def test_everything_can_be_found_and_heard(streaming):
    for number, (state, live) in enumerate(CALLS.items()):
        streaming.show_call(call(live.part.arguments, state, live.spec, number=number, turn_id=3, result=live.result))
    assert_accessible(streaming)


def test_keys_reach_the_lines_of_cards(streaming, qtbot):
    streaming.show_call(call({"path": "a.py"}, "queued", turn_id=3))
    head = streaming.card_of(3, "call-1").head
    assert head.focusPolicy() == Qt.FocusPolicy.TabFocus
    head.setFocus()
    qtbot.keyClick(head, Qt.Key.Key_Return)
    assert streaming.card_of(3, "call-1").is_unfolded


def test_a_text_part_after_a_call_stays_below_it(transcript):
    done = call({"path": "a.py"}, turn_id=1, result={"view": VIEWS[2]})
    transcript.show_turns([with_calls(1, TextPart(text="One."), done, TextPart(text="Two."), is_last=True)])
    assert story(transcript, 1) == ["One.", "[read_file: a.py, 1 line, done]", "Two."]
