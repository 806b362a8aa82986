"""Rows of a diff: both texts can be read from them, folded or not, in either arrangement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.files.hunks import TextDiff, find_hunks, split_lines
from ui.editor.diff_rows import MAX_HUNK_ROWS, MAX_UNFOLDED, BarRow, FoldRow, LineRow, RestRow, RowMaker

lines = st.lists(st.sampled_from(["a\n", "b\n", "\n", "}\n", *(f"unique {n}\n" for n in range(12))]), max_size=40)


def diff_of(before, after):
    return TextDiff(split_lines(before), split_lines(after), find_hunks(before, after))


def maker(before, after, *, is_split=False, has_bars=True, is_unfolded=False):
    return RowMaker(diff_of(before, after), is_split=is_split, has_bars=has_bars, is_unfolded=is_unfolded)


@given(lines, lines, st.booleans(), st.booleans())
def test_both_texts_can_be_read_from_the_rows(old, new, is_split, has_bars):
    before, after = "".join(old), "".join(new)
    rows = list(maker(before, after, is_split=is_split, has_bars=has_bars, is_unfolded=True).rows())
    cells = [row for row in rows if isinstance(row, LineRow)]
    assert [f"{row.left.text}\n" for row in cells if row.left] == old
    assert [f"{row.right.text}\n" for row in cells if row.right] == new


@given(lines, lines, st.booleans())
def test_unfolding_every_fold_shows_all_lines(old, new, is_split):
    made = maker("".join(old), "".join(new), is_split=is_split)
    rows = []
    for row in made.rows():
        rows += made.unfold(row) if isinstance(row, FoldRow) else [row]
    whole = maker("".join(old), "".join(new), is_split=is_split, is_unfolded=True)
    assert rows == list(whole.rows())


def test_a_long_fold_opens_at_both_ends():
    text = "".join(f"{n}\n" for n in range(2000))
    made = maker(text, text)
    (fold,) = made.rows()
    rows = made.unfold(fold)
    (rest,) = [row for row in rows if isinstance(row, FoldRow)]
    assert (rest.before, rest.count) == (MAX_UNFOLDED // 2, 2000 - MAX_UNFOLDED)
    assert [rows[0].left.number, rows[-1].right.number] == [1, 2000]


def test_lines_that_replace_each_other_stand_side_by_side_and_know_each_other():
    rows = [row for row in maker("one\ntwo\n", "uno\ndos\n", is_split=True).rows() if isinstance(row, LineRow)]
    assert [(row.left.text, row.right.text) for row in rows] == [("one", "uno"), ("two", "dos")]
    assert (rows[0].left.partner, rows[0].right.partner) == ("uno", "one")


def test_every_hunk_begins_with_a_row_of_its_own():
    rows = maker("a\nkept\nb\n", "A\nkept\nB\n").rows()
    assert [row.hunk for row in rows if isinstance(row, BarRow)] == [0, 1]


def test_a_file_written_anew_is_not_drawn_to_its_end():
    before, after = ("".join(f"{name} {n}\n" for n in range(9000)) for name in ("old", "new"))
    rows = list(maker(before, after, is_split=True, has_bars=False).rows())
    assert len(rows) == MAX_HUNK_ROWS + 1
    assert rows[-1] == RestRow(0)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [("a\r\nb\r\n", "a\r\nc\r\n", ["b", "c"]), ("a\r\nb\r\n", "a\r\nb\n", ["b\u240d", "b"])],
)
def test_ends_of_windows_are_shown_where_they_are_what_changed(before, after, shown):
    rows = [row for row in maker(before, after).rows() if isinstance(row, LineRow) and row.hunk == 0]
    assert [(row.left or row.right).text for row in rows] == shown


def test_a_missing_end_of_the_last_line_is_said():
    rows = [row for row in maker("a", "a\n").rows() if isinstance(row, LineRow)]
    assert [bool((row.left or row.right).note) for row in rows] == [True, False]
