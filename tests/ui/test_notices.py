"""Notices: they tell and offer, stay or fade, and never block."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from app.errors import AppError
from tests.ui.accessibility import assert_accessible
from ui.widgets.notice import INFO_MS, Notice, NoticeAction
from ui.widgets.notices import Notices

ERROR = AppError("The file is damaged", "It ends after 1.2 GB of 4.8 GB.", "Download it again.", "blk.12.ffn_down")


@pytest.fixture
def window(qtbot):
    """A window to lay notices over."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    return window


@pytest.fixture
def notices(theme, window):
    """An empty stack of notices, 40 pixels below the top."""
    return Notices(theme, window, top=40)


def test_error_says_what_why_and_what_to_do(notices):
    notices.show_error(ERROR)
    words = [label.text() for label in notices.findChildren(QWidget) if hasattr(label, "wordWrap")]
    assert {ERROR.title, ERROR.message, ERROR.hint} <= set(words)
    assert not any(ERROR.detail in text for text in words)


def test_copy_details_has_everything(notices, qtbot):
    notices.show_error(ERROR)
    qtbot.mouseClick(notices.findChild(QToolButton, "notice_copy_button"), Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert all(part in copied for part in (ERROR.title, ERROR.message, ERROR.hint, ERROR.detail))


def test_errors_and_warnings_stay_and_others_fade():
    assert Notice("error", "a").shown_ms == Notice("warning", "a").shown_ms == 0
    assert Notice("info", "a").shown_ms == Notice("success", "a").shown_ms == INFO_MS


def test_notice_goes_when_its_time_is_over(notices, qtbot):
    notices.show_notice(Notice("info", "Copied", stay_ms=10))
    assert [notice.title for notice in notices.notices()] == ["Copied"]
    qtbot.waitUntil(lambda: not notices.notices())
    assert not notices.isVisible()


def test_notice_goes_at_once_with_reduced_motion(theme, notices, qtbot):
    theme.set_reduce_motion(True)
    notices.show_notice(Notice("info", "Copied", stay_ms=10))
    qtbot.waitUntil(lambda: not notices.notices())


def test_dismiss_takes_away_only_its_own(notices, qtbot):
    notices.show_error(ERROR)
    notices.show_error(AppError("Another"))
    newest = notices.findChildren(QToolButton, "notice_dismiss_button")
    qtbot.mouseClick(newest[-1], Qt.MouseButton.LeftButton)
    assert len(notices.notices()) == 1


def test_same_error_again_is_counted_not_piled_up(notices):
    for _ in range(3):
        notices.show_error(ERROR)
    assert len(notices.notices()) == 1


def test_undo_runs_and_the_notice_goes(notices, qtbot):
    undone = []
    notices.show_undo("Conversation deleted", lambda: undone.append(True))
    qtbot.mouseClick(notices.findChild(QPushButton, "notice_undo"), Qt.MouseButton.LeftButton)
    assert undone == [True]
    assert not notices.notices()


def test_two_undos_are_two_notices(notices):
    undone = []
    notices.show_undo("Message deleted", lambda: undone.append(1))
    notices.show_undo("Message deleted", lambda: undone.append(2))
    assert len(notices.notices()) == 2
    notices.dismiss_all()


def test_pile_is_limited_and_keeps_errors_longest(notices):
    notices.show_error(ERROR)
    for number in range(6):
        notices.show_info(f"Info {number}")
    titles = [notice.title for notice in notices.notices()]
    assert len(titles) == 4
    assert ERROR.title in titles
    assert "Info 5" in titles
    notices.dismiss_all()


def test_stack_keeps_to_the_top_right_corner(notices, window):
    notices.show_error(ERROR)
    window.resize(1200, 700)
    assert notices.geometry().right() == window.rect().right()
    assert notices.y() == 40


def test_card_is_as_high_as_its_words(notices, qtbot):
    notices.show_error(AppError("Short"))
    low = notices.height()
    notices.dismiss_all()
    notices.show_error(AppError("Long", "many words " * 60))
    assert notices.height() > low + 50


def test_text_from_outside_is_never_rich_text(notices):
    notices.show_error(AppError("<b>bold</b>", "<img src='file:///etc/hostname'>"))
    labels = [label for label in notices.findChildren(QWidget) if hasattr(label, "textFormat")]
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in labels if label.text())


def test_notices_can_be_used_by_keyboard_and_ear(notices):
    notices.show_error(ERROR, NoticeAction("Choose another", lambda: None))
    assert_accessible(notices)
