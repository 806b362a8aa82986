"""Presets, the system prompt and what happens when the context is full: in the panel, and for conversations."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QInputDialog,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from app.chat.replier import Replier
from app.chat.session import ChatSession
from app.conversations.store import ConversationStore
from app.engine.echo import EchoEngine
from app.errors import AppError
from app.presets import BUILT_IN, Presets
from app.settings import SettingsFile
from ui.control.sampling_control import SamplingControl
from ui.sampling.sampling_panel import OVERFLOWS, SamplingPanel
from ui.widgets.notices import Notices


@pytest.fixture
def panel(theme, qtbot):
    panel = SamplingPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(320, 700)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def listened(signal):
    """Return a list that takes what a signal says: its value, or its values as a tuple."""
    heard = []
    signal.connect(lambda *values: heard.append(values[0] if len(values) == 1 else values))
    return heard


def preset(panel) -> QComboBox:
    return panel.findChild(QComboBox, "sampling_preset")


def test_the_preset_in_force_is_shown_and_another_can_be_chosen(panel):
    panel.show_presets(["Precise", "Mine"], "Mine", can_delete=True)
    assert preset(panel).currentText() == "Mine"
    assert preset(panel).count() == 2
    chosen = listened(panel.preset_chosen)
    preset(panel).activated.emit(0)
    preset(panel).setCurrentIndex(0)
    preset(panel).activated.emit(0)
    assert chosen[-1] == "Precise"


def test_values_of_no_preset_are_the_users_own(panel):
    panel.show_presets(["Precise"], "", can_delete=False)
    assert preset(panel).currentText() == "Your own values"
    assert not panel.findChild(QToolButton, "delete_preset_button").isEnabled()


def test_a_preset_is_saved_by_name_and_deleted(panel, qtbot):
    panel.show_presets(["Mine"], "Mine", can_delete=True)
    saved, deleted = listened(panel.preset_saved), listened(panel.preset_deleted)
    panel.findChild(QToolButton, "save_preset_button").click()
    dialog = next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QInputDialog))
    assert dialog.textValue() == "Mine"
    dialog.setTextValue("Better")
    dialog.accept()
    panel.findChild(QToolButton, "delete_preset_button").click()
    assert (saved, deleted) == (["Better"], ["Mine"])


def prompt(panel) -> QPlainTextEdit:
    return panel.findChild(QPlainTextEdit, "system_prompt")


def test_a_system_prompt_is_told_in_the_end_with_all_that_was_typed(panel, qtbot):
    told = listened(panel.system_prompt_changed)
    prompt(panel).setFocus()
    qtbot.keyClicks(prompt(panel), "Be brief.")
    assert told == ["B"]
    prompt(panel).clearFocus()
    assert told == ["B", "Be brief."]


def test_a_system_prompt_that_is_being_typed_is_left_alone_by_what_was_told_before(panel, qtbot):
    panel.show_system_prompt("Be")
    prompt(panel).setFocus()
    prompt(panel).moveCursor(prompt(panel).textCursor().MoveOperation.End)
    qtbot.keyClicks(prompt(panel), " brief")
    panel.show_system_prompt("Be ")  # an echo of the first letter
    assert prompt(panel).toPlainText() == "Be brief"


def test_the_system_prompt_of_another_conversation_is_shown_wherever_the_cursor_is(panel, qtbot):
    told = listened(panel.system_prompt_changed)
    prompt(panel).setFocus()
    qtbot.keyClicks(prompt(panel), "Be brief.")
    panel.flush()
    panel.show_system_prompt("Be verbose.")
    panel.flush()
    assert prompt(panel).toPlainText() == "Be verbose."
    assert told == ["B", "Be brief."]


@pytest.mark.parametrize("policy", [value for value, _words in OVERFLOWS])
def test_what_happens_when_the_context_is_full_is_shown_and_chosen(panel, policy):
    box = panel.findChild(QComboBox, "overflow_policy")
    chosen = listened(panel.overflow_changed)
    panel.show_overflow(policy)
    assert box.currentData() == policy
    assert chosen == []
    box.activated.emit(box.currentIndex())
    assert chosen == [policy]


# --- for conversations ----------------------------------------------------------------------------------------


class Control:
    """The panel connected to settings, presets and conversations in real files."""

    def __init__(self, theme, panel, folder):
        self.panel, self.folder = panel, folder
        self.card = {"temperature": 0.6}
        self.settings = SettingsFile(folder / "settings.json")
        self.presets = Presets(folder / "presets.json")
        self.store = ConversationStore(folder / "conversations.db")
        engine = EchoEngine(lambda _event: None)
        replier = Replier(engine, self.store, lambda _change: None, "Summarise.")
        self.session = ChatSession(engine, self.store, replier, lambda _change: self.control.refresh())
        self.window = QWidget()
        self.notices = Notices(theme, self.window, top=0)
        self.control = SamplingControl(
            panel, self.session, self.store, self.settings, self.presets, lambda: self.card, self.notices
        )
        self.control.refresh()

    def origin(self, name):
        return self.panel.findChild(QLabel, f"origin_{name}").text()

    def put(self, name, value):
        self.panel.findChild(QWidget, f"field_{name}").setValue(value)

    def show_new(self, **fields):
        """Show a conversation that was just made."""
        conversation = self.store.create("A conversation", **fields)
        self.session.show(conversation.id)
        return conversation.id


@pytest.fixture
def control(theme, panel, own_home, qtbot):
    control = Control(theme, panel, own_home)
    qtbot.addWidget(control.window)
    yield control
    control.notices.dismiss_all()
    control.store.close()


def test_a_value_is_kept_for_the_next_start(control):
    assert control.origin("temperature") == "card"
    control.put("temperature", 0.3)
    assert control.origin("temperature") == "you"
    assert SettingsFile(control.folder / "settings.json").settings.sampling == {"temperature": 0.3}


def test_a_value_counts_for_the_conversation_on_show_and_new_ones_and_not_for_earlier_ones(control):
    earlier, shown = control.show_new(sampling={"top_k": 7}), control.show_new()
    control.put("temperature", 0.3)
    assert control.store.conversation(shown).sampling == {"temperature": 0.3}
    assert control.store.conversation(earlier).sampling == {"top_k": 7}
    assert control.control.new_conversation()["sampling"] == {"temperature": 0.3}
    control.session.show(earlier)
    assert (control.origin("temperature"), control.origin("top_k")) == ("card", "you")


def test_a_reset_brings_back_what_the_model_recommends(control, qtbot):
    control.put("temperature", 0.3)
    reset = control.panel.findChild(QToolButton, "reset_temperature")
    qtbot.mouseClick(reset, Qt.MouseButton.LeftButton)
    assert control.origin("temperature") == "card"
    assert control.panel.findChild(QWidget, "field_temperature").value() == 0.6
    assert control.settings.settings.sampling == {}


def test_a_preset_replaces_all_values_and_is_shown_until_one_is_changed(control):
    control.put("top_k", 7)
    assert preset(control.panel).currentText() == "Your own values"
    control.panel.preset_chosen.emit("Precise")
    assert control.settings.settings.sampling == BUILT_IN["Precise"]
    assert preset(control.panel).currentText() == "Precise"
    control.put("temperature", 0.3)
    assert preset(control.panel).currentText() == "Your own values"


@pytest.mark.parametrize("values", [{"stop": ("a", "b")}, {"logit_bias": ((5, -1.0),)}, {"samplers": ("top_k",)}])
def test_a_preset_is_known_again_by_values_that_were_in_a_file(control, values):
    control.settings.change(sampling=values)
    control.panel.preset_saved.emit("Mine")
    assert preset(control.panel).currentText() == "Mine"
    control.show_new(sampling=values)
    assert preset(control.panel).currentText() == "Mine"


def test_presets_that_ship_cannot_be_deleted_and_ones_own_come_back_by_undo(control, qtbot):
    delete = control.panel.findChild(QToolButton, "delete_preset_button")
    control.panel.preset_chosen.emit("Precise")
    assert not delete.isEnabled()
    control.put("top_k", 7)
    control.panel.preset_saved.emit("Mine")
    assert delete.isEnabled()
    delete.click()
    assert "Mine" not in control.presets.names
    assert preset(control.panel).currentText() == "Your own values"
    qtbot.mouseClick(control.window.findChild(QPushButton, "notice_undo"), Qt.MouseButton.LeftButton)
    assert preset(control.panel).currentText() == "Mine"


@pytest.mark.parametrize("name", ["", "   ", "Precise"])
def test_a_preset_without_a_name_of_its_own_is_refused_in_words(control, name):
    control.panel.preset_saved.emit(name)
    assert [notice.title for notice in control.notices.notices()] == ["This preset cannot be saved"]
    assert control.presets.names == list(BUILT_IN)


def test_a_system_prompt_belongs_to_the_conversation_on_show(control, qtbot):
    first = control.show_new()
    prompt(control.panel).setFocus()
    qtbot.keyClicks(prompt(control.panel), "Be brief.")
    control.panel.flush()
    control.show_new()
    assert prompt(control.panel).toPlainText() == ""
    assert control.store.conversation(first).system_prompt == "Be brief."
    control.session.show(first)
    assert prompt(control.panel).toPlainText() == "Be brief."


@pytest.mark.parametrize("verb", ["show_system_prompt", "overflow", "show_all"])
def test_settings_that_cannot_be_written_are_an_error_in_words(control, verb, monkeypatch):
    def refuse(**_fields):
        raise AppError("The settings could not be saved", "The disk is full.")

    monkeypatch.setattr(control.settings, "change", refuse)
    if verb == "show_system_prompt":
        prompt(control.panel).setPlainText("Be brief.")
    elif verb == "overflow":
        control.panel.overflow_changed.emit("drop_oldest")
    else:
        control.panel.set_show_all(not control.settings.settings.show_all_samplers)
    assert [notice.title for notice in control.notices.notices()] == ["The settings could not be saved"]
