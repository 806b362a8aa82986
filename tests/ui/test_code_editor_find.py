"""Finding, replacing and going to a line, by keyboard."""

import itertools

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QWidget

from tests.ui.test_code_editor import ALT, CONTROL, SHIFT, make_editor, select  # noqa: F401 - a fixture


def count(editor) -> str:
    return editor.find_bar.count.text()


def find(qtbot, editor, words: str, *, replaces: bool = False) -> None:
    qtbot.keyClick(editor, Qt.Key.Key_H if replaces else Qt.Key.Key_F, CONTROL)
    editor.find_bar.field.setText(words)
    qtbot.waitUntil(lambda: editor.find_bar.finder.is_complete)


def test_the_first_hit_from_the_cursor_is_selected_and_counted(qtbot, make_editor):  # noqa: F811
    editor = make_editor("one two\none two\none")
    editor.go_to(2, 1)
    find(qtbot, editor, "one")
    assert editor.current_line() == 1
    assert count(editor) == "2 of 3"


def test_the_search_goes_round_in_both_directions(qtbot, make_editor):  # noqa: F811
    editor = make_editor("a b a b a")
    find(qtbot, editor, "a")
    for expected in ("2 of 3", "3 of 3", "1 of 3"):
        qtbot.keyClick(editor.find_bar.field, Qt.Key.Key_Return)
        assert count(editor) == expected
    qtbot.keyClick(editor, Qt.Key.Key_F3, SHIFT)
    assert count(editor) == "3 of 3"


def test_words_that_are_not_there_are_told(qtbot, make_editor):  # noqa: F811
    editor = make_editor("a")
    find(qtbot, editor, "zebra")
    assert count(editor) == "No results"


def test_a_wrong_expression_is_explained(qtbot, make_editor):  # noqa: F811
    editor = make_editor("a")
    editor.open_find()
    editor.find_bar.regex.setChecked(True)
    find(qtbot, editor, "(")
    assert "unterminated" in editor.find_bar.count.toolTip() or "unterminated" in count(editor)


def test_options_narrow_the_search(qtbot, make_editor):  # noqa: F811
    editor = make_editor("Name name names")
    find(qtbot, editor, "name")
    assert count(editor).endswith("of 3")
    qtbot.keyClick(editor.find_bar.field, Qt.Key.Key_C, ALT)
    qtbot.keyClick(editor.find_bar.field, Qt.Key.Key_W, ALT)
    assert count(editor).endswith("of 1")


def test_only_the_selection_is_searched_if_it_has_several_lines(qtbot, make_editor):  # noqa: F811
    editor = make_editor("x\nx\nx\nx\n")
    select(editor, 2, 6)
    find(qtbot, editor, "x")
    assert editor.find_bar.within.isChecked()
    assert count(editor).endswith("of 2")


def test_the_selected_words_are_looked_for(qtbot, make_editor):  # noqa: F811
    editor = make_editor("word and word")
    select(editor, 0, 4)
    qtbot.keyClick(editor, Qt.Key.Key_F, CONTROL)
    assert editor.find_bar.field.text() == "word"
    assert count(editor) == "1 of 2"


def test_hits_are_replaced_one_by_one(qtbot, make_editor):  # noqa: F811
    editor = make_editor("a-a-a")
    find(qtbot, editor, "a", replaces=True)
    editor.find_bar.replacement.setText("bb")
    qtbot.keyClick(editor.find_bar.replacement, Qt.Key.Key_Return)
    qtbot.keyClick(editor.find_bar.replacement, Qt.Key.Key_Return)
    assert editor.text() == "bb-bb-a"


def test_all_hits_are_replaced_as_one_step(qtbot, make_editor):  # noqa: F811
    text = "\n" + "name = name(1)\n" * 4000
    editor = make_editor(text)
    find(qtbot, editor, r"n(a)me", replaces=True)
    editor.find_bar.regex.setChecked(True)
    qtbot.waitUntil(lambda: editor.find_bar.finder.is_complete)
    editor.find_bar.replacement.setText(r"\1x")
    editor.find_bar.replace_all()
    assert editor.isReadOnly()
    qtbot.waitUntil(lambda: not editor.isReadOnly(), timeout=20_000)
    assert editor.text() == "\n" + "ax = ax(1)\n" * 4000
    assert count(editor) == "8,000 replaced"
    editor.go_to(300)
    editor.undo()
    assert editor.text() == text
    assert editor.textCursor().blockNumber() == 1  # where the first was


