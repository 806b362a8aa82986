"""Editing commands on lines, as values."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.files.comments import CommentMarks, find_comment_marks
from app.files.editing import (
    Change,
    Indent,
    backspace_width,
    indent_lines,
    join_lines,
    next_indent,
    outdent_lines,
    toggle_comment,
)

SPACES, TABS = Indent(), Indent(uses_tabs=True, width=4)
HASH, STARS = CommentMarks("#"), CommentMarks("/*", "*/")


def changed(lines: list[str], changes: list[Change]) -> list[str]:
    made = list(lines)
    for line, column, removed, added in sorted(changes, key=lambda one: (one.line, one.column), reverse=True):
        made[line] = made[line][:column] + added + made[line][column + removed :]
    return made


def test_indenting_leaves_empty_lines_empty():
    assert changed(["a", "", "  b"], indent_lines(["a", "", "  b"], SPACES)) == ["    a", "", "      b"]


def test_outdenting_goes_back_to_the_step_before():
    lines = ["      a", "    b", " c", "d"]
    assert changed(lines, outdent_lines(lines, SPACES)) == ["    a", "b", "c", "d"]


def test_outdenting_in_a_file_of_tabs_makes_tabs_of_mixed_blanks():
    lines = ["\t\ta", "\t  b", "      c"]
    assert changed(lines, outdent_lines(lines, TABS)) == ["\ta", "\tb", "\tc"]


def test_comments_begin_in_the_column_of_the_line_that_is_indented_least():
    lines = ["  if x:", "", "      y()"]
    assert changed(lines, toggle_comment(lines, HASH)) == ["  # if x:", "", "  #     y()"]


def test_lines_of_which_one_is_code_all_become_comments():
    lines = ["# a", "b"]
    assert changed(lines, toggle_comment(lines, HASH)) == ["# # a", "# b"]


code = st.lists(st.text(alphabet="ab #*/ \t", max_size=12), min_size=1, max_size=6)


@given(code, st.sampled_from([HASH, STARS]))
def test_commenting_twice_changes_nothing(lines, marks):
    assume(any(line.strip() and not line.strip().startswith(marks.begin) for line in lines))
    once = changed(lines, toggle_comment(lines, marks))
    twice = changed(once, toggle_comment(once, marks))
    assert [line.rstrip() for line in twice] == [line.rstrip() for line in lines]


@pytest.mark.parametrize(
    ("name", "marks"), [("python", "#"), ("js", "//"), ("html", "<!--"), ("lua", "--"), ("css", "/*"), ("Rust", "//")]
)
def test_common_languages_have_comments(name, marks):
    found = find_comment_marks((name,))
    assert found is not None
    assert found.begin == marks


def test_a_language_that_nobody_knows_has_none():
    assert find_comment_marks(("klingon",)) is None


@pytest.mark.parametrize(
    ("before", "after", "is_python", "expected"),
    [
        ("    x = 1", "", True, ("    ", None)),
        ("if x:", "", True, ("    ", None)),
        ("case x:", "", False, ("", None)),
        ("    return x", "", True, ("", None)),
        ("return f(", ")", True, ("    ", "")),
        ("  call({", "})", False, ("    ", "  ")),
        ("f(a,", "", True, ("", None)),
    ],
)
def test_a_new_line_is_indented_as_the_code_before_asks(before, after, is_python, expected):
    assert next_indent(before, after, SPACES, is_python=is_python) == expected


@pytest.mark.parametrize(("before", "width"), [("        ", 4), ("      ", 2), ("  x ", 1), ("", 1)])
def test_a_backspace_among_indenting_spaces_takes_a_step(before, width):
    assert backspace_width(before, SPACES) == width


def test_joined_lines_are_parted_by_one_space():
    assert join_lines(["  a = [", "", "      1,", "  ]"]) == "  a = [ 1, ]"
