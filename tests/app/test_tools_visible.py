"""Hidden characters are spelled out, ordinary text is left alone."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tools.visible import hidden_characters, is_hidden, make_visible, one_line, with_signs


@pytest.mark.parametrize(
    "character",
    [
        *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",  # bidirectional
        *"\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e",  # of no width
        *"\x00\x07\x08\x1b\x7f\x85\x9b\r",  # controls
        *"\u115f\u1160\u3164\uffa0\u2800\u034f",  # blank though letters or signs
        *"\u00a0\u2003\u3000",  # spaces that are not the space
        *"\ufe00\ufe0f\U000e0100\U000e01ef",  # variation selectors
        *"\U000e0001\U000e0041\U000e007f",  # tags, which only a model reads
        *"\u2028\u2029\ue000\U000f0000\ud800",
    ],
)
def test_what_hides_or_turns_text_around_is_spelled_out(character):
    assert make_visible(f"a{character}b") == f"a\u27e8U+{ord(character):04X}\u27e9b"


@pytest.mark.parametrize(
    "text", ["", "plain", "tab\tand\nline", "Gr\u00fc\u00dfe", "\u4f60\u597d", "\u2192 \u2713 \U0001f600", "a\u0301"]
)
def test_ordinary_text_is_left_alone(text):
    assert make_visible(text) == text
    assert hidden_characters(text) == ()


def test_line_ends_of_windows_are_line_ends_and_a_lone_return_is_not():
    assert make_visible("a\r\nb\rc") == "a\nb\u27e8U+000D\u27e9c"


def test_hidden_characters_are_named_once_in_order():
    assert hidden_characters("x\u202ey\u200bz\u202e\x1b") == (
        "U+202E RIGHT-TO-LEFT OVERRIDE",
        "U+200B ZERO WIDTH SPACE",
        "U+001B control character",
    )


def test_one_line_shows_where_lines_ended_and_that_it_was_cut():
    assert one_line("  first\n\tsecond\u202e\n") == "first \u21b5 second\u27e8U+202E\u27e9"
    assert one_line("x" * 500, 10) == "xxxxxxxxxxx \u2026"


@given(st.text())
def test_nothing_hidden_is_left_and_nothing_seen_is_lost(text):
    shown = make_visible(text)
    assert not any(is_hidden(character) for character in shown)
    seen = [c for c in text if not is_hidden(c)]
    rest = iter(shown)
    assert all(character in rest for character in seen)


@given(st.characters(categories=["Cf", "Cc", "Co", "Zl", "Zp"], exclude_characters="\t\n"))
def test_every_format_and_control_character_of_unicode_is_hidden(character):
    assert is_hidden(character), unicodedata.name(character, "?")


def test_hidden_characters_are_shown_one_for_one():
    text = "a\x1b[0m\u202eb\r\n\tc\u200bd\u2028e\u00e9\U0001f600"
    shown = with_signs(text)
    assert len(shown) == len(text)
    assert shown == "a\u241b[0m\ufffdb\u240d\n\tc\ufffdd\ufffde\u00e9\U0001f600"
    assert with_signs("plain") == "plain"


@given(st.text())
def test_signs_leave_every_place_and_nothing_hidden_but_no_break_spaces(text):
    shown = with_signs(text)
    assert len(shown) == len(text)
    assert not any(is_hidden(character) for character in shown if character != "\u00a0")
