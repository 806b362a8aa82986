"""Colours of the lines in view: there after a moment, right after edits, in the theme's own."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor

from tests.ui.test_code_editor import make_editor, type_in  # noqa: F401 - a fixture

LINES = 'def name(x):\n    """Words."""\n    return "text", 12\n'


def settle(qtbot, editor) -> None:
    qtbot.waitUntil(lambda: not editor._view_timer.isActive() and not editor._highlighter.is_at_work, timeout=20_000)


def colours(editor, line: int) -> list[tuple[str, str]]:
    """Return the coloured words of a line, and their colours."""
    block = editor.document().findBlockByNumber(line)
    return [
        (block.text()[one.start : one.start + one.length], one.format.foreground().color().name())
        for one in block.layout().formats()
    ]


def colour_of(editor, line: int, word: str) -> str | None:
    return next((colour for text, colour in colours(editor, line) if word in text), None)


def code(theme, token) -> str:
    return theme.code_style()[token].color.name()


def test_the_first_screen_is_coloured(qtbot, make_editor, theme):  # noqa: F811
    from pygments.token import Keyword, Number, String

    editor = make_editor(LINES)
    settle(qtbot, editor)
    assert colour_of(editor, 0, "def") == code(theme, Keyword)
    assert colour_of(editor, 2, "text") == code(theme, String)
    assert colour_of(editor, 2, "12") == code(theme, Number)


def test_a_quote_that_opens_colours_the_lines_below_and_closing_it_takes_that_back(qtbot, make_editor):  # noqa: F811
    editor = make_editor("x = 1\n" + "y = 2\n" * 10)
    settle(qtbot, editor)
    before = colours(editor, 5)
    editor.go_to(1, 5)
    type_in(qtbot, editor, "'''")
    settle(qtbot, editor)
    assert colours(editor, 5) != before
    editor.undo()
    settle(qtbot, editor)
    assert colours(editor, 5) == before


def test_the_end_of_a_long_file_is_coloured_when_it_is_seen(qtbot, make_editor):  # noqa: F811
    editor = make_editor(LINES * 3000)
    editor.go_to(9000)
    settle(qtbot, editor)
    assert colours(editor, 8997) == colours(editor, 8994) != []


@pytest.mark.parametrize("path", ["a.json", "a.html", "a.c", "a.yaml"])
def test_after_edits_the_colours_are_those_of_the_text_opened_anew(qtbot, make_editor, path):  # noqa: F811
    text = {"a.json": '{"a": [1, true],\n"b": "c"}\n', "a.html": "<p>a &amp; b</p>\n<script>\nlet x = 1;\n</script>\n"}
    editor = make_editor(text.get(path, "a: 1\nb: [x, 'y']\n/* c\n*/ d\n") * 4, path)
    for place in (30, 3, 41):
        editor.go_to(1 + place % editor.blockCount(), place)
        type_in(qtbot, editor, '"<\n')
    settle(qtbot, editor)
    other = make_editor(editor.text(), path)
    settle(qtbot, other)
    for line in range(8):
        assert colours(editor, line) == colours(other, line)


def test_another_theme_brings_other_colours(qtbot, make_editor, theme):  # noqa: F811
    editor = make_editor(LINES)
    settle(qtbot, editor)
    before = colour_of(editor, 0, "def")
    theme.set_mode("dark")
    settle(qtbot, editor)
    assert colour_of(editor, 0, "def") not in {before, None}


def test_a_file_of_no_known_language_is_plain(qtbot, make_editor):  # noqa: F811
    editor = make_editor("def x", "file.unknown")
    settle(qtbot, editor)
    assert colours(editor, 0) == []


def test_characters_of_two_units_do_not_shift_colours(qtbot, make_editor, theme):  # noqa: F811
    from pygments.token import Number

    editor = make_editor("x = '\U0001f600\U0001f600', 12\n")
    settle(qtbot, editor)
    (place,) = [one for one in editor.document().firstBlock().layout().formats() if one.length == 2 and one.start > 9]
    assert place.format.foreground().color().name() == code(theme, Number)


def test_brackets_at_the_cursor_are_paired_outside_of_strings(qtbot, make_editor):  # noqa: F811
    editor = make_editor("f(')', [1])\n")
    settle(qtbot, editor)
    editor.go_to(1, 2)
    assert editor._surface.brackets == ((0, 1), (0, 10))
    editor.moveCursor(QTextCursor.MoveOperation.End)
    assert editor._surface.brackets == ()


def test_the_cursor_line_is_not_lost_while_a_key_is_held(qtbot, make_editor):  # noqa: F811
    editor = make_editor("a\n" * 50)
    for _ in range(30):
        qtbot.keyClick(editor, Qt.Key.Key_Down)
    assert editor.current_line() == 30
    assert any(block.blockNumber() == 30 for block, _ in editor.visible_lines())
