"""The composer while a model is at work: messages for its next step, stopping, and controls below the field."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from ui.chat.composer import ASK_WORDS, STEER_WORDS, ComposerPanel
from ui.chat.composer_foot import USUAL_HINT


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
    hint = hint_of(composer, USUAL_HINT)
    assert control.mapTo(composer, QPoint()).x() < hint.mapTo(composer, QPoint()).x()


def test_a_hint_without_room_beside_the_controls_has_its_own_line_and_the_usual_one_goes(composer, qtbot):
    composer.resize(360, 120)
    composer.add_control(QPushButton("No folder"))
    composer.set_token_count(204, 10_000_000)
    hint = hint_of(composer, USUAL_HINT)
    qtbot.waitUntil(lambda: not hint.isVisible())
    composer.set_hint("The model is being loaded; you can write already")
    qtbot.waitUntil(lambda: hint.isVisible() and hint.text() == "The model is being loaded; you can write already")
    composer.set_hint(USUAL_HINT)
    composer.resize(800, 120)
    qtbot.waitUntil(lambda: hint.isVisible() and hint.text() == USUAL_HINT)


def hint_of(composer, words):
    return next(label for label in composer.findChildren(QLabel) if label.accessibleName() == words)