def test_wide_characters_before_a_hit_do_not_shift_it(qtbot, make_editor):  # noqa: F811
    editor = make_editor("\U0001f600\U0001f600 word \U0001f600word")
    find(qtbot, editor, "word", replaces=True)
    editor.find_bar.replacement.setText("x")
    editor.find_bar.replace_all()
    qtbot.waitUntil(lambda: not editor.isReadOnly())
    assert editor.text() == "\U0001f600\U0001f600 x \U0001f600x"


def test_an_edit_changes_the_count(qtbot, make_editor):  # noqa: F811
    editor = make_editor("a a")
    find(qtbot, editor, "a")
    editor.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(editor, "a")
    qtbot.waitUntil(lambda: len(editor.find_bar.finder.begins) == 3)


def test_an_expression_that_never_ends_leaves_the_window_alive_and_is_told(qtbot, make_editor):  # noqa: F811
    editor = make_editor("x" * 5000 + "\nz")
    editor.open_find()
    editor.find_bar.regex.setChecked(True)
    editor.find_bar.field.setText("(x+x+)+y")
    assert not editor.find_bar.finder.is_complete, "it is worked at, and the window goes on"
    qtbot.waitUntil(lambda: editor.find_bar.finder.is_complete, timeout=60_000)
    assert editor.find_bar.count.toolTip() or count(editor) == "This pattern takes too long here"
    editor.find_bar.field.setText("z")
    qtbot.waitUntil(lambda: editor.find_bar.finder.is_complete)
    assert count(editor) == "1 of 1"


def test_an_expression_that_never_ends_is_given_up_for_the_next_one(qtbot, make_editor):  # noqa: F811
    editor = make_editor("x" * 5000 + "\nz")
    editor.open_find()
    editor.find_bar.regex.setChecked(True)
    editor.find_bar.field.setText("(x+x+)+y")
    editor.find_bar.field.setText("z$")
    qtbot.waitUntil(lambda: editor.find_bar.finder.is_complete, timeout=60_000)
    assert count(editor) == "1 of 1"


def test_escape_closes_the_bar_and_gives_the_keyboard_back(qtbot, make_editor):  # noqa: F811
    editor = make_editor("a a")
    find(qtbot, editor, "a")
    qtbot.keyClick(editor.find_bar.field, Qt.Key.Key_Escape)
    assert editor.find_bar.isHidden()
    assert not list(editor.find_bar.finder.between(0, 3))


def test_a_line_is_gone_to_while_its_number_is_typed(qtbot, make_editor):  # noqa: F811
    editor = make_editor("line\n" * 100)
    qtbot.keyClick(editor, Qt.Key.Key_G, CONTROL)
    field = editor._line_field.field
    field.clear()
    qtbot.keyClicks(field, "42:3")
    assert editor.current_line() == 41
    assert editor.textCursor().positionInBlock() == 2
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert editor._line_field.isHidden()


def test_where_it_is_narrow_nothing_in_the_bar_lies_over_anything_else(qtbot, make_editor):  # noqa: F811
    editor = make_editor("a b a b a")
    bar = editor.find_bar
    find(qtbot, editor, "a", replaces=True)
    for width in (280, 700, 320):
        editor.resize(width, 400)
        qtbot.waitUntil(lambda: bar.height() == bar.sizeHint().height())
        shown = [one for one in bar.findChildren(QWidget) if one.isVisible() and one.parent() is bar]
        assert all(bar.rect().contains(one.geometry()) for one in shown)
        assert all(one.width() >= one.minimumSizeHint().width() for one in shown)
        for one, other in itertools.combinations(shown, 2):
            assert not one.geometry().intersects(other.geometry()), (one.objectName(), other.objectName())
