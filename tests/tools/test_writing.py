"""Writing and editing files: what changes, what is kept, and what a model is told when it cannot be done."""

from __future__ import annotations

import codecs

import pytest

from app.tools import edit_file, write_file
from app.tools.context import ToolError
from app.tools.tool import ToolResult
from app.tools.views import MAX_VIEW_CHARACTERS
from tests.tools.harness import Bench


def write(bench: Bench, path: str, content: str) -> ToolResult:
    return bench.run(write_file.run, path=path, content=content)


def edit(bench: Bench, old: str, new: str, **arguments: object) -> ToolResult:
    return bench.run(edit_file.run, path="a", old_text=old, new_text=new, **arguments)


def test_a_new_file_is_made_with_its_folders_and_kept_first(bench: Bench) -> None:
    result = write(bench, "x/y/a.py", "one\ntwo\n")
    assert bench.bytes("x/y/a.py") == b"one\ntwo\n"
    assert result.content == "Created x/y/a.py: 2 lines, 8 B."
    assert (result.view.before, result.view.after, result.step) == (None, "one\ntwo\n", "step")
    assert bench.recorder.paths == ["x/y/a.py"]


def test_a_replaced_file_keeps_its_line_endings_mark_and_encoding(bench: Bench) -> None:
    bench.put({"a": codecs.BOM_UTF8 + b"one\r\n", "b": "é\n".encode("latin-1")})
    assert "with the CRLF line endings and encoding it had" in write(bench, "a", "two\nthree\n").content
    assert bench.bytes("a") == codecs.BOM_UTF8 + b"two\r\nthree\r\n"
    write(bench, "b", "ü\n")
    assert bench.bytes("b") == b"\xfc\n"
    write(bench, "b", "日本\n")
    assert bench.bytes("b") == "日本\n".encode()


def test_what_is_there_already_is_not_written_again(bench: Bench) -> None:
    bench.put({"a": "x"})
    assert write(bench, "a", "x").step == ""
    assert bench.recorder.paths == []


@pytest.mark.parametrize("path", [".git/config", "../a", "d", ".mcp.json", "d/../.vscode/x", "~/x"])
def test_a_refused_file_is_not_touched(bench: Bench, path: str) -> None:
    bench.put({"d/x": ""})
    with pytest.raises(ToolError):
        write(bench, path, "x")
    assert bench.recorder.paths == []


def test_text_that_is_none_is_refused(bench: Bench) -> None:
    with pytest.raises(ToolError, match=r"lone surrogate \(U\+D800\)"):
        write(bench, "a", "\ud800")


def test_one_occurrence_is_replaced(bench: Bench) -> None:
    bench.put({"a": "one\ntwo\nthree\n"})
    result = edit(bench, "two\n", "2\n2b\n")
    assert bench.bytes("a") == b"one\n2\n2b\nthree\n"
    assert result.content == "Replaced 1 occurrence in a, line 2."
    assert (result.view.before, result.view.after) == ("one\ntwo\nthree\n", "one\n2\n2b\nthree\n")


def test_several_occurrences_are_named_or_all_replaced(bench: Bench) -> None:
    bench.put({"a": "x\ny\nx\n" * 10})
    with pytest.raises(ToolError, match=r"occurs 20 times in a, lines 1, 3, 4, 6, .* and more"):
        edit(bench, "x", "z")
    assert "Replaced 20 occurrences" in edit(bench, "x", "z", replace_all=True).content
    assert bench.bytes("a") == b"z\ny\nz\n" * 10


