"""When text is proposed, how much, and that it does not say again what is there."""

import pytest

from app.infill.kept import MOST_KEPT, KeptCompletions
from app.infill.proposal import proposal
from app.infill.rules import is_apt, sampling_for, shape_of
from app.infill.surroundings import Surroundings


def at(text):
    """The surroundings of the place marked | in a text."""
    before, after = text.split("|")
    return Surroundings(before, after, before.split("\n")[-1], after.split("\n")[0])


@pytest.mark.parametrize("text", ["x = |", "f(a|)", 'print("|")', "if x:|\n", "items = [|]\n", "def f():\n    |\n"])
def test_a_pause_at_a_lines_end_or_before_what_closes_it_is_a_reason_to_ask(text):
    assert is_apt(at(text))


@pytest.mark.parametrize("text", ["|", "  \n|", "na|me = 1", "x = | + y", "|return 1\n", "x" * 2000 + "|"])
def test_nothing_is_asked_unasked_inside_a_line_or_where_nothing_was_written(text):
    assert not is_apt(at(text))


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("x = |", "line"),
        ("return f(|)", "line"),
        ("x = 1\n|\n", "block"),
        ("def f():\n    |", "block"),
        ("def f():|\n", "block"),
        ("items = [|\n", "block"),
        ("    |return 1", "line"),
    ],
)
def test_several_lines_are_wanted_where_a_block_begins(text, shape):
    assert shape_of(at(text)) == shape


def test_completions_are_the_likeliest_text_and_few_tokens():
    assert sampling_for("line").temperature == sampling_for("block").temperature == 0
    assert sampling_for("line").stop == ("\n",)
    assert sampling_for("line").max_tokens < sampling_for("block").max_tokens <= 128


def shown(answer, text, *, is_final=True):
    around = at(text)
    return proposal(answer, around, shape_of(around), is_final=is_final)


def test_the_rest_of_a_line_ends_with_it():
    made = shown("1 + 2\ny = 3", "x = |", is_final=False)
    assert (made.text, made.is_whole) == ("1 + 2", True)


def test_a_block_ends_at_a_blank_line():
    made = shown("a = 1\n    b = 2\n\n\ndef other():\n    pass", "def f():\n    |", is_final=False)
    assert (made.text, made.is_whole) == ("a = 1\n    b = 2", True)


def test_blank_lines_before_a_block_do_not_end_it():
    assert shown("\n\ndef f():\n    pass", "import os\n|\n").text == "\n\ndef f():\n    pass"


def test_a_block_ends_where_the_file_goes_on():
    made = shown("a = 1\n    return a\n    more", "def f():\n    |\n    return a\n", is_final=False)
    assert (made.text, made.is_whole) == ("a = 1", True)


def test_a_line_that_may_become_the_files_next_one_is_held_back():
    made = shown("a = 1\n    ret", "def f():\n    |\n    return a\n", is_final=False)
    assert (made.text, made.is_whole) == ("a = 1", False)


def test_a_block_ends_where_it_says_the_same_line_again():
    made = shown("print(1)\nprint(1)\nprint(1)\nprint(1)", "x = 1\n|\n", is_final=False)
    assert (made.text, made.is_whole) == ("print(1)", True)


def test_a_block_is_no_longer_than_a_dozen_lines():
    made = shown("\n".join(f"line_{number}" for number in range(30)), "x = 1\n|\n", is_final=False)
    assert len(made.text.split("\n")) == 12
    assert made.is_whole


@pytest.mark.parametrize(
    ("answer", "text", "expected"),
    [
        ("a, b)", "f(|)", "a, b"),
        ("g(a)", "f(|)", "g(a)"),
        ("g(a))", "f(|)", "g(a)"),
        ('hello"', 'print("|")', "hello"),
        ('hello")', 'print("|")', "hello"),
        ("1, 2]", "x = [|]", "1, 2"),
        ("owner) for o in owners]", "[f(|) for o in owners]", "owner"),
        ("x if y", "a = |", "x if y"),
    ],
)
def test_what_stands_behind_the_cursor_is_not_proposed_again(answer, text, expected):
    assert shown(answer, text).text == expected


@pytest.mark.parametrize("answer", ["", "  ", "\n\n   \n"])
def test_blanks_alone_are_no_proposal(answer):
    assert shown(answer, "x = |").text == ""


# --- what is kept ------------------------------------------------------------------------------------------


def test_typing_what_was_proposed_leaves_the_rest():
    kept = KeptCompletions()
    kept.keep("x = ", "\n", "value + 1")
    assert kept.find("x = ", "\n") == "value + 1"
    assert kept.find("x = val", "\n") == "ue + 1"
    assert kept.find("x = van", "\n") is None
    assert kept.find("x = value + 1", "\n") is None
    assert kept.find("x = ", ")\n") is None


def test_that_nothing_was_proposed_is_known_at_that_place_alone():
    kept = KeptCompletions()
    kept.keep("x = ", "\n", "")
    assert kept.find("x = ", "\n") == ""
    assert kept.find("x = 1", "\n") is None


def test_only_the_latest_are_kept():
    kept = KeptCompletions()
    for number in range(MOST_KEPT + 1):
        kept.keep(f"x{number} = ", "", "1")
    assert kept.find("x0 = ", "") is None
    assert kept.find(f"x{MOST_KEPT} = ", "") == "1"
