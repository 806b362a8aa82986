"""The middle of the window with an agent that only remembers what it was asked."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.chat.changes import CallChanged, RunChanged
from app.conversations.parts import TextPart, ToolCallPart
from tests.app.chats import Chat
from tests.ui.agent_fakes import (
    FakeCalls,
    FakePort,
    FakeStore,
    call,
    run,
)
from ui.chat.composer import ComposerPanel
from ui.chat.transcript_view import TranscriptView
from ui.control.agent_control import AgentControl
from ui.control.chat_control import ChatControl
from ui.control.run_changes import RunChanges
from ui.editor.diff_look import DiffLook
from ui.sidebar.conversation_sidebar import ConversationSidebar
from ui.tools.changes_dialog import ChangesDialog
from ui.tools.run_bar import RunBar
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

        run_changes = RunChanges(theme, self.window, self.port, self.changes, DiffLook(), self.notices, self.window)
        self.run_changes = run_changes
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
        self.control.apply(change)
        self.chats.apply(change)

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