@pytest.mark.parametrize(
    ("data", "old", "new", "expected"),
    [
        (b"a\r\nb\r\nc\r\n", "a\nb", "1\n2", b"1\r\n2\r\nc\r\n"),
        (b"a\r\nb\r\nc\r\n", "a\r\nb", "1\r\n2", b"1\r\n2\r\nc\r\n"),
        (b"a\r\nb\nc\n", "a\nb\nc", "1\n2\n3", b"1\r\n2\r\n3\n"),
        (b"a\r\nb\nc\n", "b\nc", "2\n3", b"a\r\n2\n3\n"),
        (b"a\nb\n", "a\r\nb", "1\r\n2", b"1\n2\n"),
        (b"a\r\nb\r\nb", "b\n", "2\n2\n", b"a\r\n2\r\n2\r\nb"),
        (b"a\r\nb", "\n", "\n\n", b"a\r\n\r\nb"),
        (codecs.BOM_UTF8 + b"a\n", "a", "b", codecs.BOM_UTF8 + b"b\n"),
        ("a é\n".encode("utf-16"), "é", "ü", "a ü\n".encode("utf-16")),
        (b"\xe9 a\n\x80", "a", "\xfc", b"\xe9 \xfc\n\x80"),
        (b"a\rb\rc", "b", "2", b"a\r2\rc"),
        (b"no end", "no end", "", b""),
    ],
)
def test_line_endings_marks_and_encodings_stay(bench: Bench, data: bytes, old: str, new: str, expected: bytes) -> None:
    bench.put({"a": data})
    edit(bench, old, new)
    assert bench.bytes("a") == expected


@pytest.mark.parametrize(
    ("text", "old", "words"),
    [
        ("def f():\n    return 1\n", "def f():\n  return 1\n", "line 2 is indented by 4 spaces, yours by 2 spaces"),
        ("if x:\n\treturn 1\n", "if x:\n    return 1", "indented by 1 tab, yours by 4 spaces"),
        ("a = 1  \nb = 2\n", "a = 1\nb = 2", "line 1 ends in white space"),
        ("a = 1\nb = 2\n", "a = 1 \nb = 2", "your line 1 ends in white space"),
        ("one\ntwo\n", "1\tone\n2\ttwo", "hold line numbers, which are not part of the file"),
        ("Hello World\n", "hello world", "line 1 with other upper and lower case"),
        ("import os\ndef compute(value):\n    pass\n", "def compute(values):", "2\tdef compute(value):"),
        ("one\n", "something else entirely", "Nothing in the file is like it"),
        ("", "x", "Nothing in the file is like it"),
    ],
)
def test_a_text_that_is_not_there_says_what_is(bench: Bench, text: str, old: str, words: str) -> None:
    bench.put({"a": text})
    with pytest.raises(ToolError) as caught:
        edit(bench, old, "new")
    assert words in str(caught.value)
    assert bench.bytes("a") == text.encode()


@pytest.mark.parametrize(
    ("data", "old", "new", "words"),
    [
        (b"a", "", "x", "old_text is empty"),
        (b"a", "a", "a", "nothing would change"),
        (b"a\nb", "a\nb", "a\r\nb", "Apart from line endings"),
        (b"a\0b", "a", "x", "binary"),
        (b"\xe9", "\xe9", "日", "Latin-1, which has no '"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused(bench: Bench, data: bytes, old: str, new: str, words: str) -> None:
    bench.put({"a": data})
    with pytest.raises(ToolError, match=words):
        edit(bench, old, new)
    assert bench.bytes("a") == data


def test_a_file_that_is_not_there_cannot_be_edited(bench: Bench) -> None:
    with pytest.raises(ToolError, match="There is no file a"):
        edit(bench, "a", "b")


def test_a_long_text_shows_the_part_that_changed(bench: Bench) -> None:
    lines = [f"line {number}\n" for number in range(60_000)]
    bench.put({"a": "".join(lines)})
    view = edit(bench, "line 50000\n", "changed\n").view
    assert view.is_cut
    assert len(view.before) + len(view.after) <= MAX_VIEW_CHARACTERS
    assert view.before.splitlines()[50_000 - view.first_line + 1] == "line 50000"
    assert view.after.splitlines()[50_000 - view.first_line + 1] == "changed"
