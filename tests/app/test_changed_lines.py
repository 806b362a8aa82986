"""Which lines are new when a text becomes another."""

from hypothesis import given
from hypothesis import strategies as st

from app.files.changed_lines import MAX_COMPARED, changed_lines
from app.files.suspects import suspects_in, turns_text

TEXTS = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12).map("\n".join)


def test_lines_that_were_changed_or_added_are_told():
    assert changed_lines("one\ntwo\nthree", "one\n2\nthree\nfour") == (2, 4)


def test_where_lines_went_the_line_behind_is_told():
    assert changed_lines("one\ntwo\nthree", "one\nthree") == (2,)
    assert changed_lines("one\ntwo", "one") == (1,)


def test_of_a_long_stretch_every_line_counts():
    before = "\n".join(f"a{number}" for number in range(MAX_COMPARED + 1))
    after = "\n".join(f"b{number}" for number in range(MAX_COMPARED + 1))
    assert changed_lines(f"x\n{before}\ny", f"x\n{after}\ny") == tuple(range(2, MAX_COMPARED + 3))


@given(TEXTS, TEXTS)
def test_lines_that_are_not_told_were_there_before_in_this_order(before, after):
    told = changed_lines(before, after)
    lines = after.split("\n")
    assert all(1 <= line <= len(lines) for line in told)
    kept = iter(before.split("\n"))
    assert all(line in kept for number, line in enumerate(lines, 1) if number not in told)
    assert bool(told) == (before != after)


def test_characters_that_turn_text_or_hide_in_code_are_suspects():
    found = suspects_in("a\u202eb\u200bc\U000e0041")
    assert found == {"\u202e", "\u200b", "\U000e0041"}
    assert turns_text(found)


def test_emoji_old_pages_and_spaces_of_typography_are_not():
    assert suspects_in("\U0001f468\u200d\U0001f469 \u2764\ufe0f \x0c \u00a0 \u202f \ue0b0\n\t") == frozenset()
