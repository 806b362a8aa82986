"""The composer while a model is at work: messages for its next step, stopping, and controls below the field."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from ui.chat.composer import ASK_WORDS, STEER_WORDS, ComposerPanel


@pytest.fixture
def composer(theme, qtbot):
    """A composer on show."""
    panel = ComposerPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(640, 120)
    panel.show()
    return panel


@pytest.fixture
def sent(composer):
    """What was sent."""
    heard = []
    composer.send_requested.connect(heard.append)
    return heard


def button(composer, name):
    return composer.findChild(QToolButton, name)


def test_a_model_at_work_takes_messages_beside_being_stopped(composer, sent, qtbot):
    composer.set_generating(True, can_steer=True)
    assert composer.edit.placeholderText() == STEER_WORDS
    assert button(composer, "send_button").isVisible()
    assert button(composer, "stop_button").isVisible()
    qtbot.keyClicks(composer.edit, "use tabs")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert sent == ["use tabs"]
    composer.set_generating(False)
    assert composer.edit.placeholderText() == ASK_WORDS


def test_a_message_is_not_edited_while_a_model_is_at_work(composer, qtbot):
    edited = []
    composer.edit_submitted.connect(lambda *values: edited.append(values))
    composer.begin_edit(7, "old")
    composer.set_generating(True, can_steer=True)
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert edited == []
    assert composer.is_editing


def test_controls_of_others_stand_before_the_hint(composer):
    control = QPushButton("No folder")
    composer.add_control(control)
    composer.layout().activate()
    hint = next(label for label in composer.findChildren(QLabel) if label.accessibleName().startswith("Enter sends"))
    assert control.geometry().left() < hint.geometry().left()
