"""Opening, saving, closing and the desk that the rest of the window asks."""

from pathlib import Path

import pytest
from PySide6.QtTest import QTest

from app.errors import AppError
from app.files.text_file import TextFormat
from tests.ui.editor_desk import Desk


@pytest.fixture
def desk(theme, tmp_path, qtbot):
    folder = tmp_path / "project"
    folder.mkdir()
    made = Desk(theme, folder, tmp_path / "settings.json")
    yield made
    made.end()


def type_at_start(desk, text: str) -> None:
    desk.page.editor.go_to(1)
    QTest.keyClicks(desk.page.editor, text)


def click(desk, name: str) -> None:
    button = next(one for one in desk.page.banners.findChildren(type(desk.tabs.groups[0].info_line._position), name))
    button.click()


def test_the_desk_tells_what_is_open_with_what_is_not_saved(desk):
    first = desk.open("a.py", "a\n")
    second = desk.open("b.py", "b\n")
    type_at_start(desk, "x")
    assert desk.control.open_paths == (second.path, first.path)
    assert desk.control.current_path == second.path
    assert desk.control.text_of(second.path) == "xb\n"
    assert desk.control.text_of(str(desk.folder / "other.py")) is None


def test_a_file_is_opened_at_a_line(desk):
    path = desk.write("a.py", "one\ntwo\nthree\n")
    desk.control.open_file(path, 3, 2)
    assert (desk.page.info.line, desk.page.info.column) == (3, 2)
    desk.control.open_file(path, 1)
    assert desk.page.info.line == 1


def test_the_line_a_file_is_opened_at_is_in_view(desk, qtbot):
    path = desk.write("long.py", "".join(f"line {number}\n" for number in range(1, 1001)))
    desk.control.open_file(path, 500)
    bar = desk.page.editor.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() > 0)
    QTest.qWait(20)  # whatever else would move the view comes with the next events
    assert bar.value() < 499 <= bar.value() + bar.pageStep()


LARGE = "".join(f"line {number}\n" for number in range(400_000))


def test_a_file_that_is_still_loading_is_not_taken_for_changed(desk, qtbot):
    page = desk.open("large.txt", LARGE)
    QTest.qWait(30)  # some of it is in
    assert page.editor.is_loading
    assert not page.is_dirty
    desk.control.recovery.keep_now()
    assert desk.files.kept_texts == []
    qtbot.waitUntil(lambda: not page.editor.is_loading, timeout=30_000)
    assert not page.is_dirty


def test_a_large_text_that_is_in_no_file_counts_as_not_saved(desk, qtbot):
    desk.control.open_text(LARGE, "large.txt")
    assert desk.page.editor.is_loading
    assert desk.page.is_dirty
    qtbot.waitUntil(lambda: not desk.page.editor.is_loading, timeout=30_000)
    assert desk.page.is_dirty


def test_a_file_that_is_opened_to_the_side_stands_on_the_other_one(desk):
    first = desk.open("a.py", "a\n")
    desk.control.open_to_side(desk.write("b.py", "b\n"))
    assert desk.tabs.is_split
    assert desk.tabs.side_of(first) == 0
    assert desk.tabs.side_of(desk.page) == 1


def test_open_files_follow_a_renamed_folder(desk):
    (desk.folder / "old").mkdir()
    page = desk.open("old/a.py", "a\n")
    (desk.folder / "old").rename(desk.folder / "new")
    desk.control.follow_rename(str(desk.folder / "old"), str(desk.folder / "new"))
    type_at_start(desk, "x")
    desk.control.saves.save(page)
    assert (desk.folder / "new" / "a.py").read_text() == "xa\n"
    assert not (desk.folder / "old").exists()


def test_a_saved_text_is_in_its_file_and_can_be_undone_past_the_save(desk):
    page = desk.open("a.py", "x\n")
    type_at_start(desk, "y")
    desk.control.saves.save(page)
    assert Path(page.path).read_text() == "yx\n"
    assert not page.is_dirty
    page.editor.undo()
    assert page.editor.text() == "x\n"
    assert page.is_dirty
    page.editor.redo()
    assert not page.is_dirty


def test_what_is_typed_while_a_save_is_under_way_is_not_taken_for_saved(desk):
    page = desk.open("a.py", "x\n")
    type_at_start(desk, "1")
    desk.files.is_held = True
    desk.control.saves.save(page)
    type_at_start(desk, "2")
    desk.files.release()
    assert Path(page.path).read_text() == "1x\n"
    assert page.is_dirty


