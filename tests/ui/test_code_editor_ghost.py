"""Text that is only proposed: never in the document, taken with Tab, gone with any other key."""

import pytest
from PySide6.QtCore import QPoint, Qt

from tests.ui.test_code_editor import CONTROL, make_editor  # noqa: F401 - a fixture

PROPOSED = "name(x):\n    return x\n"


@pytest.fixture
def editor(make_editor):  # noqa: F811
    made = make_editor("def \nrest")
    made.go_to(1, 5)
    made.set_ghost(PROPOSED)
    return made


def test_a_proposal_is_neither_in_the_text_nor_among_what_can_be_undone(editor):
    assert editor.ghost == PROPOSED
    assert editor.text() == "def \nrest"
    assert not editor.document().isUndoAvailable()


def test_tab_takes_it_as_one_step(qtbot, editor):
    with qtbot.waitSignal(editor.ghost_accepted) as told:
        qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert told.args == [PROPOSED]
    assert editor.text() == f"def {PROPOSED}\nrest"
    assert editor.ghost == ""
    editor.undo()
    assert editor.text() == "def \nrest"


def test_control_and_right_take_a_word_and_go_on_proposing(qtbot, editor):
    qtbot.keyClick(editor, Qt.Key.Key_Right, CONTROL)
    assert editor.text() == "def name\nrest"
    assert editor.ghost == "(x):\n    return x\n"


def test_escape_drops_it_and_does_nothing_else(qtbot, editor):
    editor.open_find()
    editor.set_ghost(PROPOSED)
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert editor.ghost == ""
    assert editor.find_bar.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_X, Qt.Key.Key_Left, Qt.Key.Key_Return, Qt.Key.Key_Backspace])
def test_any_other_key_drops_it_and_does_what_it_does(qtbot, editor, key):
    before = (editor.text(), editor.textCursor().position())
    qtbot.keyClick(editor, key)
    assert editor.ghost == ""
    assert (editor.text(), editor.textCursor().position()) != before


def test_a_modifier_alone_keeps_it(qtbot, editor):
    qtbot.keyClick(editor, Qt.Key.Key_Control)
    assert editor.ghost == PROPOSED


def test_a_click_drops_it(qtbot, editor):
    qtbot.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 5))
    assert editor.ghost == ""


def test_lines_below_make_room_while_it_is_there(editor):
    moved = [place.top() for _, place in editor.visible_lines()]
    editor.clear_ghost()
    still = [place.top() for _, place in editor.visible_lines()]
    assert moved[0] == still[0]
    assert moved[1] - still[1] == 2 * editor.line_height()


def test_nothing_is_proposed_over_a_selection(editor):
    editor.selectAll()
    editor.set_ghost("x")
    assert editor.ghost == ""
