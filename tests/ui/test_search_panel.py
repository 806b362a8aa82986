"""Search in files: what is asked, what is shown while it comes, and where a click leads."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton, QTreeView

from app.errors import AppError
from app.files.search_files import SearchEnd
from tests.files.folders import make_files
from tests.ui.accessibility import assert_accessible
from tests.ui.files_desk import FilesDesk, hits
from ui.files.row_paint import pieces
from ui.files.search_delegate import trimmed
from ui.files.search_model import MAX_FILES, SearchModel
from ui.files.search_panel import SearchPanel


@pytest.fixture
def desk(theme, qtbot, own_home, tmp_path):
    make_files(tmp_path, "project/a.py")
    made = FilesDesk(theme, qtbot, own_home / "settings.json")
    made.control.show_folder(str(tmp_path / "project"))
    made.window.action_table.run("files.search")
    yield made
    made.close()


def panel(desk) -> SearchPanel:
    return desk.window.findChild(SearchPanel)


def words(desk) -> str:
    return panel(desk).findChild(QLabel, "search_words").text()


def rows(desk) -> dict[str, list[str]]:
    model = desk.window.findChild(QTreeView, "search_results").model()
    found = {}
    for row in range(model.rowCount()):
        index = model.index(row, 0)
        found[index.data()] = [model.index(line, 0, index).data().strip() for line in range(model.rowCount(index))]
    return found


def search(desk, text="word"):
    desk.qtbot.keyClicks(desk.field("search_files_field"), text)
    desk.qtbot.keyClick(desk.field("search_files_field"), Qt.Key.Key_Return)


def test_the_shortcut_shows_the_page_and_gives_it_the_keyboard(desk):
    assert desk.pages.current == "search"
    assert desk.field("search_files_field").hasFocus()


def test_what_is_typed_is_searched_after_a_pause_in_the_open_folder(desk, tmp_path):
    desk.qtbot.keyClicks(desk.field("search_files_field"), "word")
    desk.wait(lambda: desk.search.queries)
    (query,) = desk.search.queries
    assert (query.folder, query.text, query.is_regex, query.unsaved) == (
        str(tmp_path / "project"),
        "word",
        False,
        {"/a": "b"},
    )


def test_toggles_and_globs_are_part_of_the_question(desk):
    for name in ("search_case", "search_word", "search_regex"):
        panel(desk).findChild(QToolButton, name).click()
    desk.qtbot.keyClicks(desk.field("search_include"), " *.py ")
    desk.qtbot.keyClicks(desk.field("search_exclude"), "tests/")
    search(desk)
    query = desk.search.queries[-1]
    assert (query.matches_case, query.is_whole_word, query.is_regex) == (True, True, True)
    assert (query.include, query.exclude) == ("*.py", "tests/")


def test_alt_and_a_letter_toggle_an_option(desk):
    desk.qtbot.keyClick(desk.field("search_files_field"), Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    assert panel(desk).query().is_regex
    assert desk.field("search_files_field").text() == ""


def test_results_are_grouped_by_file_in_order_and_counted(desk):
    search(desk)
    assert words(desk) == "Searching…"
    desk.search.on_hits((hits("b.py", 2, 9), hits("src/a.py", 1)))
    desk.search.on_hits((hits("a.py", 3),))
    desk.search.on_done(SearchEnd(files=3, lines=4))
    assert rows(desk) == {"a.py": ["word 3"], "b.py": ["word 2", "word 9"], "src/a.py": ["word 1"]}
    assert words(desk) == "4 lines in 3 files."


def test_files_are_shown_while_the_search_goes_on(desk):
    search(desk)
    desk.search.on_hits((hits("b.py", 2),))
    desk.wait(lambda: rows(desk) == {"b.py": ["word 2"]})
    assert words(desk) == "1 line in 1 file so far…"


def test_a_click_on_a_line_opens_it_there(desk, tmp_path):
    search(desk)
    desk.search.answer(hits("a.py", 7))
    view = desk.window.findChild(QTreeView, "search_results")
    line = view.model().index(0, 0, view.model().index(0, 0))
    desk.wait(lambda: view.visualRect(line).height() > 0)
    desk.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(line).center())
    assert desk.desk.opened == [(str(tmp_path / "project/a.py"), 7, 5)]


def test_the_keyboard_goes_from_the_field_to_a_line(desk, tmp_path):
    search(desk)
    desk.search.answer(hits("a.py", 7))
    view = desk.window.findChild(QTreeView, "search_results")
    desk.qtbot.keyClick(desk.field("search_files_field"), Qt.Key.Key_Down)
    assert view.hasFocus()
    desk.qtbot.keyClick(view, Qt.Key.Key_Down)
    desk.qtbot.keyClick(view, Qt.Key.Key_Return)
    assert desk.desk.opened == [(str(tmp_path / "project/a.py"), 7, 5)]


def test_a_search_can_be_stopped_and_keeps_what_it_found(desk):
    search(desk)
    desk.search.on_hits((hits("b.py", 2),))
    panel(desk).findChild(QToolButton, "search_stop").click()
    assert desk.search.cancelled == [1]
    assert rows(desk) == {"b.py": ["word 2"]}
    assert words(desk).startswith("Stopped")


def test_a_bad_expression_is_said_in_place(desk):
    search(desk, "(")
    desk.search.on_done(AppError("This is not a regular expression", "missing )"))
    assert "not a regular expression" in words(desk)
    assert desk.field("search_files_field").property("invalid") == "true"
    assert not desk.window.notices.notices()


def test_nothing_found_says_what_was_not_searched(desk):
    search(desk)
    desk.search.answer()
    assert "Ignored files are not searched" in words(desk)


def test_an_empty_field_forgets_the_results(desk):
    search(desk)
    desk.search.answer(hits("a.py", 7))
    desk.field("search_files_field").clear()
    desk.wait(lambda: not rows(desk))
    assert words(desk) == ""


def test_results_of_another_folder_go_away(desk, tmp_path):
    search(desk)
    desk.search.on_hits((hits("a.py", 7),))
    make_files(tmp_path, "other/b.py")
    desk.control.show_folder(str(tmp_path / "other"))
    assert desk.search.cancelled == [1]
    assert rows(desk) == {}


def test_every_control_has_a_name_to_find_and_a_name_to_hear(desk):
    assert_accessible(panel(desk))


def test_of_very_many_files_the_first_are_listed_and_all_are_counted(qapp):
    model = SearchModel()
    model.add([hits(f"f{number:05}.py", 1, 2) for number in range(MAX_FILES + 10)])
    assert model.rowCount() == MAX_FILES
    assert (model.file_count, model.line_count) == (MAX_FILES + 10, 2 * (MAX_FILES + 10))


def test_rows_find_their_file_again_after_others_came_before_it(qapp, qtmodeltester):
    model = SearchModel()
    (late,) = model.add([hits("z.py", 5)])
    line = model.index(0, 0, late)
    model.add([hits("a.py", 1), hits("m/b.py", 2)])
    assert model.parent(line).row() == 2
    assert model.line_at(line).number == 5
    qtmodeltester.check(model)


def test_a_line_is_shown_from_a_little_before_its_hit(qapp):
    assert trimmed("    word x", [(4, 8)]) == ("word x", [(0, 4)])
    text, spans = trimmed("x" * 100 + "word", [(100, 104)])
    begin, end = spans[0]
    assert text[begin:end] == "word"
    assert text.startswith("…")
    assert len(text) < 30


def test_a_text_is_cut_where_marks_begin_and_end():
    assert pieces("abcdef", [(1, 2), (2, 4), (9, 12)]) == [("a", False), ("b", True), ("cd", True), ("ef", False)]
    assert pieces("abc", []) == [("abc", False)]
    assert pieces("", [(0, 1)]) == []


def test_the_search_ends_with_the_window(desk):
    search(desk)
    desk.control.close()
    assert desk.search.is_closed
