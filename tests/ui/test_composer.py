"""Where messages are written: keys, growth, drafts, editing, and what is pasted."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QWidget

from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from ui.chat.chat_pane import ChatPane
from ui.chat.composer import BUSY_HINT, ComposerPanel
from ui.chat.composer_edit import MAX_SHARE
from ui.chat.transcript_view import TranscriptView

SHIFT = Qt.KeyboardModifier.ShiftModifier
WINDOW_HEIGHT = 700


@pytest.fixture
def composer(theme, qtbot):
    """A composer below a transcript, with the cursor in it."""
    panel = ComposerPanel(theme)
    window = ChatPane(theme, TranscriptView(theme), panel)
    qtbot.addWidget(window)
    window.resize(640, WINDOW_HEIGHT)
    window.show()
    qtbot.waitExposed(window)
    panel.focus()
    qtbot.waitUntil(panel.edit.hasFocus)
    yield panel
    window.close()


@pytest.fixture
def sent(composer):
    """What was sent."""
    return listened(composer.send_requested)


@pytest.fixture
def drafts(composer):
    """The drafts that were told."""
    return listened(composer.draft_changed)


def listened(signal):
    """Return a list that takes what a signal says: its value, or its values as a tuple."""
    heard = []
    signal.connect(lambda *values: heard.append(values[0] if len(values) == 1 else values))
    return heard


def button(composer, name):
    return composer.findChild(QToolButton, name) or composer.findChild(QPushButton, name)


def compose(composer, preedit, commit=""):
    """Do what an input method does with the keyboard of a language that needs one."""
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QApplication.sendEvent(composer.edit, event)


# --- sending ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_sends_what_is_written_as_it_is_written(composer, sent, qtbot, key):
    qtbot.keyClicks(composer.edit, "  fix it ")
    qtbot.keyClick(composer.edit, key)
    assert sent == ["  fix it "]


def test_the_text_stays_until_the_message_was_taken(composer, sent, qtbot):
    qtbot.keyClicks(composer.edit, "hello")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert composer.text() == "hello"
    composer.set_text("")
    assert composer.text() == ""


@pytest.mark.parametrize("modifier", [SHIFT, Qt.KeyboardModifier.AltModifier])
def test_shift_enter_breaks_the_line_and_sends_nothing(composer, sent, qtbot, modifier):
    qtbot.keyClicks(composer.edit, "one")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return, modifier)
    qtbot.keyClicks(composer.edit, "two")
    assert composer.text() == "one\ntwo"
    assert sent == []


@pytest.mark.parametrize("text", ["", "   ", "\n \n\t"])
def test_nothing_is_not_sent(composer, sent, qtbot, text):
    composer.set_text(text)
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert sent == []
    assert not button(composer, "send_button").isEnabled()
    assert composer.text() == text


def test_the_button_sends_too(composer, sent, qtbot):
    qtbot.keyClicks(composer.edit, "hello")
    qtbot.mouseClick(button(composer, "send_button"), Qt.MouseButton.LeftButton)
    assert sent == ["hello"]


def test_tab_leaves_the_field(composer, qtbot):
    qtbot.keyClicks(composer.edit, "hello")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Tab)
    assert composer.text() == "hello"
    assert not composer.edit.hasFocus()


# --- while a reply is made ----------------------------------------------------------------------------------


def test_stop_takes_the_place_of_send_while_a_reply_is_made(composer, qtbot):
    stop, send = button(composer, "stop_button"), button(composer, "send_button")
    assert (send.isVisible(), stop.isVisible()) == (True, False)
    composer.set_generating(True)
    assert (send.isVisible(), stop.isVisible()) == (False, True)
    with qtbot.waitSignal(composer.stop_requested):
        qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    composer.set_generating(False)
    assert (send.isVisible(), stop.isVisible()) == (True, False)


def test_escape_stops_only_while_a_reply_is_made(composer, qtbot):
    with qtbot.assertNotEmitted(composer.stop_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Escape)
    composer.set_generating(True)
    with qtbot.waitSignal(composer.stop_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Escape)


def test_a_message_written_meanwhile_is_kept_and_it_is_said_why(composer, sent, qtbot):
    composer.set_generating(True)
    qtbot.keyClicks(composer.edit, "and then")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert sent == []
    assert composer.text() == "and then"
    assert BUSY_HINT in [label.accessibleName() for label in composer.findChildren(QLabel)]


# --- the field ----------------------------------------------------------------------------------------------


def test_the_field_grows_with_its_lines_and_shrinks_again(composer):
    one = composer.edit.height()
    composer.set_text("\n".join("abcd"))
    four = composer.edit.height()
    assert four - one == 3 * composer.edit.fontMetrics().lineSpacing()
    composer.set_text("")
    assert composer.edit.height() == one


def test_a_wrapped_line_counts_as_the_lines_that_are_seen(composer):
    one = composer.edit.height()
    composer.set_text("many words " * 30)
    assert composer.edit.height() >= one + 2 * composer.edit.fontMetrics().lineSpacing()


def test_the_field_takes_no_more_than_its_share_and_scrolls_from_there(composer):
    never, needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
    composer.set_text("a\nb")
    assert composer.edit.verticalScrollBarPolicy() == never
    composer.set_text("line\n" * 200)
    assert composer.edit.height() == int(WINDOW_HEIGHT * MAX_SHARE)
    assert composer.edit.verticalScrollBarPolicy() == needed
    assert composer.edit.viewport().rect().contains(composer.edit.cursorRect())


def test_a_window_that_becomes_lower_leaves_the_field_its_share_of_it(composer, qtbot):
    composer.set_text("line\n" * 200)
    composer.window().resize(640, 480)
    qtbot.waitUntil(lambda: composer.edit.height() == int(480 * MAX_SHARE))


def test_length_beyond_the_context_is_marked(composer):
    composer.set_token_count(1200, 8192)
    label = next(label for label in composer.findChildren(QLabel) if "1,200" in label.text())
    assert label.text() == "1,200 of 8,192 tokens"
    assert label.property("role") == "small"
    composer.set_token_count(8192, 8192)
    assert label.property("role") == "danger"
    composer.set_token_count(None, 0)
    assert label.text() == ""
    assert label.property("role") == "small"


def test_a_hint_can_offer_something_to_do(composer, qtbot):
    done = []
    composer.set_hint("No model is loaded.", "Choose one", lambda: done.append(True))
    action = button(composer, "composer_hint_action")
    assert (action.text(), action.accessibleName()) == ("Choose one", "Choose one")
    qtbot.mouseClick(action, Qt.MouseButton.LeftButton)
    assert done == [True]
    composer.set_hint("Enter sends")
    assert not action.isVisible()


def test_everything_can_be_found_and_heard(composer):
    composer.set_hint("No model is loaded.", "Choose one")
    composer.begin_edit(1, "text")
    assert_accessible(composer)
    assert_names_are_unique(composer)


# --- editing an earlier message -----------------------------------------------------------------------------


def test_up_in_an_empty_field_edits_the_last_message(composer, qtbot):
    with qtbot.waitSignal(composer.edit_last_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Up)


def test_up_in_a_text_moves_the_cursor(composer, qtbot):
    composer.set_text("one\ntwo")
    with qtbot.assertNotEmitted(composer.edit_last_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Up)
    assert composer.edit.textCursor().blockNumber() == 0


def test_an_edit_is_submitted_for_its_turn_and_the_draft_comes_back(composer, sent, qtbot):
    edits = listened(composer.edit_submitted)
    qtbot.keyClicks(composer.edit, "half a thou")
    composer.begin_edit(7, "What is Python?")
    assert composer.is_editing
    assert composer.text() == "What is Python?"
    assert composer.findChild(QWidget, "edit_banner").isVisible()
    qtbot.keyClicks(composer.edit, " 3")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert edits == [(7, "What is Python? 3", ())]
    assert sent == []
    assert composer.text() == "half a thou"
    assert not composer.is_editing
    assert not composer.findChild(QWidget, "edit_banner").isVisible()


@pytest.mark.parametrize("how", ["escape", "button"])
def test_a_cancelled_edit_changes_nothing_and_the_draft_comes_back(composer, qtbot, how):
    edits = listened(composer.edit_submitted)
    qtbot.keyClicks(composer.edit, "half a thou")
    composer.begin_edit(7, "What is Python?")
    qtbot.keyClicks(composer.edit, "x")
    if how == "escape":
        qtbot.keyClick(composer.edit, Qt.Key.Key_Escape)
    else:
        qtbot.mouseClick(button(composer, "cancel_edit_button"), Qt.MouseButton.LeftButton)
    assert composer.text() == "half a thou"
    assert not composer.is_editing
    assert edits == []


def test_escape_leaves_an_edit_before_it_stops_a_reply(composer, qtbot):
    composer.set_generating(True)
    composer.begin_edit(7, "What is Python?")
    with qtbot.assertNotEmitted(composer.stop_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Escape)
    assert not composer.is_editing


def test_another_edit_in_place_of_the_first_keeps_the_draft(composer, qtbot):
    edits = listened(composer.edit_submitted)
    qtbot.keyClicks(composer.edit, "half a thou")
    composer.begin_edit(7, "first")
    composer.begin_edit(9, "second")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert edits == [(9, "second", ())]
    assert composer.text() == "half a thou"


def test_an_edit_to_nothing_is_not_submitted(composer, qtbot):
    edits = listened(composer.edit_submitted)
    composer.begin_edit(7, "What is Python?")
    composer.edit.selectAll()
    qtbot.keyClick(composer.edit, Qt.Key.Key_Backspace)
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert edits == []
    assert composer.is_editing


# --- drafts -------------------------------------------------------------------------------------------------


def test_a_draft_is_told_at_once_and_then_at_intervals_its_latest_text(composer, drafts, qtbot):
    qtbot.keyClicks(composer.edit, "hello")
    assert drafts == ["h"]
    qtbot.waitUntil(lambda: drafts == ["h", "hello"])


def test_the_latest_draft_is_told_when_the_keyboard_goes_elsewhere(composer, drafts, qtbot):
    qtbot.keyClicks(composer.edit, "hello")
    composer.edit.clearFocus()
    assert drafts == ["h", "hello"]


def test_flushing_tells_the_latest_draft_once(composer, drafts, qtbot):
    qtbot.keyClicks(composer.edit, "hello")
    composer.flush_draft()
    composer.flush_draft()
    assert drafts == ["h", "hello"]


def test_text_that_was_put_there_is_no_draft(composer, drafts):
    composer.set_text("from the store")
    composer.flush_draft()
    assert drafts == []


def test_what_was_sent_is_no_draft_any_more(composer, drafts, qtbot):
    qtbot.keyClicks(composer.edit, "hello")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    composer.set_text("")
    composer.flush_draft()
    assert drafts == ["h"]


def test_an_edited_message_is_no_draft(composer, drafts, qtbot):
    composer.begin_edit(7, "What is Python?")
    qtbot.keyClicks(composer.edit, "x")
    composer.flush_draft()
    assert drafts == []


def test_a_draft_is_told_in_full_before_an_edit_takes_its_place(composer, drafts, qtbot):
    qtbot.keyClicks(composer.edit, "hello")
    composer.begin_edit(7, "What is Python?")
    assert drafts == ["h", "hello"]


# --- input methods and pasting ------------------------------------------------------------------------------


def test_enter_while_a_word_is_composed_belongs_to_the_input_method(composer, sent, qtbot):
    compose(composer, "ni")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert sent == []
    compose(composer, "", "你")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert len(sent) == 1


def test_arrows_and_escape_while_a_word_is_composed_belong_to_the_input_method(composer, qtbot):
    composer.set_generating(True)
    compose(composer, "ni")
    with qtbot.assertNotEmitted(composer.edit_last_requested), qtbot.assertNotEmitted(composer.stop_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Up)
        qtbot.keyClick(composer.edit, Qt.Key.Key_Escape)


def test_a_composed_word_is_sent_as_it_was_committed(composer, sent, qtbot):
    compose(composer, "ni")
    compose(composer, "", "你好")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert sent == ["你好"]


def test_pasted_rich_text_is_plain_text(composer, qtbot):
    data = QMimeData()
    data.setHtml("<h1>Big</h1><p style='color:red'>red</p>")
    data.setText("Big\nred")
    QGuiApplication.clipboard().setMimeData(data)
    composer.edit.paste()
    assert composer.text() == "Big\nred"
    cursor = composer.edit.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    assert not cursor.charFormat().foreground().color().red()
    assert not cursor.charFormat().hasProperty(cursor.charFormat().Property.FontSizeAdjustment)


def test_a_pasted_picture_is_left_out(composer):
    data = QMimeData()
    data.setData("image/png", b"\x89PNG")
    composer.edit.insertFromMimeData(data)
    assert composer.text() == ""


def test_a_whole_file_can_be_pasted_and_sent(composer, sent, qtbot):
    text = "".join(f"    value_{number} = compute({number})\n" for number in range(20_000))
    data = QMimeData()
    data.setText(text)
    composer.edit.insertFromMimeData(data)
    assert composer.edit.height() == int(WINDOW_HEIGHT * MAX_SHARE)
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert sent == [text]


def test_a_paste_is_undone_in_one_step(composer):
    data = QMimeData()
    data.setText("one\ntwo\nthree")
    composer.edit.insertFromMimeData(data)
    composer.edit.undo()
    assert composer.text() == ""
