"""Colours of commands become looks; the same for any pieces, and nothing else is obeyed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.tools.sgr import Look, SgrReader, without_sgr


def read_sgr(text):
    """Return a finished output in pieces of one look."""
    reader = SgrReader()
    return [*reader.feed(text), *reader.finish()]


def looks(text):
    """Return pieces with neighbours of one look joined."""
    made = []
    for piece, look in read_sgr(text):
        if made and made[-1][1] == look:
            made[-1] = (made[-1][0] + piece, look)
        else:
            made.append((piece, look))
    return made


@pytest.mark.parametrize(
    ("codes", "look"),
    [
        ("31", Look(color="red")),
        ("92", Look(color="green")),
        ("44", Look(ground="blue")),
        ("103", Look(ground="yellow")),
        ("1;4;35", Look(color="magenta", bold=True, underline=True)),
        ("2;3;7", Look(faint=True, italic=True, inverse=True)),
        ("38;5;196", Look(color="red")),
        ("38;5;10", Look(color="green")),
        ("38;5;255", Look(color="white")),
        ("38;2;20;20;240", Look(color="blue")),
        ("48;2;0;255;255;1", Look(ground="cyan", bold=True)),
        ("38;5", Look()),
        ("999", Look()),
        ("31;39;1;22", Look()),
        ("31;0", Look()),
        ("", Look()),
    ],
)
def test_codes_become_looks(codes, look):
    assert looks(f"\x1b[{codes}mtext") == [("text", look)]


def test_a_look_holds_until_it_is_ended():
    assert looks("a\x1b[31mb\nc\x1b[0md") == [("a", Look()), ("b\nc", Look(color="red")), ("d", Look())]


def test_other_escape_sequences_are_spelled_out_not_obeyed():
    assert looks("a\x1b[2Jb\x1b]0;title\x07") == [
        ("a\u27e8U+001B\u27e9[2Jb\u27e8U+001B\u27e9]0;title\u27e8U+0007\u27e9", Look())
    ]


def test_every_step_of_a_progress_bar_has_a_line():
    assert looks("10%\r50%\r\n100%") == [("10%\n50%\n100%", Look())]


def test_output_without_its_colours():
    assert without_sgr("\x1b[1;31mred\x1b[0m text") == "red text"


@given(
    st.lists(st.sampled_from(["a", "\n", "\r", "\x1b", "[", "3", "1", ";", "m", "\x1b[32m", "\u202e", "0"])), st.data()
)
def test_the_looks_are_the_same_for_any_pieces(parts, data):
    text = "".join(parts)
    reader, pieces, rest = SgrReader(), [], text
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        pieces += reader.feed(rest[:size])
        rest = rest[size:]
    pieces += reader.finish()
    spread = [(character, look) for piece, look in pieces for character in piece]
    assert spread == [(character, look) for piece, look in read_sgr(text) for character in piece]
