"""Small widgets: labels that shorten, fields that leave the wheel alone, headers that fold."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton

from app.errors import AppError
from tests.ui.accessibility import assert_accessible
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.empty_state import EmptyState
from ui.widgets.error_view import ErrorView
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_button
from ui.widgets.number_field import FloatField, IntField
from ui.widgets.section_header import SectionHeader


def test_label_shortens_to_its_room_and_keeps_the_whole_as_its_name(theme, qtbot):
    label = ElidedLabel("A conversation with quite a long title that will not fit")
    qtbot.addWidget(label)
    label.resize(120, 20)
    label.show()
    assert label.text().endswith("\u2026")
    assert label.accessibleName() == label.whole_text() == label.toolTip()
    label.resize(900, 20)
    assert label.text() == label.whole_text()
    assert label.toolTip() == ""


def test_label_shows_markup_as_it_is(theme, qtbot):
    label = ElidedLabel("<b>x</b>\nsecond line")
    qtbot.addWidget(label)
    label.resize(900, 20)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.text() == "<b>x</b> second line"


def test_icon_button_says_what_it_does(theme, qtbot):
    button = IconButton(theme, "copy", "Copy the code")
    qtbot.addWidget(button)
    assert button.accessibleName() == button.toolTip() == "Copy the code"
    button.set_tooltip("Copy the code", "Ctrl+C")
    assert button.toolTip() == "Copy the code  (Ctrl+C)"
    assert button.accessibleName() == "Copy the code"


def test_icon_button_can_be_reached_and_pressed_by_keyboard(theme, qtbot):
    button = IconButton(theme, "copy", "Copy")
    qtbot.addWidget(button)
    button.show()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Space)


@pytest.mark.parametrize("kind", [IntField, FloatField])
def test_wheel_over_a_number_without_focus_changes_nothing(theme, qtbot, kind):
    field = kind(theme)
    qtbot.addWidget(field)
    field.setValue(5)
    field.show()
    field.clearFocus()
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(0, 120),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field, event)
    assert field.value() == 5
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    QApplication.sendEvent(field, event)
    assert field.value() == 6


def test_header_folds_and_tells(theme, qtbot):
    header = SectionHeader(theme, "Penalties", foldable=True)
    qtbot.addWidget(header)
    with qtbot.waitSignal(header.folded_changed) as folded:
        header.findChild(QToolButton).click()
    assert folded.args == [True]
    assert header.is_folded()
    header.set_folded(False)
    assert not header.is_folded()
    assert_accessible(header)


def test_error_view_says_what_why_and_what_to_do(theme, qtbot):
    view = ErrorView(theme)
    qtbot.addWidget(view)
    view.show_error(AppError("The engine stopped", "It was killed by signal 9.", "Load it again.", "trace"))
    words = [label.text() for label in view.findChildren(QLabel)]
    assert {"The engine stopped", "It was killed by signal 9.", "Load it again."} <= set(words)
    view.findChild(QPushButton, "error_copy_button").click()
    assert QGuiApplication.clipboard().text().endswith("trace")


def test_error_view_offers_what_can_be_done(theme, qtbot):
    done = []
    view = ErrorView(theme)
    qtbot.addWidget(view)
    view.show_error(AppError("The engine stopped"))
    view.add_action("Load again", lambda: done.append(True), primary=True)
    view.findChild(QPushButton, "error_load_again").click()
    assert done == [True]
    assert_accessible(view)


def test_empty_state_says_what_to_do_next(theme, qtbot):
    state = EmptyState(theme, "message-square", "No conversation yet", "Type below to begin.")
    qtbot.addWidget(state)
    state.set_words("Nothing found", "Try other words.")
    words = [label.text() for label in state.findChildren(QLabel)]
    assert {"Nothing found", "Try other words."} <= set(words)


def test_button_runs_its_callback_without_arguments(theme, qtbot):
    ran = []
    button = make_button("&Load", "primary", lambda: ran.append(True), "load_button")
    qtbot.addWidget(button)
    button.click()
    assert ran == [True]
    assert button.accessibleName() == "Load"
