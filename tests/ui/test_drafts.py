"""What was typed is never lost: not by switching, deleting, a message that cannot be sent, or the window's end."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QWidget

from app.chat.replier import Replier
from app.chat.session import ChatSession
from app.conversations.store import ConversationStore
from app.engine.echo import EchoEngine
from app.engine.messages import LoadSettings
from ui.chat.composer import ComposerPanel
from ui.chat.transcript_view import TranscriptView
from ui.control.chat_control import ChatControl
from ui.sidebar.conversation_sidebar import ConversationSidebar
from ui.widgets.notices import Notices


class Chat:
    """The middle of the program with a scripted engine; ``load`` makes it ready."""

    def __init__(self, theme, path):
        self.store = ConversationStore(path)
        self.engine = EchoEngine(self._handle)
        self.replier = Replier(self.engine, self.store, self._apply, "Summarise.")
        self.session = ChatSession(self.engine, self.store, self.replier, self._apply)
        self.window = QWidget()
        self.notices = Notices(theme, self.window, top=0)
        self.composer, self.sidebar = ComposerPanel(theme), ConversationSidebar(theme)
        self.transcript = TranscriptView(theme)
        layout = QHBoxLayout(self.window)
        for widget in (self.sidebar, self.transcript, self.composer):
            layout.addWidget(widget)
        self.control = ChatControl(
            self.session,
            self.replier,
            self.store,
            self.transcript,
            self.composer,
            self.sidebar,
            self.notices,
            dict,
        )
        self.first, self.second = self.store.create("First").id, self.store.create("Second").id
        self.control.show(self.first)
        self.window.show()
        self.composer.focus()

    def _handle(self, event):
        self.replier.handle(event)

    def _apply(self, change):
        self.control.apply(change)

    def load(self):
        self.engine.load("model.gguf", LoadSettings())
        self.engine.advance(60)

    def draft(self, conversation_id):
        return self.store.conversation(conversation_id).draft

    def close(self):
        self.control.stop()
        self.engine.close()
        self.store.close()
        self.notices.dismiss_all()
        self.window.close()


@pytest.fixture
def chat(theme, own_home, qtbot):
    chat = Chat(theme, own_home / "conversations.db")
    qtbot.addWidget(chat.window)
    qtbot.waitExposed(chat.window)
    yield chat
    chat.close()


def field(chat) -> QPlainTextEdit:
    return chat.composer.edit


def test_text_typed_just_before_another_conversation_is_shown_stays_with_its_own(chat, qtbot):
    qtbot.keyClicks(field(chat), "half a thou")
    chat.control.show(chat.second)
    assert chat.composer.text() == ""
    assert (chat.draft(chat.first), chat.draft(chat.second)) == ("half a thou", "")
    chat.control.show(chat.first)
    assert chat.composer.text() == "half a thou"


def test_text_typed_just_before_a_new_conversation_stays_with_the_old_one(chat, qtbot):
    qtbot.keyClicks(field(chat), "half a thou")
    chat.control.new_conversation()
    assert chat.composer.text() == chat.control.new_draft == ""
    assert chat.draft(chat.first) == "half a thou"


def test_a_message_that_cannot_be_sent_stays_where_it_is_and_stays_a_draft(chat, qtbot):
    chat.control.new_conversation()
    qtbot.keyClicks(field(chat), "hello")
    qtbot.keyClick(field(chat), Qt.Key.Key_Return)
    assert [notice.title for notice in chat.notices.notices()] == ["No model is loaded"]
    assert chat.composer.text() == "hello"
    chat.composer.flush_draft()
    assert chat.control.new_draft == "hello"


def test_a_message_that_was_sent_is_no_draft_any_more(chat, qtbot):
    chat.load()
    qtbot.keyClicks(field(chat), "hello")
    qtbot.keyClick(field(chat), Qt.Key.Key_Return)
    chat.composer.flush_draft()
    assert chat.composer.text() == chat.draft(chat.first) == ""
    assert chat.session.branch[0].text == "hello"


def test_the_first_message_of_a_new_conversation_is_no_draft_of_the_next(chat, qtbot):
    chat.load()
    chat.control.new_conversation()
    qtbot.keyClicks(field(chat), "hello")
    qtbot.keyClick(field(chat), Qt.Key.Key_Return)
    chat.control.new_conversation()
    assert chat.composer.text() == ""


def test_an_edit_that_cannot_be_answered_can_be_tried_again(chat, qtbot):
    chat.load()
    chat.session.send("What is Python?")
    chat.engine.advance(60)
    chat.engine.unload()
    qtbot.keyClick(field(chat), Qt.Key.Key_Up)
    qtbot.keyClicks(field(chat), " 3")
    qtbot.keyClick(field(chat), Qt.Key.Key_Return)
    assert [notice.title for notice in chat.notices.notices()] == ["No model is loaded"]
    assert chat.composer.is_editing
    assert chat.composer.text() == "What is Python? 3"


def test_a_deleted_conversation_takes_its_draft_with_it_and_brings_it_back(chat, qtbot):
    qtbot.keyClicks(field(chat), "half a thou")
    chat.sidebar.delete_requested.emit(chat.first)
    assert chat.session.shown_id is None
    assert chat.composer.text() == chat.control.new_draft == ""
    qtbot.mouseClick(chat.window.findChild(QPushButton, "notice_undo"), Qt.MouseButton.LeftButton)
    assert chat.session.shown_id == chat.first
    assert chat.composer.text() == "half a thou"


def test_an_edit_ends_with_its_conversation(chat):
    chat.composer.begin_edit(7, "What is Python?")
    chat.sidebar.delete_requested.emit(chat.first)
    assert not chat.composer.is_editing
    assert chat.composer.text() == ""


def test_deleting_another_conversation_leaves_what_is_being_typed(chat, qtbot):
    chat.control.new_conversation()
    qtbot.keyClicks(field(chat), "hello")
    chat.sidebar.delete_requested.emit(chat.second)
    assert chat.composer.text() == "hello"


def test_others_are_asked_for_what_was_typed_while_its_conversation_is_still_on_show(chat):
    asked = []
    chat.control.leaving.connect(lambda: asked.append(chat.session.shown_id))
    chat.control.show(chat.second)
    chat.sidebar.delete_requested.emit(chat.second)
    assert asked == [chat.first, chat.second]
