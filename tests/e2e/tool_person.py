"""A person who has a scripted model work in a folder: what they do, by the names of widgets, and what they see."""

from __future__ import annotations

import itertools
import json

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel, QLineEdit, QPlainTextEdit, QWidget

from app.conversations.parts import ToolCallPart
from tests.agent.branch_reader import BranchReader
from ui.tools.tool_card import ToolCard

TIMEOUT_MS = 30_000
LEFT = Qt.MouseButton.LeftButton


def called(name, text="", **arguments):
    """Return a reply with a call, in the form that Qwen3-Coder is taught."""
    parameters = "".join(
        f"<parameter={key}>\n{value if isinstance(value, str) else json.dumps(value)}\n</parameter>\n"
        for key, value in arguments.items()
    )
    return f"{text}\n<tool_call>\n<function={name}>\n{parameters}</function>\n</tool_call>"


def contents(folder):
    """Return every file below a folder with its bytes, and every folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


class Person(BranchReader):
    """In front of a window; ``replies`` is where the scripted model's replies are written down."""

    def __init__(self, sawhorse, qtbot, replies):
        self.sawhorse, self.qtbot, self._replies = sawhorse, qtbot, replies
        self._numbers = itertools.count(len(list(replies.glob("*.txt"))))

    # --- what is done -----------------------------------------------------------------------------------

    def choose(self, folder):
        """Choose a folder, and wait until it is known what holds commands."""
        self.sawhorse.agent.tools.set_folder(str(folder))
        self.wait(lambda: self.sawhorse.core.runner.sandbox is not None)

    def script(self, *replies):
        for reply in replies:
            (self._replies / f"{next(self._numbers):04d}.txt").write_text(reply, "utf-8")

    def send(self, text):
        composer = self.widget("composer", QPlainTextEdit)
        composer.setFocus()
        composer.setPlainText(text)
        self.qtbot.keyClick(composer, Qt.Key.Key_Return)

    def ask(self, text, *replies):
        """Write down replies and send a message."""
        self.script(*replies)
        self.send(text)

    def click(self, name):
        """Click a button once it is shown and enabled."""
        self.wait(lambda: self.button(name) is not None and self.button(name).isEnabled())
        self.qtbot.mouseClick(self.button(name), LEFT)

    def approve(self):
        """Approve the call that asks, once that is possible."""
        self.wait_state("waiting")
        self.click("approve_button")

    def unfold_running(self):
        """Unfold the card of the call that runs; its button to stop it is there."""
        self.wait(lambda: any(card.live.state == "running" for card in self.cards))
        card = next(card for card in self.cards if card.live.state == "running")
        self.qtbot.mouseClick(card.head, LEFT)
        self.wait(lambda: self.button("stop_tool_button") is not None)

    def deny(self, reason):
        self.wait_state("waiting")
        self.wait(lambda: self.button("deny_button") is not None)
        self.shown("deny_reason", QLineEdit)[-1].setText(reason)
        self.click("deny_button")

    # --- what is waited for -----------------------------------------------------------------------------

    def wait(self, condition, timeout=TIMEOUT_MS):
        self.qtbot.waitUntil(condition, timeout=timeout)

    def wait_state(self, state):
        """Wait until the run on show is in a state, and nothing is told of it any more."""
        self.wait(lambda: self.run is not None and self.run.state == state)

    def wait_for_end(self, state="complete"):
        self.wait(lambda: self.run is not None and self.run.state not in {"running", "waiting"})
        assert self.run.state == state, self.run.reason
        self.wait(lambda: self.sawhorse.session.generating_turn is None)

    # --- what is seen -----------------------------------------------------------------------------------

    @property
    def asked(self):
        """What the model was given last, as one text."""
        prompts = sorted((self._replies / "asked").glob("*.json"))
        return "\n".join(message["content"] for message in json.loads(prompts[-1].read_bytes())["messages"])

    def widget(self, name, kind=QWidget):
        return self.sawhorse.window.findChild(kind, name)

    def shown(self, name, kind=QWidget):
        return [widget for widget in self.sawhorse.window.findChildren(kind, name) if widget.isVisible()]

    def button(self, name):
        found = self.shown(name, QAbstractButton)
        return found[-1] if found else None

    def dialog(self, name):
        found = self.shown(name, QDialog)
        return found[-1] if found else None

    @property
    def run(self):
        return self.sawhorse.core.agent.run

    @property
    def branch(self):
        return self.sawhorse.session.branch

    @property
    def calls(self):
        return [part for turn in self.branch for part in turn.parts if isinstance(part, ToolCallPart)]

    @property
    def cards(self):
        """The cards near the screen, from top to bottom."""
        cards = self.sawhorse.transcript.findChildren(ToolCard)
        alive = [card for card in cards if card.isVisible()]
        return sorted(alive, key=lambda card: card.mapTo(self.sawhorse.window, card.rect().topLeft()).y())

    @property
    def bar(self):
        """The two lines of the bar above the composer; nothing while it is hidden."""
        labels = [*self.shown("run_title", QLabel), *self.shown("run_detail", QLabel)]
        return " / ".join(label.text() for label in labels)
