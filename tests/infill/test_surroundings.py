"""What of a file a model is shown, and that it stays the same while one types."""

from hypothesis import given
from hypothesis import strategies as st

from app.infill.surroundings import MOST_BEFORE, beginning, surroundings

LINES = [f"line {number}" for number in range(2000)]


def around(lines, line, column=0):
    return surroundings(lines.__getitem__, len(lines), line, lines[line][:column], lines[line][column:])


def test_a_short_file_is_shown_whole():
    found = around(["a = 1", "b = 2", "c = 3"], 1, 4)
    assert (found.before, found.after) == ("a = 1\nb = ", "2\nc = 3")
    assert (found.head, found.tail) == ("b = ", "2")


def test_of_a_long_file_the_lines_around_the_cursor_are_shown():
    found = around(LINES, 1000, 4)
    assert found.before.startswith("line 400\n")
    assert found.before.endswith("line 999\nline")
    assert found.after.endswith("line 1064")


def test_the_first_line_moves_on_in_steps():
    firsts = [around(LINES, line).before.split("\n")[0] for line in range(300, 1900)]
    assert len(set(firsts)) <= 5


def test_long_lines_do_not_make_it_long():
    lines = ["x" * 900] * 500
    found = around(lines, 400, 20)
    assert len(found.before) <= MOST_BEFORE
    assert found.before.startswith("x" * 900 + "\n")


@given(
    st.lists(st.text("ab \n", max_size=5).map(lambda text: text.replace("\n", "")), min_size=1, max_size=30), st.data()
)
def test_both_sides_together_are_the_file(lines, data):
    line = data.draw(st.integers(0, len(lines) - 1))
    column = data.draw(st.integers(0, len(lines[line])))
    found = around(lines, line, column)
    assert found.before + found.after == "\n".join(lines)


def test_of_another_file_the_first_lines_are_shown():
    assert beginning(LINES.__getitem__, len(LINES)).split("\n") == LINES[:40]
    cut = beginning((["y" * 300] * 40).__getitem__, 40)
    assert cut == ("y" * 300 + "\n") * 5
