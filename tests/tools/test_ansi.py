"""What is left of a program's output: text and colours."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tools.ansi import MAX_LINE, TerminalText, without_colours

COLOUR = re.compile("\x1b\\[[0-9;]*m")
PIECES = st.lists(
    st.one_of(
        st.text(alphabet="ab c\té漢\u202e", max_size=5),
        st.sampled_from(
            [
                *("\n", "\r", "\r\n", "\b", "\t", "\x07", "\x1b", "\x1b[", "\x1b[31m", "\x1b[0m", "\x1b[1;38;5;200;4m"),
                *("\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[5G", "\x1b[2D", "\x1b[3C", "\x1b[H", "\x1b[2J", "\x1b]0;t\x07"),
                *(
                    "\x1b]8;;u\x1b\\",
                    "\x1bP",
                    "\x9b",
                    "\x9d",
                    "\x9c",
                    "\x1b(B",
                    "\x1b[?25l",
                    "\x1b[38;5m",
                    "\x0b",
                    "\x7f",
                ),
                *("\x1b[" + "1;" * 200, "m", "\x1b" + " " * 20),
            ]
        ),
    ),
    max_size=30,
).map("".join)


def shown(text, cuts=()):
    terminal = TerminalText()
    parts = [text[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    return "".join(map(terminal.feed, parts)) + terminal.finish()


@given(PIECES, st.data())
def test_the_same_output_gives_the_same_text_however_it_is_cut(text, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))

    assert shown(text, cuts) == shown(text)


@given(PIECES)
def test_colours_are_the_only_control_sequences_left(text):
    left = COLOUR.sub("", shown(text))

    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", left)
    assert without_colours(shown(text)) == left


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("plain\ntext", "plain\ntext"),
        ("10 %\r50 %\r100 %\n", "100 %\n"),
        ("100 %\r5\n", "500 %\n"),
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("abc\b\bX\n", "aXc\n"),
        ("downloading\r\x1b[Kdone\n", "done\n"),
        ("abcdef\x1b[3D\x1b[K\n", "abc\n"),
        ("abcdef\x1b[2K\rx\n", "x\n"),
        ("a\x1b[5Gb\n", "a   b\n"),
        ("\x1b]0;title\x07\x1b]8;;http://e\x1b\\link\x1b]8;;\x1b\\\x1b[2J\x1b[1000B.\n", "link.\n"),
        ("\x1b]0;never ended\nshown\n", "\nshown\n"),
        ("\x1b[?1049h\x1b[6n\x1b(0\x1b=x\n", "x\n"),
        ("bell\x07 null\x00 delete\x7f c1\x84\n", "bell null delete c1\n"),
        ("right\u202eleft\n", "right\u202eleft\n"),
    ],
)
def test_a_line_looks_as_a_terminal_leaves_it(output, text):
    assert shown(output) == text


def test_colours_are_kept_in_one_form_and_switched_off_at_the_end():
    assert shown("\x1b[31mred\x1b[m \x1b[1m\x1b[38;2;1;2;3mx") == "\x1b[0;31mred\x1b[0m \x1b[0;1;38;2;1;2;3mx\x1b[0m"
    assert shown("\x1b[8mhidden\x1b[5m\n") == "hidden\n"
    assert shown("\x1b[31m\x1b[39mx\n") == "x\n"


def test_a_line_without_an_end_is_passed_on_in_pieces():
    terminal = TerminalText()

    assert terminal.feed("x" * (MAX_LINE + 5)) == "x" * MAX_LINE
    assert terminal.partial() == "x" * 5
    assert terminal.finish() == "x" * 5