def test_a_second_save_waits_for_the_first_and_writes_the_newest_text(desk):
    page = desk.open("a.py", "x\n")
    type_at_start(desk, "1")
    desk.files.is_held = True
    desk.control.saves.save(page)
    type_at_start(desk, "2")
    desk.control.saves.save(page)
    desk.files.release()
    assert Path(page.path).read_text() == "21x\n"
    assert not page.is_dirty


def test_a_save_that_fails_keeps_the_text_and_says_why(desk):
    page = desk.open("a.py", "x\n")
    type_at_start(desk, "y")
    desk.files.save_error = AppError("The disk is full", "0 bytes are free", "Make room")
    desk.control.saves.save(page)
    assert page.is_dirty
    assert page.banners.words_of("failed") == "Not saved. The disk is full. 0 bytes are free. Make room."
    desk.files.save_error = None
    click(desk, "banner_failed_retry")
    assert Path(page.path).read_text() == "yx\n"
    assert not page.banners.kinds


def test_what_an_encoding_cannot_say_is_offered_to_be_saved_as_utf8(desk):
    page = desk.open("a.txt", "x\n")
    page.set_form(TextFormat(encoding="cp1252"))
    desk.control.saves.save(page)
    page.editor.replace_text("\u4e2d\n")
    desk.control.saves.save(page)
    assert page.is_dirty
    assert page.banners.words_of("failed")
    click(desk, "banner_failed_utf8")
    assert Path(page.path).read_bytes() == "\u4e2d\n".encode()
    assert not page.is_dirty


def test_a_new_text_asks_where_it_is_saved_and_takes_that_files_language(desk):
    desk.control.open_text("def f(): ...\n", "proposal.txt")
    assert desk.page.is_dirty
    desk.answers.path = str(desk.folder / "made.py")
    desk.control.saves.save(desk.page)
    assert (desk.folder / "made.py").read_text() == "def f(): ...\n"
    assert desk.page.title == "made.py"
    assert desk.page.editor.language_name == "Python"
    assert desk.answers.asked == [str(desk.folder / "proposal.txt")]


def test_saving_elsewhere_leaves_the_old_file_alone(desk):
    page = desk.open("a.py", "x\n")
    type_at_start(desk, "y")
    desk.answers.path = str(desk.folder / "b.py")
    desk.control.saves.save_as(page)
    assert (desk.folder / "a.py").read_text() == "x\n"
    assert (desk.folder / "b.py").read_text() == "yx\n"
    assert page.path == str(desk.folder / "b.py")


def test_save_all_saves_every_file(desk):
    for name in ("a.py", "b.py"):
        desk.open(name, "x\n")
        type_at_start(desk, "y")
    desk.control.save_all()
    assert {(desk.folder / name).read_text() for name in ("a.py", "b.py")} == {"yx\n"}


@pytest.mark.parametrize(
    ("answer", "titles", "text"), [("cancel", ["a.py"], "x\n"), ("discard", [], "x\n"), ("save", [], "yx\n")]
)
def test_closing_what_is_not_saved_asks(desk, answer, titles, text):
    page = desk.open("a.py", "x\n")
    path = Path(page.path)
    type_at_start(desk, "y")
    desk.answers.save = answer
    desk.control.close_current()
    assert desk.answers.asked == ["a.py"]
    assert desk.titles == titles
    assert path.read_text() == text


def test_a_cancel_ends_the_closing_of_many(desk):
    for name in ("a.py", "b.py", "c.py"):
        desk.open(name, "x\n")
    desk.tabs.show_page(desk.tabs.pages[1])
    type_at_start(desk, "y")
    desk.control.close_pages(desk.tabs.pages)
    assert desk.titles == ["b.py", "c.py"]


def test_a_tab_whose_save_failed_stays_open(desk):
    desk.open("a.py", "x\n")
    type_at_start(desk, "y")
    desk.answers.save = "save"
    desk.files.save_error = AppError("The disk is full")
    desk.control.close_current()
    assert desk.titles == ["a.py"]


def test_a_closed_file_opens_again_where_it_was_left(desk):
    desk.open("a.py", "one\ntwo\nthree\n").editor.go_to(2, 2)
    desk.control.close_current()
    desk.control.reopen_closed()
    assert desk.titles == ["a.py"]
    assert (desk.page.info.line, desk.page.info.column) == (2, 2)


def test_a_changed_text_is_one_step_and_not_saved(desk):
    path = desk.write("a.py", "one\ntwo\n")
    desk.control.change_text(path, "one\n2\n")
    assert desk.page.editor.text() == "one\n2\n"
    assert desk.page.is_dirty
    desk.page.editor.undo()
    assert desk.page.editor.text() == "one\ntwo\n"


