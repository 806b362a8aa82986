"""Taking the text of what a message points at: bounded, as it is now, and with words where it cannot be had."""

from __future__ import annotations

import os

import pytest

from app.conversations.parts import ReferencePart
from app.errors import AppError
from app.files.reference_reading import (
    MAX_FOLDER_FILES,
    MAX_TAKEN,
    NO_FILES,
    absolute_path,
    named_below,
    take_from_text,
    take_reference,
)

TEXT = "one\ntwo\nthree\nfour\n"


def file(path, **fields):
    return ReferencePart(path=str(path), **fields)


def lines(path, first, last, text=""):
    return ReferencePart(path=str(path), target="lines", first_line=first, last_line=last, text=text)


# --- files ------------------------------------------------------------------------------------------------------


def test_a_file_is_taken_whole_and_named_from_the_open_folder(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("x = 1\n")
    taken = take_reference(file(tmp_path / "src" / "a.py"), str(tmp_path))
    assert (taken.path, taken.text, taken.is_cut) == ("src/a.py", "x = 1\n", False)


def test_a_file_elsewhere_keeps_its_whole_path(tmp_path):
    (tmp_path / "a.py").write_text("")
    taken = take_reference(file(tmp_path / "a.py"), str(tmp_path / "open"))
    assert (taken.path, taken.text) == (str(tmp_path / "a.py"), "")


def test_lines_end_with_line_feeds_whatever_they_end_with_in_the_file(tmp_path):
    (tmp_path / "a").write_bytes(b"one\r\ntwo\rthree\n")
    assert take_reference(file(tmp_path / "a"), "").text == "one\ntwo\nthree\n"


def test_of_a_large_file_the_beginning_is_taken_in_whole_lines(tmp_path):
    line = "é" * 40 + "\n"
    (tmp_path / "a").write_text(line * 10_000)
    taken = take_reference(file(tmp_path / "a"), "")
    assert taken.is_cut
    assert taken.text == line * (len(taken.text) // len(line))
    assert MAX_TAKEN - 2 * len(line) < len(taken.text.encode()) <= MAX_TAKEN


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("shift", range(4))
def test_a_beginning_never_ends_inside_a_character(tmp_path, encoding, shift):
    text = "a" * shift + "😀" * MAX_TAKEN
    (tmp_path / "a").write_bytes(text.encode(encoding))
    taken = take_reference(file(tmp_path / "a"), "")
    assert taken.is_cut
    assert taken.text
    assert text.startswith(taken.text)


def test_a_file_that_is_gone_is_said_to_be(tmp_path):
    with pytest.raises(AppError) as error:
        take_reference(file(tmp_path / "gone.py"), str(tmp_path))
    assert error.value.title == "gone.py is not there any more"
    assert str(tmp_path / "gone.py") in error.value.message
    assert error.value.hint


def test_what_is_no_text_is_refused(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"\0\1\2" * 100)
    with pytest.raises(AppError, match="no text"):
        take_reference(file(tmp_path / "a.bin"), "")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(AppError, match="no regular file"):
        take_reference(file(tmp_path / "pipe"), "")


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path):
    with pytest.raises(AppError, match="no regular file"):
        take_reference(file(tmp_path), "")


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_can_be_pointed_at_as_it_is_shown(tmp_path):
    with open(os.fsencode(tmp_path) + b"/caf\xe9.txt", "wb") as odd:  # noqa: PTH123 - bytes
        odd.write(b"hi\n")
    taken = take_reference(file(f"{tmp_path}/caf\\xe9.txt"), str(tmp_path))
    assert (taken.path, taken.text) == ("caf\\xe9.txt", "hi\n")


# --- lines ------------------------------------------------------------------------------------------------------


def test_lines_are_taken_without_those_around_them(tmp_path):
    (tmp_path / "a").write_text(TEXT)
    taken = take_reference(lines(tmp_path / "a", 2, 3), str(tmp_path))
    assert (taken.text, taken.first_line, taken.last_line) == ("two\nthree", 2, 3)


def test_the_last_line_may_lack_a_line_feed():
    assert take_from_text(lines("a", 2, 2), "one\ntwo", "").text == "two"


def test_lines_that_moved_are_found_by_what_they_said():
    taken = take_from_text(lines("a", 2, 3, "two\nthree"), f"zero\nzero\n{TEXT}", "")
    assert (taken.text, taken.first_line, taken.last_line) == ("two\nthree", 4, 5)


def test_lines_that_were_changed_are_taken_as_they_are_now():
    taken = take_from_text(lines("a", 2, 3, "two\nthree"), "one\nTWO\nthree\n", "")
    assert (taken.text, taken.first_line) == ("TWO\nthree", 2)


def test_lines_that_stand_in_two_places_are_not_guessed_at():
    taken = take_from_text(lines("a", 1, 1, "two"), "new\ntwo\ntwo\n", "")
    assert (taken.text, taken.first_line) == ("new", 1)


def test_part_of_another_line_is_not_the_line_that_is_looked_for():
    taken = take_from_text(lines("a", 1, 1, "two"), "new\ntwofold\nnot two\n", "")
    assert (taken.text, taken.first_line) == ("new", 1)


def test_lines_that_are_no_more_are_said_to_be():
    with pytest.raises(AppError) as error:
        take_from_text(lines("/x/a.py", 8, 9), TEXT, "/x")
    assert error.value.title == "a.py has no line 9 any more"
    assert "5 lines" in error.value.message


def test_so_many_lines_that_they_are_too_much_are_cut():
    taken = take_from_text(lines("a", 1, 90_000), "abcdefgh\n" * 90_000, "")
    assert taken.is_cut
    assert len(taken.text) <= MAX_TAKEN


def test_characters_that_cannot_be_written_down_are_replaced():
    assert take_from_text(file("a"), "x\ud800y", "").text == "x?y"


# --- folders ----------------------------------------------------------------------------------------------------


def folder(path):
    return ReferencePart(path=str(path), target="folder")


def test_of_a_folder_the_names_of_its_files_are_taken_those_ignored_left_out(tmp_path):
    for name in ("src/a.py", "src/b/c.py", "src/out/x.o", ".git/config", "d.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / ".gitignore").write_text("out/\n")
    taken = take_reference(folder(tmp_path / "src"), str(tmp_path))
    assert (taken.path, taken.is_cut) == ("src", False)
    assert sorted(taken.text.split("\n")) == ["a.py", "b/c.py"]
    whole = take_reference(folder(tmp_path), str(tmp_path))
    assert sorted(whole.text.split("\n")) == [".gitignore", "d.md", "src/a.py", "src/b/c.py"]


def test_a_folder_outside_of_the_open_one_can_be_pointed_at(tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a").write_text("")
    taken = take_reference(folder(tmp_path / "other"), str(tmp_path / "open"))
    assert (taken.path, taken.text) == (str(tmp_path / "other"), "a")


def test_of_a_large_folder_the_first_names_are_taken(tmp_path):
    for number in range(MAX_FOLDER_FILES + 5):
        (tmp_path / f"{number:05}").touch()
    taken = take_reference(folder(tmp_path), "")
    assert taken.is_cut
    assert len(taken.text.split("\n")) == MAX_FOLDER_FILES


def test_an_empty_folder_says_so(tmp_path):
    assert take_reference(folder(tmp_path), "").text == NO_FILES


def test_a_folder_that_is_gone_is_said_to_be(tmp_path):
    with pytest.raises(AppError):
        take_reference(folder(tmp_path / "gone"), str(tmp_path))


# --- names ------------------------------------------------------------------------------------------------------


def test_a_name_below_the_folder_leads_back_to_the_whole_path(tmp_path):
    path = str(tmp_path / "src" / "a.py")
    assert named_below(path, str(tmp_path)) == "src/a.py"
    assert absolute_path("src/a.py", str(tmp_path)) == path
    assert named_below(path, "") == absolute_path(path, str(tmp_path)) == path
    assert named_below("", str(tmp_path)) == absolute_path("", str(tmp_path)) == ""
