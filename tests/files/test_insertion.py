"""Code at a cursor takes the indentation of the lines around it."""

import pytest

from app.files.editing import Indent
from app.files.insertion import at_cursor, in_place_of

SPACES, TABS = Indent(uses_tabs=False, width=4), Indent(uses_tabs=True, width=4)
LOOP = "for x in y:\n    print(x)\n\n    done(x)"


@pytest.mark.parametrize(
    ("before", "after", "inserted"),
    [
        ("", "", LOOP),
        ("    ", "", "for x in y:\n        print(x)\n\n        done(x)"),
        ("", "next()", LOOP + "\n"),
        ("    ", "next()", "for x in y:\n        print(x)\n\n        done(x)\n    "),
        ("    first()", "", "\n    for x in y:\n        print(x)\n\n        done(x)"),
        ("    if z:", "", "\n        for x in y:\n            print(x)\n\n            done(x)"),
    ],
)
def test_lines_are_indented_as_the_cursors_line(before, after, inserted):
    assert at_cursor(LOOP, before, after, SPACES, is_python=True) == inserted


def test_one_line_before_another_is_a_line_of_its_own():
    assert at_cursor("value()", "    ", "next()", SPACES) == "value()\n    "


def test_one_line_goes_where_the_cursor_is():
    assert at_cursor("    value\n", "x = ", "", SPACES) == "value"


def test_code_that_was_indented_loses_what_all_its_lines_have():
    code = "        if a:\n            b()"
    assert at_cursor(code, "", "", SPACES) == "if a:\n    b()"


def test_spaces_become_tabs_where_the_file_has_tabs_and_back():
    assert at_cursor("if a:\n  if b:\n    c()", "\t", "", TABS) == "if a:\n\t\tif b:\n\t\t\tc()"
    assert at_cursor("if a:\n\tb()", "    ", "", SPACES) == "if a:\n        b()"


@pytest.mark.parametrize(
    ("selected", "before", "put"),
    [
        ("    old()\n    more()\n", "", "    if a:\n        b()\n"),
        ("old()\n    more()", "    ", "if a:\n        b()"),
        ("old", "x = ", "if a:\n    b()"),
        ("\n    old()\n", "", "    if a:\n        b()\n"),
    ],
)
def test_what_takes_the_place_of_a_selection_is_indented_as_it_was(selected, before, put):
    assert in_place_of("if a:\n    b()", selected, before, SPACES) == put
