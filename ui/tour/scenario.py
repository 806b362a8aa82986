"""What the tour does: the main job end to end, on the starter model, in the real window."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QAbstractSpinBox, QLabel, QPushButton, QWidget

from app.conversations.parts import NoticePart, Turn
from ui.application import SawhorseWindow
from ui.theme.theme import Mode
from ui.tour.editor_steps import editor_steps
from ui.tour.script import Step
from ui.tour.tools_steps import tools_steps

QUESTION = "What is a sawhorse used for? Answer in two sentences."
CODE = (
    "Show me how to count the words of a file in Python.\n\n"
    "```python\nfrom pathlib import Path\n\nprint(len(Path('notes.txt').read_text().split()))\n```"
)
_LEFT = Qt.MouseButton.LeftButton
#: A busy machine may take this long to answer; one that hangs is told apart by hand.
SLOW_S = 600.0
LONG = "Write a long story about a carpenter and her sawhorse."


@dataclass
class Stage:
    """The window under the tour's hand; another one after a restart.

    Attributes:
        open_window: Makes and starts a window on the same folder.
    """

    open_window: Callable[[], SawhorseWindow]
    window: SawhorseWindow

    def restart(self) -> None:
        """Close the window and open it again."""
        self.window.window.close()
        self.window.window.deleteLater()
        self.window = self.open_window()

    def send(self, text: str) -> None:
        """Type a message and press Enter."""
        composer = self.window.composer
        composer.focus()
        composer.set_text(text)
        composer.edit.submitted.emit()

    @property
    def branch(self) -> list[Turn]:
        """The turns on show."""
        return self.window.session.branch

    @property
    def is_idle(self) -> bool:
        """A model is loaded and no reply is being made."""
        return self.window.engine.state == "ready" and self.window.session.generating_turn is None

    @property
    def is_streaming(self) -> bool:
        """Some text of a reply has come."""
        live = self.window.session.generating_turn
        return live is not None and len(live.text) > 40

    @property
    def has_reply(self) -> bool:
        """Some of a reply is there, be it finished."""
        return self.is_streaming or (bool(self.branch) and self.branch[-1].role == "assistant" and self.is_idle)

    def is_streaming_long(self) -> bool:
        """Return whether a long reply is under way; a model that answered shortly is asked again."""
        if self.is_idle:
            self.send(LONG)
        return self.is_streaming

    def find(self, name: str) -> QWidget:
        """Return a widget of the window by its objectName."""
        found = self.window.window.findChild(QWidget, name)
        if found is None:
            raise LookupError(f"there is no {name}")
        return found

    def find_all(self, name: str) -> list[QWidget]:
        """Return all widgets of the window with an objectName."""
        return self.window.window.findChildren(QWidget, name)

    def has(self, name: str) -> bool:
        """Return whether a widget is there and shown."""
        return any(widget.isVisible() for widget in self.find_all(name))

    def click(self, name: str) -> None:
        """Click a button of the transcript or window that is shown."""
        buttons = [button for button in self.find_all(name) if button.isVisible()]
        if not buttons:
            raise LookupError(f"no {name} is shown")
        button = buttons[-1]
        QTest.mouseClick(button, _LEFT)

    def close(self, name: str) -> None:
        """Close a dialog."""
        self.find(name).close()

    def click_last_entry(self, text: str) -> None:
        """Click the last entry of the model dialog's list that begins with ``text``."""
        view = self.find("model_list")
        assert isinstance(view, QAbstractItemView)  # noqa: S101 - the dialog's own
        rows = [view.model().index(row, 0) for row in range(view.model().rowCount())]
        *_others, last = [index for index in rows if str(index.data()).startswith(text)]
        view.scrollTo(last)
        QTest.mouseClick(view.viewport(), _LEFT, pos=view.visualRect(last).center())

    def verdict(self) -> str:
        """Return what the model dialog says of the chosen variant."""
        label = self.find("fit_verdict")
        return label.text() if isinstance(label, QLabel) else ""

    def set_mode(self, mode: Mode) -> None:
        """Choose a theme as its action does."""
        self.window.window.action_table.run(f"theme.{mode}")

    def light_last_turn(self) -> None:
        """Rest the pointer on the last turn, so that its actions are shown."""
        last = self.branch[-1]
        widget = self.window.transcript.turn_widget(last.id)
        if widget is not None:
            widget.light()


def steps_of(stage: Stage, place: Path) -> list[Step]:
    """Return the scenario; what its tools work on is in ``place``."""
    return [
        *_first_steps(stage),
        *_conversation_steps(stage),
        *_model_steps(stage),
        *tools_steps(stage, place),
        *editor_steps(stage, place),
        *_looks(stage),
        *_recovery_steps(stage),
    ]


def _first_steps(stage: Stage) -> list[Step]:
    return [
        Step("starter loaded", "the starter model ready", lambda: None, lambda: stage.is_idle, SLOW_S),
        Step("question sent", "a reply", lambda: stage.send(QUESTION), lambda: stage.has_reply, SLOW_S),
        Step("reply finished", "the whole reply", lambda: None, lambda: stage.is_idle, SLOW_S),
        Step(
            "code in a message",
            "a reply to a message with code",
            lambda: stage.send(CODE),
            lambda: stage.is_idle,
            SLOW_S,
        ),
    ]


