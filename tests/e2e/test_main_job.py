"""A person chats with a real model in the real window, by keyboard and mouse."""

import contextlib

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QPlainTextEdit, QToolButton, QWidget

from tests.e2e.conftest import close

REPLY_TIMEOUT_MS = 60_000


@pytest.fixture
def chat(open_window, qtbot):
    """The program with a person in front of it."""
    return Person(open_window(), qtbot)


class Person:
    """What a person does, by the names of the widgets, and what a person sees."""

    def __init__(self, sawhorse, qtbot):
        self.sawhorse = sawhorse
        self.qtbot = qtbot
        sawhorse.settings.change(sampling={"temperature": 0.0, "max_tokens": 12})

    def widget(self, name, kind=QWidget):
        return self.sawhorse.window.findChild(kind, name)

    def type(self, text):
        composer = self.widget("composer", QPlainTextEdit)
        composer.setFocus()
        self.qtbot.keyClicks(composer, text)

    def send(self, text):
        self.type(text)
        self.qtbot.keyClick(self.widget("composer"), Qt.Key.Key_Return)

    def ask(self, text):
        self.send(text)
        self.wait_for_end()

    def wait_for_end(self):
        self.qtbot.waitUntil(lambda: self.sawhorse.session.generating_turn is None, timeout=REPLY_TIMEOUT_MS)

    def wait_for_text(self):
        self.qtbot.waitUntil(lambda: self.said != "", timeout=REPLY_TIMEOUT_MS)

    def click_in_last_turn(self, name):
        turn = self.branch[-1]
        self.qtbot.waitUntil(lambda: self.sawhorse.transcript._turns.widget_of(turn.id) is not None)
        widget = self.sawhorse.transcript._turns.widget_of(turn.id)
        self.qtbot.mouseClick(widget.findChild(QToolButton, name), Qt.MouseButton.LeftButton)

    @property
    def branch(self):
        return self.sawhorse.session.branch

    @property
    def said(self):
        live = self.sawhorse.replier.turn
        return live.text if live else self.branch[-1].text if self.branch else ""

    @property
    def texts(self):
        return [turn.text for turn in self.branch]


def test_a_message_is_answered_and_the_conversation_is_named_after_it(chat):
    chat.ask("What is Python?")
    assert [turn.role for turn in chat.branch] == ["user", "assistant"]
    assert chat.branch[1].text
    assert chat.branch[1].stats.generated_tokens == 12
    assert chat.sawhorse.session.conversation.title == "What is Python?"
    assert chat.widget("conversation_list", QAbstractItemView).model().rowCount() >= 1
    assert chat.widget("composer", QPlainTextEdit).toPlainText() == ""


def test_the_next_turn_reads_only_what_is_new(chat):
    chat.ask("What is Python?")
    before = chat.branch[1].stats.context_tokens
    chat.ask("And what is Rust?")
    stats = chat.branch[3].stats
    assert stats.reused_tokens == before
    assert stats.processed_tokens == stats.prompt_tokens - before


def test_stop_keeps_what_was_said(chat):
    chat.sawhorse.settings.change(sampling={"max_tokens": 2000, "ignore_eos": True})
    chat.send("Write a long story.")
    chat.wait_for_text()
    said = chat.said
    chat.qtbot.mouseClick(chat.widget("stop_button"), Qt.MouseButton.LeftButton)
    chat.wait_for_end()
    assert chat.branch[1].state == "stopped"
    assert chat.branch[1].text.startswith(said)
    chat.sawhorse.store.update(chat.sawhorse.session.conversation.id, sampling={"max_tokens": 4})
    chat.ask("Thank you.")
    assert len(chat.branch) == 4


def test_escape_stops_a_reply_wherever_the_keyboard_is(chat):
    chat.sawhorse.settings.change(sampling={"max_tokens": 2000, "ignore_eos": True})
    chat.send("Write a long story.")
    chat.wait_for_text()
    chat.widget("field_temperature").setFocus()
    chat.qtbot.keyClick(chat.sawhorse.window.focusWidget(), Qt.Key.Key_Escape)
    chat.wait_for_end()
    assert chat.branch[1].state == "stopped"
    assert not chat.sawhorse.window.action_table.is_enabled("chat.stop")


def test_another_try_keeps_the_first_one_and_reads_one_token(chat):
    chat.ask("What is Python?")
    first = chat.branch[1]
    chat.click_in_last_turn("turn_regenerate")
    chat.wait_for_end()
    second = chat.branch[1]
    assert second.id != first.id
    assert second.stats.processed_tokens == 1
    assert chat.sawhorse.store.siblings(second.id) == [first.id, second.id]
    chat.sawhorse.transcript.sibling_requested.emit(second.id, -1)
    assert chat.branch[1].id == first.id


def test_an_edited_message_opens_a_branch_and_the_old_one_stays(chat):
    chat.ask("What is Python?")
    asked = chat.branch[0]
    chat.qtbot.keyClick(chat.widget("composer"), Qt.Key.Key_Up)
    composer = chat.widget("composer", QPlainTextEdit)
    assert composer.toPlainText() == "What is Python?"
    composer.selectAll()
    chat.ask("What is Rust?")
    assert chat.texts[0] == "What is Rust?"
    assert chat.branch[0].id != asked.id
    chat.sawhorse.transcript.sibling_requested.emit(chat.branch[0].id, -1)
    assert chat.texts[0] == "What is Python?"


def test_everything_is_there_after_a_restart(chat, open_window, qtbot):
    chat.ask("What is Python?")
    chat.type("half a thou")
    texts = chat.texts
    close(chat.sawhorse)
    again = Person(open_window(), qtbot)
    assert again.texts == texts
    assert again.widget("composer", QPlainTextEdit).toPlainText() == "half a thou"
    assert again.sawhorse.settings.settings.sampling["max_tokens"] == 12


def test_an_engine_that_is_killed_leaves_the_text_and_is_loaded_again_with_one_click(chat):
    chat.sawhorse.settings.change(sampling={"max_tokens": 2000, "ignore_eos": True})
    chat.send("Write a long story.")
    chat.wait_for_text()
    said = chat.said
    psutil.Process(chat.sawhorse.engine.pid).kill()
    chat.wait_for_end()
    assert chat.branch[1].text.startswith(said)
    assert chat.branch[1].state == "failed"
    chat.qtbot.waitUntil(lambda: chat.sawhorse.engine.state == "failed")
    chat.sawhorse.model.load_again()
    chat.qtbot.waitUntil(lambda: chat.sawhorse.engine.state == "ready", timeout=REPLY_TIMEOUT_MS)
    chat.sawhorse.store.update(chat.sawhorse.session.conversation.id, sampling={"max_tokens": 4})
    chat.ask("Go on.")
    assert chat.branch[-1].state in {"complete", "stopped"}


def test_closing_the_window_ends_the_engine(chat):
    engine = psutil.Process(chat.sawhorse.engine.pid)
    close(chat.sawhorse)
    with contextlib.suppress(psutil.NoSuchProcess):
        engine.wait(timeout=5)
    assert not engine.is_running()
