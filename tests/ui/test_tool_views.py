"""Results are shown in the form they are read in, bounded, with nothing hidden in them."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QTreeWidgetItemIterator

from app.tools.views import DiffView, Entry, FileView, JsonView, Match, MatchesView, TerminalView, TextView, TreeView
from tests.ui.accessibility import assert_accessible
from tests.ui.tool_examples import VIEWS, part
from ui.tools.line_makers import MAX_LINES, diff_lines, file_lines, match_lines
from ui.tools.lines_pane import MAX_VISIBLE_LINES, Line, LinesPane
from ui.tools.result_views import make_result_view
from ui.tools.terminal_pane import TerminalPane
from ui.tools.tree_list import MAX_ROWS

WIDTH = 600


@pytest.fixture
def show(theme, qtbot):
    """Show a view of a result."""
    kept = []

    def show_one(view):
        widget = make_result_view(theme, view)
        qtbot.addWidget(widget)
        widget.resize(WIDTH, widget.layout_to(WIDTH))
        widget.show()
        qtbot.waitExposed(widget)
        kept.append(widget)
        return widget

    return show_one


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: type(view).__name__)
def test_every_kind_of_result_can_be_seen_found_and_heard(show, view):
    widget = show(view)
    assert widget.height() > 10
    assert_accessible(widget)


def test_a_diff_has_the_numbers_of_both_texts_signs_and_marked_words():
    before = "".join(f"line {number}\n" for number in range(1, 31))
    lines = diff_lines(DiffView(path="a.txt", before=before, after=before.replace("line 20\n", "line twenty\n")))
    assert [(line.gutter, line.text, line.tone) for line in lines] == [
        ("\u22ef", "16 unchanged lines", "gap"),
        ("17 17  ", "line 17", ""),
        ("18 18  ", "line 18", ""),
        ("19 19  ", "line 19", ""),
        ("20    \u2212", "line 20", "removed"),
        ("   20 +", "line twenty", "added"),
        ("21 21  ", "line 21", ""),
        ("22 22  ", "line 22", ""),
        ("23 23  ", "line 23", ""),
        ("\u22ef", "7 unchanged lines", "gap"),
    ]
    assert lines[5].spans == ((5, 11, "added"),)


def test_a_new_file_has_one_column_of_numbers():
    lines = diff_lines(DiffView(path="a", before=None, after="x\ny\n"))
    assert [(line.gutter, line.tone) for line in lines] == [("1 +", "added"), ("2 +", "added")]


def test_a_diff_of_part_of_a_file_counts_from_where_the_part_begins_and_says_that_it_is_cut():
    lines = diff_lines(DiffView(path="a", before="x\n", after="y\n", first_line=100, is_cut=True))
    assert [line.gutter for line in lines] == ["100     \u2212", "    100 +", "\u22ef"]
    assert lines[-1].text == "The rest is left out here."


def test_a_file_has_its_line_numbers_and_says_what_is_around_it(show):
    lines = file_lines(FileView(path="a.py", text="x\n\ny\n", first_line=12, total_lines=20))
    assert [(line.gutter, line.text) for line in lines] == [
        ("\u22ef", "11 lines before"),
        ("12", "x"),
        ("13", ""),
        ("14", "y"),
        ("\u22ef", "6 lines after"),
    ]


def test_code_in_a_file_is_coloured_by_the_files_name(show, qtbot):
    pane = part(show(FileView(path="src/a.py", text="def f():\n    return 1\n", total_lines=2)), "file_result")
    qtbot.waitUntil(lambda: bool(pane.document().firstBlock().layout().formats()))


def test_matches_stand_below_their_files_with_what_was_found_marked():
    view = MatchesView(
        pattern="x",
        matches=(
            Match(path="a.py", line=3, text="\u202ex = x", spans=((1, 2), (5, 6))),
            Match(path="a.py", line=9, text="x"),
            Match(path="b.py", line=1, text="x"),
        ),
        total=10,
        files=2,
    )
    lines = match_lines(view)
    assert [(line.gutter, line.text) for line in lines] == [
        ("", "a.py"),
        ("3", "\u27e8U+202E\u27e9x = x"),
        ("9", "x"),
        ("", "b.py"),
        ("1", "x"),
        ("\u22ef", "7 more are not listed"),
    ]
    assert [lines[1].text[begin:end] for begin, end, _ in lines[1].spans] == ["x", "x"]


def test_no_matches_are_said():
    assert [line.text for line in match_lines(MatchesView(pattern="x", matches=(), total=0, files=0))] == [
        "No matches."
    ]


def test_a_tree_is_indented_with_sizes(show):
    entries = (
        Entry(path="src", kind="folder"),
        Entry(path="src/a.py", kind="file", size_bytes=12),
        Entry(path="b\u202e.md", kind="file", size_bytes=4200),
    )
    tree = part(show(TreeView(root="", entries=entries, total=5)), "tree_result")
    rows = []
    walk = QTreeWidgetItemIterator(tree)
    while item := walk.value():
        rows.append((item.text(0), item.text(1), item.parent().text(0) if item.parent() else ""))
        walk += 1
    assert rows == [
        ("src", "", ""),
        ("a.py", "12 bytes", "src"),
        ("b\u27e8U+202E\u27e9.md", "4 kB", ""),
        ("2 more are not listed", "", ""),
    ]


def test_an_empty_folder_says_so(show):
    tree = part(show(TreeView(root="", entries=(), total=0)), "tree_result")
    assert tree.topLevelItem(0).text(0) == "Nothing is in it."


def test_todos_say_their_state_also_to_those_who_listen(show):
    labels = [label.accessibleName() for label in show(VIEWS[7]).findChildren(QLabel) if label.accessibleName()]
    assert labels == ["First, done", "Second, in progress"]


def test_json_is_laid_out_over_lines(show):
    pane = part(show(JsonView(value={"a": [1]})), "text_result")
    assert pane.toPlainText() == '{\n  "a": [\n    1\n  ]\n}'


def test_empty_results_are_said(show):
    assert part(show(TextView(text="")), "text_result").toPlainText() == "It said nothing."
    empty = TerminalView(command="true", output="", exit_code=0)
    assert part(show(empty), "terminal_result").toPlainText() == "It printed nothing."


def test_colours_of_a_command_are_the_themes(show, theme):
    pane = part(show(TerminalView(command="x", output="a\x1b[31mred\x1b[0m\n\x1b[1;44mb")), "terminal_result")
    first, second = pane.document().firstBlock(), pane.document().lastBlock()
    [red] = first.layout().formats()
    assert (red.start, red.length, red.format.foreground().color()) == (1, 3, theme.color("danger"))
    [bold] = second.layout().formats()
    assert bold.format.background().color() == theme.color("accent.soft")
    assert bold.format.fontWeight() == 700


def test_colours_fit_text_that_comes_in_pieces(theme, qtbot):
    pane = TerminalPane(theme, "pane", "Output")
    qtbot.addWidget(pane)
    for piece in ("one \x1b[3", "1mtw", "o\nth", "ree\x1b[0m", " four\r", "\n", "five\n"):
        pane.append(piece)
    assert pane.toPlainText() == "one two\nthree four\nfive"
    block = pane.document().firstBlock()
    assert [(span.start, span.length) for span in block.layout().formats()] == [(4, 2), (6, 1)]
    block = block.next()
    assert [(span.start, span.length) for span in block.layout().formats()] == [(0, 2), (2, 3)]


def test_hidden_characters_in_output_are_seen(show):
    pane = part(show(TerminalView(command="x", output="a\u202eb\x1b[2Jc")), "terminal_result")
    assert pane.toPlainText() == "a\u27e8U+202E\u27e9b\u27e8U+001B\u27e9[2Jc"


# --- huge -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "view",
    [
        TextView(text="x\n" * 100_000),
        FileView(path="a.py", text="x = 1\n" * 30_000, total_lines=30_000),
        DiffView(path="a.py", before=None, after="x = 1\n" * 30_000),
        DiffView(path="a.py", before="".join(f"a{n}\n" for n in range(9000)), after="b\n" * 9000),
        TerminalView(command="yes", output="\x1b[32my\x1b[0m\n" * 10_000),
        MatchesView(pattern="x", matches=(Match(path="a", line=1, text="x"),) * 9000, total=9000, files=1),
        JsonView(value=list(range(30_000))),
        TextView(text="x" * 200_000),
        TerminalView(command="x", output="y" * 200_000),
    ],
    ids=lambda view: type(view).__name__,
)
def test_huge_results_make_few_lines_and_no_tall_card(show, view):
    widget = show(view)
    [pane] = [*widget.findChildren(LinesPane), *widget.findChildren(TerminalPane)]
    assert pane.blockCount() <= 2000
    assert widget.height() < 30 * MAX_VISIBLE_LINES


def test_what_is_left_out_of_a_long_result_is_counted():
    lines = file_lines(FileView(path="a", text="x\n" * (MAX_LINES + 50), total_lines=9999))
    assert lines[-1].text == "50 more lines are not shown"


def test_a_huge_folder_is_bounded(show):
    entries = tuple(Entry(path=f"f{number}", kind="file", size_bytes=1) for number in range(5000))
    tree = part(show(TreeView(root="", entries=entries, total=5000)), "tree_result")
    assert tree.topLevelItemCount() == MAX_ROWS + 1


def test_marks_fit_characters_beyond_the_first_plane(theme, qtbot):
    pane = LinesPane(theme, "pane", "Lines")
    qtbot.addWidget(pane)
    pane.show_lines([Line("\U0001f600x", spans=((1, 2, "match"),))])
    [span] = pane.document().firstBlock().layout().formats()
    assert (span.start, span.length) == (2, 1)
