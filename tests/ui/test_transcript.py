"""The transcript: few widgets for many turns, the end followed unless the user looks elsewhere, every way back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QPushButton, QScrollBar

from app.conversations.parts import ReasoningPart
from tests.ui.accessibility import assert_accessible
from tests.ui.turns import chat, overlaps, turn, view, words_in
from ui.chat.code_block import CodeBlock
from ui.chat.fold_card import FoldCard
from ui.chat.text_block import TextBlock
from ui.chat.transcript_view import TranscriptView
from ui.chat.turn_view import TurnView
from ui.chat.turn_widget import TurnWidget

LONG = "\n\n".join(f"Paragraph {number} with a few words in it." for number in range(30))


@pytest.fixture
def transcript(theme, qtbot):
    """A transcript of 800 by 600 pixels, on the screen."""
    transcript = TranscriptView(theme)
    qtbot.addWidget(transcript)
    transcript.resize(800, 600)
    transcript.show()
    qtbot.waitExposed(transcript)
    return transcript


def bar(transcript) -> QScrollBar:
    return transcript._turns.verticalScrollBar()


def is_at_end(transcript):
    return bar(transcript).value() == bar(transcript).maximum()


def widgets(transcript):
    """Return the turns that have widgets, in order."""
    found = [widget for widget in transcript.findChildren(TurnWidget) if not widget.isHidden()]
    return sorted(found, key=lambda widget: widget.view.turn.id)


def on_screen(transcript):
    """Return the ids of the turns that can be seen."""
    return [widget.view.turn.id for widget in widgets(transcript) if not widget.visibleRegion().isEmpty()]


def pill(transcript) -> QPushButton:
    return transcript.findChild(QPushButton, "jump_to_latest")


def texts(transcript, number):
    widget = transcript.turn_widget(number)
    return [block.toPlainText() for block in widget.findChildren(TextBlock) if block.isVisibleTo(widget)]


def scroll_up(transcript, notches=5):
    """Turn the mouse wheel over the transcript."""
    viewport = transcript._turns.viewport()
    centre = QPointF(viewport.rect().center())
    event = QWheelEvent(
        centre,
        QPointF(viewport.mapToGlobal(viewport.rect().center())),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


@pytest.fixture
def streaming(transcript):
    """A long conversation with an empty reply that is being made, at its end."""
    transcript.show_turns([*chat(20), view(21, role="assistant", state="streaming", is_last=True)])
    return transcript


def stream(transcript, number, text):
    transcript.append_text(number, text)
    transcript.flush()


# --- few widgets ----------------------------------------------------------------------------------------------


def test_thousands_of_turns_make_widgets_only_near_the_screen(transcript):
    transcript.show_turns(chat(5000))
    assert is_at_end(transcript)
    assert on_screen(transcript)[-1] == 5000
    assert len(widgets(transcript)) < 40
    assert bar(transcript).maximum() > 5000 * 50


def test_scrolling_makes_widgets_ahead_and_drops_those_behind(transcript):
    transcript.show_turns(chat(5000))
    made = {widget.view.turn.id for widget in widgets(transcript)}
    for share in (0.0, 0.3, 0.8, 0.5):
        bar(transcript).setValue(round(bar(transcript).maximum() * share))
        now = {widget.view.turn.id for widget in widgets(transcript)}
        assert not now & made
        assert len(now) < 40
        assert on_screen(transcript)
        made = now


def test_turns_stand_one_below_the_other_wherever_one_looks(transcript):
    transcript.show_turns(chat(200, LONG[:500]))
    for value in range(0, bar(transcript).maximum(), bar(transcript).maximum() // 20):
        bar(transcript).setValue(value)
        assert not overlaps(widgets(transcript))


def test_scrolling_by_pages_passes_every_turn(transcript):
    transcript.show_turns(chat(60))
    bar(transcript).setValue(0)
    seen = set(on_screen(transcript))
    while not is_at_end(transcript):
        bar(transcript).setValue(bar(transcript).value() + 400)
        seen |= set(on_screen(transcript))
    assert seen == set(range(1, 61))


def test_a_turn_far_away_can_be_brought_to_the_top(transcript):
    transcript.show_turns(chat(5000))
    transcript.scroll_to_turn(2500)
    assert on_screen(transcript)[0] in {2499, 2500}
    assert transcript.turn_widget(2500) is not None
    assert transcript.turn_widget(4000) is None
    assert transcript.turn_widget(99_999) is None


def test_a_narrower_window_keeps_what_is_on_the_screen(transcript, qtbot):
    transcript.show_turns(chat(300, LONG[:400]))
    transcript.scroll_to_turn(150)
    transcript.resize(500, 600)
    qtbot.waitUntil(lambda: transcript._turns.width() == 500)
    assert 150 in on_screen(transcript)
    assert not overlaps(widgets(transcript))


def test_the_end_stays_in_sight_in_a_window_of_another_size(transcript, qtbot):
    transcript.show_turns(chat(300, LONG[:400]))
    for width, height in ((500, 600), (500, 300), (800, 700)):
        transcript.resize(width, height)
        qtbot.waitUntil(lambda size=(width, height): transcript._turns.size().toTuple() == size)
        assert is_at_end(transcript)
        assert on_screen(transcript)[-1] == 300


@pytest.mark.parametrize("key", [Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_Home])
def test_keys_scroll_and_end_comes_back(transcript, qtbot, key):
    transcript.show_turns(chat(100))
    qtbot.keyClick(transcript._turns, key)
    assert not is_at_end(transcript)
    if key == Qt.Key.Key_Home:
        assert on_screen(transcript)[0] == 1
    qtbot.keyClick(transcript._turns, Qt.Key.Key_End)
    assert is_at_end(transcript)


# --- what is shown ------------------------------------------------------------------------------------------------


def test_a_conversation_given_before_the_window_is_shown_begins_at_its_end(theme, qtbot):
    transcript = TranscriptView(theme)
    qtbot.addWidget(transcript)
    transcript.resize(800, 600)
    transcript.show_turns(chat(100, LONG[:300]))
    transcript.show()
    qtbot.waitExposed(transcript)
    assert is_at_end(transcript)
    assert on_screen(transcript)[-1] == 100


def test_another_conversation_begins_at_its_end_and_the_same_one_stays_where_it_is(transcript):
    transcript.show_turns(chat(100))
    transcript.scroll_to_turn(50)
    before = on_screen(transcript)
    transcript.show_turns(chat(100))
    assert on_screen(transcript) == before
    transcript.show_turns([view(n, "Other words.", role="user", is_last=n == 300) for n in range(201, 301)])
    assert is_at_end(transcript)


def test_turns_that_did_not_change_keep_their_widgets(transcript):
    views = chat(3)
    transcript.show_turns(views)
    kept = [transcript.turn_widget(number) for number in (1, 2, 3)]
    transcript.show_turns([views[0], views[1], view(3, "Another text.", is_last=True)])
    assert [transcript.turn_widget(number) for number in (1, 2)] == kept[:2]
    assert texts(transcript, 3) == ["Another text."]


def test_turns_that_are_gone_leave_no_widgets(transcript):
    transcript.show_turns(chat(4))
    transcript.show_turns(chat(2))
    assert [widget.view.turn.id for widget in widgets(transcript)] == [1, 2]
    transcript.show_turns([])
    assert widgets(transcript) == []


def test_an_empty_conversation_says_what_to_do(transcript):
    transcript.show_empty("What are we building?", "Ask about code.")
    transcript.show_turns([])
    assert {"What are we building?", "Ask about code."} <= set(words_in(transcript))
    transcript.append_turn(view(1, "Hello", role="user", is_last=True))
    assert "What are we building?" not in words_in(transcript)
    assert on_screen(transcript) == [1]


def test_another_theme_draws_everything_anew_with_what_has_streamed_in(streaming, theme):
    stream(streaming, 21, "Half a sentence")
    before = streaming.turn_widget(21)
    theme.set_mode("dark")
    assert streaming.turn_widget(21) is not before
    assert texts(streaming, 21) == ["Half a sentence"]
    stream(streaming, 21, " and the rest.")
    assert texts(streaming, 21) == ["Half a sentence and the rest."]


# --- following a reply --------------------------------------------------------------------------------------------


def test_the_end_is_followed_while_a_reply_grows(streaming):
    assert is_at_end(streaming)
    for _ in range(10):
        stream(streaming, 21, "A paragraph that makes it longer.\n\n" * 3)
        assert is_at_end(streaming)
    assert on_screen(streaming) == [21]
    assert not pill(streaming).isVisible()


def test_text_comes_to_the_screen_by_itself_and_in_order(streaming, qtbot):
    for piece in ("One ", "two ", "three", "."):
        streaming.append_text(21, piece)
    qtbot.waitUntil(lambda: texts(streaming, 21) == ["One two three."])


def test_whoever_scrolled_up_is_left_where_they_are(streaming):
    stream(streaming, 21, LONG)
    scroll_up(streaming)
    value, seen = bar(streaming).value(), on_screen(streaming)
    assert not is_at_end(streaming)
    stream(streaming, 21, "\n\nMore of it." * 50)
    assert (bar(streaming).value(), on_screen(streaming)) == (value, seen)
    streaming.update_turn(TurnView(turn(21, "At last."), is_last=True))
    assert bar(streaming).value() <= value


def test_jump_to_latest_comes_up_away_from_the_end_and_follows_again(streaming, qtbot):
    stream(streaming, 21, LONG)
    scroll_up(streaming)
    assert pill(streaming).isVisible()
    qtbot.mouseClick(pill(streaming), Qt.MouseButton.LeftButton)
    assert is_at_end(streaming)
    assert not pill(streaming).isVisible()
    stream(streaming, 21, "\n\nMore of it." * 20)
    assert is_at_end(streaming)


def test_a_reply_far_from_the_screen_grows_unseen_and_whole(streaming):
    stream(streaming, 21, "Beginning. ")
    bar(streaming).setValue(0)
    stream(streaming, 21, "End.")
    bar(streaming).setValue(bar(streaming).maximum())
    assert texts(streaming, 21) == ["Beginning. End."]


def test_a_turn_added_at_the_end_takes_its_place_and_the_one_before_is_no_longer_last(transcript):
    transcript.show_turns(chat(2))
    transcript.append_turn(view(3, "A question.", role="user", is_last=True))
    assert [widget.view.is_last for widget in widgets(transcript)] == [False, False, True]
    assert is_at_end(transcript)


def test_text_for_a_turn_that_is_not_here_changes_nothing(streaming):
    stream(streaming, 999, "lost")
    assert len(widgets(streaming)) > 0
    assert texts(streaming, 21) == []


def test_a_final_text_replaces_what_streamed_in(streaming, theme):
    stream(streaming, 21, "Half ")
    streaming.append_text(21, "never shown twice")
    streaming.update_turn(TurnView(turn(21, "Half never shown twice."), is_last=True))
    streaming.flush()
    assert texts(streaming, 21) == ["Half never shown twice."]
    theme.set_mode("dark")  # makes the widget anew
    assert texts(streaming, 21) == ["Half never shown twice."]


def test_what_is_read_of_the_prompt_is_told_until_text_comes(streaming):
    assert "Thinking …" in words_in(streaming.turn_widget(21))
    streaming.set_progress(21, "Reading the prompt: 1,000 of 4,000 tokens", 0.25)
    assert "Reading the prompt: 1,000 of 4,000 tokens" in words_in(streaming.turn_widget(21))
    stream(streaming, 21, "Text")
    assert not [words for words in words_in(streaming.turn_widget(21)) if "prompt" in words or "Thinking" in words]


def test_reasoning_and_answer_grow_apart(streaming):
    streaming.append_reasoning(21, "Let me see")
    streaming.append_text(21, "The answer.")
    streaming.append_reasoning(21, ", well.")
    streaming.flush()
    card = streaming.turn_widget(21).findChild(FoldCard)
    assert card.body.toPlainText() == "Let me see, well."
    assert texts(streaming, 21)[-1] == "The answer."


def test_a_selection_in_text_that_is_whole_stays_while_more_comes(streaming):
    stream(streaming, 21, "A paragraph to select.\n\nAnother one\n")
    block = streaming.turn_widget(21).findChildren(TextBlock)[0]
    block.selectAll()
    stream(streaming, 21, "that goes on.\n\n```python\nprint(1)\n```\n")
    assert block.textCursor().selectedText() == "A paragraph to select."


def test_reasoning_that_was_unfolded_stays_so_when_the_reply_ends(streaming, qtbot):
    streaming.append_reasoning(21, "Let me see.")
    streaming.flush()
    card = streaming.turn_widget(21).findChild(FoldCard)
    qtbot.mouseClick(card._head, Qt.MouseButton.LeftButton)
    assert card.body.isVisible()
    streaming.update_turn(TurnView(turn(21, ReasoningPart(text="Let me see."), "Yes."), is_last=True))
    cards = [card for card in streaming.turn_widget(21).findChildren(FoldCard) if not card.isHidden()]
    assert [card.body.isVisible() for card in cards] == [True]


# --- what turns tell ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["copy", "edit", "regenerate", "continue", "delete"])
def test_actions_are_told_with_their_turn(transcript, qtbot, action):
    transcript.show_turns([*chat(2), view(3, "Half", state="stopped", is_last=True)])
    with qtbot.waitSignal(getattr(transcript, f"{action}_requested")) as asked:
        transcript.turn_widget(3).action_requested.emit(action)
    assert asked.args == [3]


def test_siblings_notices_links_and_code_are_told(transcript, qtbot):
    transcript.show_turns(chat(2))
    widget = transcript.turn_widget(2)
    with qtbot.waitSignal(transcript.sibling_requested) as asked:
        widget.sibling_requested.emit(-1)
    assert asked.args == [2, -1]
    with qtbot.waitSignal(transcript.notice_action_requested) as asked:
        widget.notice_action_requested.emit("load_again")
    assert asked.args == ["load_again", 2]
    with qtbot.waitSignal(transcript.link_activated) as asked:
        widget.link_activated.emit("https://example.com")
    assert asked.args == ["https://example.com"]
    with qtbot.waitSignal(transcript.code_requested) as asked:
        widget.code_requested.emit("copy", "source")
    assert asked.args == ["copy", "source"]


def test_code_that_grows_is_one_block_and_never_wider_than_the_column(streaming):
    stream(streaming, 21, "```python\n" + "x = 1\n" * 100)
    stream(streaming, 21, "y" * 500 + "\n```\nAfter.")
    blocks = streaming.turn_widget(21).findChildren(CodeBlock)
    assert [block.source.text.count("\n") for block in blocks] == [100]
    assert blocks[0].width() <= streaming.turn_widget(21).width()
    assert not overlaps(streaming.turn_widget(21).body.part_widgets)


def test_everything_can_be_found_and_heard(streaming):
    streaming.append_reasoning(21, "Let me see.")
    stream(streaming, 21, "Text\n\n```python\nx = 1\n```\n")
    for widget in widgets(streaming):
        widget.light()
    scroll_up(streaming)
    assert_accessible(streaming)
