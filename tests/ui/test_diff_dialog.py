"""The window that shows a change before it is made, and the pane in it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QWidget

from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from ui.editor.diff_dialog import DiffDialog
from ui.editor.diff_look import DiffLook
from ui.editor.diff_overview import DiffOverview
from ui.editor.diff_question import DiffQuestion
from ui.editor.diff_rows import FoldRow, LineRow

BEFORE = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n" * 3
AFTER = BEFORE.replace("two", "zwei", 1).removesuffix("ten\n") + "zehn\n"


class Asked:
    """A question and what was heard of it."""

    def __init__(self, theme, qtbot, before=BEFORE, after=AFTER):
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.resize(1280, 800)
        self.window.show()
        self.look = DiffLook(is_split=False)
        self.heard = []
        DiffDialog(theme, self.window, self.look).ask("Apply?", "a.py", before, after, "Apply", self.heard.append)
        self.dialog = self.window.findChild(DiffQuestion)
        qtbot.waitUntil(lambda: not self.view.row_list.is_growing)

    @property
    def view(self):
        return self.dialog.pane.view

    def click(self, name, kind=QToolButton):
        button = self.dialog.findChild(kind, name)
        assert button.isVisible()
        button.click()

    def rows(self):
        return self.view.row_list.rows


@pytest.fixture
def asked(theme, qtbot):
    """A change of two hunks is on show."""
    made = Asked(theme, qtbot)
    yield made
    if made.window.findChild(DiffQuestion) is not None:
        made.dialog.reject()


def press(asked, qtbot, key, modifiers=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(asked.view, key, modifiers)


def test_agreeing_makes_the_whole_change(asked):
    asked.click("diff_accept_button", QPushButton)
    assert asked.heard == [AFTER]


def test_what_is_left_out_is_not_made(asked):
    asked.click("reject_hunk_0")
    assert asked.dialog.findChild(QLabel, "diff_count").text() == "1 of 2 changes"
    asked.click("diff_accept_button", QPushButton)
    assert asked.heard == [BEFORE.removesuffix("ten\n") + "zehn\n"]


def test_with_everything_left_out_there_is_nothing_to_agree_to(asked, qtbot):
    for _ in range(2):
        press(asked, qtbot, Qt.Key.Key_R)
        press(asked, qtbot, Qt.Key.Key_F7)
    press(asked, qtbot, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert not asked.dialog.findChild(QPushButton, "diff_accept_button").isEnabled()
    assert asked.heard == []


def test_enter_alone_agrees_to_nothing(asked, qtbot):
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        press(asked, qtbot, key)
    assert asked.heard == []
    assert asked.dialog.isVisible()


def test_control_and_enter_agree(asked, qtbot):
    press(asked, qtbot, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert asked.heard == [AFTER]


def test_cancelling_says_nothing(asked):
    asked.click("diff_cancel_button", QPushButton)
    assert asked.heard == []


def test_changes_are_gone_through_by_keys_and_around_the_end(asked, qtbot):
    places = []
    for key, modifiers in ((Qt.Key.Key_F7, 0), (Qt.Key.Key_F7, 0), (Qt.Key.Key_F7, 1)):
        press(asked, qtbot, key, [Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier][modifiers])
        places.append(asked.dialog.findChild(QLabel, "diff_place").text())
    assert places == ["2 of 2", "1 of 2", "2 of 2"]


def test_a_click_unfolds_unchanged_lines(asked, qtbot):
    number = next(n for n, row in enumerate(asked.rows()) if isinstance(row, FoldRow))
    before = len(asked.rows())
    fold = asked.rows()[number]
    place = asked.view.row_list.tops[number] - asked.view.verticalScrollBar().value() + 5
    qtbot.mouseClick(asked.view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, place))
    assert len(asked.rows()) == before + fold.count - 1


def test_all_unchanged_lines_can_be_shown(asked, qtbot):
    asked.click("unfold_all")
    qtbot.waitUntil(lambda: not asked.view.row_list.is_growing)
    lines = [row for row in asked.rows() if isinstance(row, LineRow) and row.left]
    assert "".join(f"{row.left.text}\n" for row in lines) == BEFORE


def test_both_arrangements_show_the_same_and_the_choice_is_kept(asked, qtbot):
    kept = []
    asked.look.changed.connect(lambda: kept.append(asked.look.is_split))
    asked.click("diff_split")
    qtbot.waitUntil(lambda: not asked.view.row_list.is_growing)
    changed = [row for row in asked.rows() if isinstance(row, LineRow) and row.hunk == 0]
    assert [(row.left.text, row.right.text) for row in changed] == [("two", "zwei")]
    assert kept == [True]


def test_a_click_on_the_strip_beside_the_lines_goes_there(asked, qtbot):
    asked.click("unfold_all")
    qtbot.waitUntil(lambda: not asked.view.row_list.is_growing)
    strip = asked.dialog.findChild(DiffOverview)
    bar = asked.view.verticalScrollBar()
    assert bar.value() == 0 < bar.maximum()
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.rect().bottomLeft())
    assert bar.value() == bar.maximum()


def test_lines_are_copied_as_they_are_in_the_file(asked, qtbot):
    view = asked.view
    number = next(n for n, row in enumerate(asked.rows()) if isinstance(row, LineRow) and row.hunk == 0)
    tops, viewport = view.row_list.tops, view.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(0, tops[number] + 5))
    last = QPointF(viewport.width() - 5, tops[number + 1] + 5)
    held, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    move = QMouseEvent(QEvent.Type.MouseMove, last, viewport.mapToGlobal(last), Qt.MouseButton.NoButton, held, none)
    QApplication.sendEvent(viewport, move)
    qtbot.mouseRelease(viewport, held, pos=last.toPoint())
    press(asked, qtbot, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "two\nzwei"


def test_equal_texts_have_nothing_to_agree_to(theme, qtbot):
    asked = Asked(theme, qtbot, BEFORE, BEFORE)
    assert asked.dialog.findChild(QLabel, "diff_words").text() == "There is no difference."
    assert not asked.dialog.findChild(QPushButton, "diff_accept_button").isEnabled()
    asked.dialog.reject()


def test_long_texts_are_compared_in_a_process_and_the_window_goes_on(theme, qtbot):
    before = "".join(f"line {n}\n" for n in range(20_000))
    asked = Asked(theme, qtbot, before, before.replace("line 15000\n", "changed\n"))
    assert asked.dialog.findChild(QLabel, "diff_words").text() == "Comparing\u2026"
    qtbot.waitUntil(lambda: bool(asked.dialog.pane.diff.hunks), timeout=20_000)
    assert [(hunk.before, hunk.after) for hunk in asked.dialog.pane.diff.hunks] == [(("line 15000\n",), ("changed\n",))]
    asked.click("diff_accept_button", QPushButton)
    assert "changed\n" in asked.heard[0]


def test_it_can_be_used_by_keyboard_and_ear(asked):
    assert not asked.dialog.isModal()
    assert_accessible(asked.dialog)
    assert_names_are_unique(asked.dialog)
    asked.click("reject_hunk_0")
    assert asked.view.bars[0].accessibleName() == "Change 1 of 2, line 2. Left out"
