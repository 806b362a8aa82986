"""Hunks put either text together again, exactly, whichever of them are taken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.files.hunks import apply_hunks, count_lines, find_accepted, find_hunks, split_lines

words = st.sampled_from(["a", "b", "", "}", "  c", *(f"unique {n}" for n in range(9))])
ends = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])
texts = st.builds(
    lambda lines, last: "".join(word + end for word, end in lines) + last,
    st.lists(st.tuples(words, ends), max_size=25),
    st.sampled_from(["", "", "last", "}"]),
)


@given(texts)
def test_lines_joined_are_the_text(text):
    lines = split_lines(text)
    assert "".join(lines) == text
    assert all(line.rstrip("\r\n").isprintable() for line in lines)
    assert all(line.endswith(("\n", "\r")) for line in lines[:-1])


@given(texts, texts)
def test_all_hunks_make_the_text_after_and_none_the_text_before(before, after):
    hunks = find_hunks(before, after)
    assert apply_hunks(before, hunks, range(len(hunks))) == after
    assert apply_hunks(before, hunks, ()) == before
    assert bool(hunks) == (before != after)


@given(texts, texts, st.sets(st.integers(0, 30)))
def test_each_hunk_is_taken_or_left_whatever_becomes_of_the_others(before, after, accepted):
    hunks = find_hunks(before, after)
    made = split_lines(apply_hunks(before, hunks, accepted))
    place = at = 0
    for number, hunk in enumerate(hunks):
        between = split_lines(before)[at : hunk.before_start]
        lines = hunk.after if number in accepted else hunk.before
        assert "".join(made[place : place + len(between)]) == "".join(between)
        place += len(between)
        assert tuple(made[place : place + len(lines)]) == lines
        place, at = place + len(lines), hunk.before_end
    assert made[place:] == split_lines(before)[at:]


@given(texts, texts, st.sets(st.integers(0, 30)))
def test_the_choice_is_read_from_the_text_it_made(before, after, accepted):
    hunks = find_hunks(before, after)
    now = apply_hunks(before, hunks, accepted)
    found = find_accepted(before, hunks, now)
    assert found is not None
    assert apply_hunks(before, hunks, found) == now


@given(texts, texts)
def test_hunks_tell_where_their_lines_stand_in_either_text(before, after):
    for hunk in find_hunks(before, after):
        assert tuple(split_lines(before)[hunk.before_start : hunk.before_end]) == hunk.before
        assert tuple(split_lines(after)[hunk.after_start : hunk.after_end]) == hunk.after
        assert hunk.before != hunk.after


def test_a_text_that_no_choice_makes_is_nobodys_choice():
    hunks = find_hunks("a\nb\n", "a\nc\n")
    assert find_accepted("a\nb\n", hunks, "a\nd\n") is None
    assert find_accepted("a\nb\n", hunks, "a\nb\nmore\n") is None


def test_changes_with_code_between_them_are_taken_one_by_one():
    before = "one\nkept\ntwo\n"
    hunks = find_hunks(before, "1\nkept\n2\n")
    assert len(hunks) == 2
    assert apply_hunks(before, hunks, {1}) == "one\nkept\n2\n"


def test_changes_with_nothing_but_brackets_and_blank_lines_between_them_are_one():
    before = "if a {\n  b\n}\n\nif c {\n"
    assert len(find_hunks(before, "if x {\n  y\n}\n\nif z {\n")) == 1


def test_an_end_that_came_or_went_is_a_change():
    assert len(find_hunks("a\nb", "a\nb\n")) == 1
    assert len(find_hunks("a\r\nb\r\n", "a\nb\r\n")) == 1
    assert find_hunks("", "") == ()


def test_lines_are_counted_without_those_that_a_hunk_has_on_both_sides():
    hunks = find_hunks("a\n\nb\n", "x\ny\n\nz\n")
    assert len(hunks) == 1
    assert count_lines(hunks) == (3, 2)


def test_a_hundred_thousand_lines_without_one_in_common_are_one_hunk():
    before = "".join(f"{n}\n" for n in range(100_000))
    after = "".join(f"new {n}\n" for n in range(100_000))
    assert len(find_hunks(before, after)) == 1


def test_lines_in_the_reverse_order_do_not_take_for_ever():
    lines = [f"{n}\n" for n in range(20_000)]
    after = "".join(reversed(lines))
    before = "".join(lines)
    hunks = find_hunks(before, after)
    assert apply_hunks(before, hunks, range(len(hunks))) == after