@pytest.mark.parametrize("is_open", [True, False])
def test_a_changed_text_is_shown_where_the_change_is(desk, is_open):
    lines = [f"line {number}\n" for number in range(1, 301)]
    path = desk.write("a.py", "".join(lines))
    if is_open:
        desk.control.open_file(path)
    lines[199] = "other\n"
    desk.control.change_text(path, "".join(lines))
    assert desk.page.info.line == 200
    editor = desk.page.editor
    assert editor.viewport().rect().contains(editor.cursorRect())
    editor.undo()
    assert desk.page.info.line == 200


def test_changing_a_file_that_is_not_there_makes_it_at_the_save(desk):
    path = desk.folder / "new.py"
    desk.control.change_text(str(path), "x = 1\n")
    assert desk.page.is_dirty
    desk.control.saves.save(desk.page)
    assert path.read_text() == "x = 1\n"


def test_a_file_that_is_no_text_says_why_and_how_else_to_open_it(desk):
    path = desk.folder / "a.bin"
    path.write_bytes(b"\0\1")
    desk.control.open_file(str(path))
    assert desk.page.has_problem
    assert desk.control.current_editor is None
    assert desk.control.text_of(str(path)) is None
    names = {button.objectName() for button in desk.page.findChildren(type(desk.tabs.groups[0].info_line._position))}
    assert {"problem_open_button", "problem_retry_button"} <= names


def test_a_file_that_could_not_be_read_is_tried_again(desk):
    path = desk.folder / "late.py"
    desk.control.open_file(str(path))
    assert desk.page.has_problem
    path.write_text("here\n")
    desk.page.findChild(type(desk.tabs.groups[0].info_line._position), "problem_retry_button").click()
    assert desk.page.editor.text() == "here\n"
    assert not desk.page.has_problem


def test_another_line_ending_is_written_at_the_next_save(desk):
    page = desk.open("a.py", "one\ntwo\n")
    desk.tabs.groups[0].info_line.ending_chosen.emit("\r\n")
    assert page.is_dirty
    desk.control.saves.save(page)
    assert Path(page.path).read_bytes() == b"one\r\ntwo\r\n"
    assert not page.is_dirty


def test_mixed_line_endings_are_noted_and_can_be_made_equal(desk):
    page = desk.open("a.py", "one\r\ntwo\n")
    assert "end in different ways" in page.banners.words_of("mixed")
    click(desk, "banner_mixed_equal")
    assert page.is_dirty
    assert not page.form.is_mixed


def test_a_file_is_read_again_in_another_encoding(desk):
    path = desk.folder / "a.txt"
    path.write_bytes("\u00e9\n".encode("cp1252"))
    desk.control.open_file(str(path))
    desk.tabs.groups[0].info_line.reopen_chosen.emit("cp437")
    assert desk.page.editor.text() == "\u0398\n"
    desk.tabs.groups[0].info_line.reopen_chosen.emit("cp1252")
    assert desk.page.editor.text() == "\u00e9\n"
    desk.tabs.groups[0].info_line.encoding_chosen.emit("utf-8", True)
    assert path.read_bytes() == b"\xef\xbb\xbf\xc3\xa9\n"


def test_a_read_only_file_cannot_be_changed_until_that_is_wanted(desk):
    desk.files.can_write = False  # whoever runs the tests may write anything
    desk.open("a.py", "x\n")
    QTest.keyClicks(desk.page.editor, "y")
    assert desk.page.editor.text() == "x\n"
    click(desk, "banner_read_only_edit")
    QTest.keyClicks(desk.page.editor, "y")
    assert desk.page.editor.text() == "yx\n"


def test_characters_that_turn_text_are_warned_of(desk, qtbot):
    page = desk.open("a.py", "one\nif x != '\u202e':\n    pass\n")
    qtbot.waitUntil(lambda: "RIGHT-TO-LEFT OVERRIDE" in page.banners.words_of("hidden"))
    click(desk, "banner_hidden_show")
    assert page.info.line == 2


def test_lines_too_long_to_be_wrapped_are_noted(desk, qtbot):
    page = desk.open("a.txt", "x" * 30_000 + "\n")
    qtbot.waitUntil(lambda: "30,000 characters" in page.banners.words_of("long"))


def test_size_and_wrapping_are_the_same_in_every_file_and_kept(desk):
    first = desk.open("a.py", "x\n")
    second = desk.open("b.py", "x\n")
    second.editor.zoom(1)
    second.editor.set_wrap(True)
    assert first.editor.font().pixelSize() == second.editor.font().pixelSize()
    assert first.editor.wraps
    assert desk.settings.settings.editor_wraps