def _conversation_steps(stage: Stage) -> list[Step]:
    def regenerate() -> None:
        stage.light_last_turn()
        stage.click("turn_regenerate")

    def edit() -> None:
        stage.window.chat.edit_last()
        stage.window.composer.set_text("In one short sentence: what does len() do?")

    def has_siblings() -> bool:
        return stage.is_idle and len(stage.window.store.siblings(stage.branch[-1].id)) == 2

    def stopped() -> bool:
        return stage.is_idle and stage.branch[-1].state == "stopped"

    def switch() -> None:
        stage.window.chat.select_sibling_of_last(-1)

    def change_temperature() -> None:
        field = stage.find("field_temperature")
        assert isinstance(field, QAbstractSpinBox)  # noqa: S101 - the panel's own
        field.setProperty("value", 0.7)

    def temperature_is_mine() -> bool:
        return stage.window.sampling.values.get("temperature") == 0.7

    return [
        Step("regenerated", "a second version of the reply", regenerate, has_siblings, SLOW_S),
        Step("earlier version", "the first version again", switch, lambda: stage.is_idle),
        Step("sampling changed", "temperature set by you", change_temperature, temperature_is_mine),
        Step(
            "long reply",
            "a long reply streaming",
            lambda: None,
            stage.is_streaming_long,
            SLOW_S,
            picture=False,
        ),
        Step("stopped", "the reply stopped, its text kept", lambda: stage.click("stop_button"), stopped, 10),
        Step("editing", "the last message in the composer", edit, lambda: stage.window.composer.is_editing),
        Step(
            "edited and resent",
            "a reply to the edited message",
            stage.window.composer.edit.submitted.emit,
            lambda: stage.is_idle and not stage.window.composer.is_editing,
            SLOW_S,
        ),
    ]


def _model_steps(stage: Stage) -> list[Step]:
    def open_models() -> None:
        stage.window.window.action_table.run("model.choose")
        stage.find("model_dialog").resize(1160, 720)  # as on any desktop; the screen off screen is small

    def is_scanned() -> bool:
        has_probed = stage.window.background.fit.machine is not None
        return has_probed and bool(stage.window.listings.models) and not stage.window.listings.is_scanning

    return [
        Step("models", "the models for this machine", open_models, is_scanned, SLOW_S, picture=False),
        Step(
            "model card",
            "the card of Qwen3-Coder-Next",
            lambda: stage.click_last_entry("Qwen3-Coder-Next"),
            lambda: stage.find("variant_table").isVisible(),
        ),
        Step(
            "fit",
            "what the starter needs, part by part",
            lambda: stage.click_last_entry("SmolLM2-135M-Instruct"),
            lambda: stage.verdict().startswith("Fits"),
            SLOW_S,
        ),
        Step("models closed", "no dialog", lambda: stage.close("model_dialog"), lambda: True, picture=False),
    ]


def _looks(stage: Stage) -> list[Step]:
    def run(action: str) -> Callable[[], None]:
        return lambda: stage.window.window.action_table.run(action)

    def resize(width: int, height: int) -> Callable[[], None]:
        return lambda: stage.window.window.resize(width, height)

    window = stage.window.window
    return [
        Step("dark", "the dark theme", lambda: stage.set_mode("dark"), lambda: stage.window.theme.is_dark),
        Step("high contrast", "high contrast", lambda: stage.set_mode("high-contrast"), lambda: True),
        Step("command palette", "the palette", run("help.palette"), window.palette_view.isVisible),
        Step("palette closed", "no palette", window.palette_view.close_palette, lambda: True, picture=False),
        Step("shortcuts", "the shortcuts", run("help.shortcuts"), lambda: True),
        Step("shortcuts closed", "no shortcuts", run("help.shortcuts"), lambda: True, picture=False),
        Step("settings", "the settings", run("app.settings"), lambda: stage.find("settings_dialog").isVisible()),
        Step("settings closed", "no settings", lambda: stage.close("settings_dialog"), lambda: True, picture=False),
        Step(
            "light again",
            "the light theme",
            lambda: stage.set_mode("light"),
            lambda: stage.window.theme.mode == "light",
        ),
        Step("large window", "a large window", resize(2560, 1440), lambda: window.width() == 2560),
        Step("usual size", "the usual size", resize(1280, 800), lambda: window.width() == 1280, picture=False),
    ]


def _recovery_steps(stage: Stage) -> list[Step]:
    def kill_engine() -> None:
        pid = stage.window.engine.pid
        assert pid is not None  # noqa: S101 - the engine was ready in the step before
        os.kill(pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)

    def says_so() -> bool:
        last = stage.branch[-1]
        return last.state == "failed" and any(isinstance(part, NoticePart) for part in last.parts)

    def load_again() -> None:
        stage.window.window.notices.dismiss_all()
        button = stage.window.transcript.findChild(QPushButton, "notice_load_again")
        if button is None:
            raise LookupError("there is no button that loads again")
        QTest.mouseClick(button, _LEFT, pos=QPoint(5, 5))

    def all_is_there() -> bool:
        return stage.is_idle and len(stage.branch) >= 4 and any(turn.text == QUESTION for turn in stage.branch)

    return [
        Step(
            "another long reply",
            "a reply streaming",
            lambda: None,
            stage.is_streaming_long,
            SLOW_S,
            picture=False,
        ),
        Step("engine killed", "what happened, in words, and the text kept", kill_engine, says_so, 10),
        Step("engine back", "the model loaded again", load_again, lambda: stage.is_idle, SLOW_S),
        Step("restarted", "the conversation as it was left", stage.restart, all_is_there, SLOW_S),
    ]
