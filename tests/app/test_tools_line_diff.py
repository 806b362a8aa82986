"""A diff says exactly what changed, and stays quick on long texts."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from app.tools.line_diff import _shortest, count_changes, diff_rows

ALL = 10**9
lines = st.lists(st.sampled_from(["a", "b", "", "  c", *(f"unique {n}" for n in range(12))]), max_size=30)


def tones(before, after, context=3):
    return [(row.tone, row.text) for row in diff_rows(before, after, context)]


@given(lines, lines)
def test_both_texts_can_be_read_from_the_diff(old, new):
    before, after = "\n".join(old), "\n".join(new)
    assume(before != after)
    rows = diff_rows(before, after, ALL)
    removed = [row.text for row in rows if row.tone in {"same", "removed"}]
    added = [row.text for row in rows if row.tone in {"same", "added"}]
    assert removed == (before.removesuffix("\n").split("\n") if before else [])
    assert added == (after.removesuffix("\n").split("\n") if after else [])


@given(lines, lines)
def test_numbers_are_those_of_the_lines(old, new):
    before, after = "\n".join(old), "\n".join(new)
    for row in diff_rows(before, after):
        if row.before:
            assert before.split("\n")[row.before - 1] == row.text
        if row.after:
            assert after.split("\n")[row.after - 1] == row.text


@given(lines)
def test_equal_texts_have_no_changes(old):
    text = "\n".join(old)
    assert count_changes(text, text) == (0, 0)
    assert {row.tone for row in diff_rows(text, text)} <= {"same", "gap"}


@given(lines, lines)
def test_the_counts_are_those_of_the_rows(old, new):
    before, after = "\n".join(old), "\n".join(new)
    rows = diff_rows(before, after)
    assert count_changes(before, after) == (
        sum(row.tone == "added" for row in rows),
        sum(row.tone == "removed" for row in rows),
    )


def test_a_changed_line_stands_among_three_lines_around_it():
    before = "\n".join(f"line {n}" for n in range(100))
    after = before.replace("line 50", "line fifty")
    assert tones(before, after) == [
        ("gap", "47 unchanged lines"),
        ("same", "line 47"),
        ("same", "line 48"),
        ("same", "line 49"),
        ("removed", "line 50"),
        ("added", "line fifty"),
        ("same", "line 51"),
        ("same", "line 52"),
        ("same", "line 53"),
        ("gap", "46 unchanged lines"),
    ]


def test_a_single_unchanged_line_is_shown_instead_of_counted():
    before = "\n".join("0123456789")
    assert ("gap", "1 unchanged lines") not in tones(before, before.replace("4", "x").replace("9", "y"), 2)


def test_a_new_file_is_all_added_and_a_deleted_one_all_removed():
    assert tones("", "a\nb\n") == [("added", "a"), ("added", "b")]
    assert tones("a\n", "") == [("removed", "a")]
    assert tones("", "") == []


def test_words_that_changed_in_a_line_are_marked():
    removed, added = diff_rows("x = load(path)", "x = load(path, mode)")
    assert removed.spans == ()
    assert [added.text[begin:end] for begin, end in added.spans] == [", mode"]


def test_lines_with_little_in_common_are_changed_whole():
    removed, added = diff_rows("import os", "class Zebra(Horse):")
    assert (removed.spans, added.spans) == ((), ())


def test_moved_unique_lines_anchor_the_diff():
    before = "def a():\n    return 1\n\ndef b():\n    return 1\n"
    after = "def a():\n    return 1\n\ndef new():\n    return 1\n\ndef b():\n    return 1\n"
    added = [row.text for row in diff_rows(before, after) if row.tone == "added"]
    assert sorted(added) == ["", "    return 1", "def new():"]
    assert not [row for row in diff_rows(before, after) if row.tone == "removed"]


def test_long_texts_without_a_common_line_are_replaced_whole():
    before = "\n".join(f"old {n % 7}" for n in range(5000))
    after = "\n".join(f"new {n % 7}" for n in range(5000))
    assert count_changes(before, after) == (5000, 5000)


def test_a_long_text_without_a_line_that_occurs_once_is_not_taken_for_replaced():
    lines = ["a\n", "b\n", "c\n"] * 1000
    changed = [*lines[:1500], "x\n", *lines[1500:2900], *lines[2902:]]
    assert count_changes("".join(lines), "".join(changed)) == (1, 2)


@given(st.lists(st.sampled_from("ab"), max_size=12), st.lists(st.sampled_from("ab"), max_size=12))
def test_a_shortest_script_pairs_equal_lines_in_order(old, new):
    pairs, _ = _shortest(old, new, 10_000)
    assert all(old[o] == new[n] for o, n in pairs)
    assert pairs == sorted(pairs, reverse=True)
    assert len({o for o, _ in pairs}) == len({n for _, n in pairs}) == len(pairs)
    longest = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for o in range(len(old)):
        for n in range(len(new)):
            longest[o + 1][n + 1] = longest[o][n] + 1 if old[o] == new[n] else max(longest[o][n + 1], longest[o + 1][n])
    assert len(pairs) == longest[-1][-1]
