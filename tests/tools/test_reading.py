"""Reading files: pages, encodings, what is no text, and outputs."""

from __future__ import annotations

import codecs
import os

import pytest

from app.tools import read_file
from app.tools.context import MAX_RESULT_CHARACTERS, ToolError
from tests.tools.harness import Bench


def read(bench: Bench, path: str, **arguments: object) -> str:
    return bench.run(read_file.run, path=path, **arguments).content


def test_lines_come_with_their_numbers(bench: Bench) -> None:
    bench.put({"src/a.py": "import os\r\n\r\nprint()"})
    result = bench.run(read_file.run, path="src/../src/a.py")
    assert result.content == "1\timport os\n2\t\n3\tprint()"
    assert (result.view.path, result.view.text, result.view.total_lines) == ("src/a.py", "import os\n\nprint()", 3)


def test_a_long_file_says_how_to_go_on(bench: Bench) -> None:
    bench.put({"a": "".join(f"line {number}\n" for number in range(1, 12_346))})
    first = read(bench, "a", limit=400)
    assert first.endswith("400\tline 400\n(lines 1-400 of 12,345; continue with offset 401)")
    assert read(bench, "a", offset=401, limit=1).startswith("401\tline 401\n")
    last = bench.run(read_file.run, path="a", offset=12_345)
    assert last.content == "12345\tline 12345\n(lines 12,345-12,345 of 12,345, the end)"
    assert last.view.first_line == 12_345
    with pytest.raises(ToolError, match="12,345 lines; offset 12,346 is past its end"):
        read(bench, "a", offset=12_346)


def test_pages_fit_what_a_model_is_given_and_miss_no_line(bench: Bench) -> None:
    bench.put({"a": "".join(f"{number} {'x' * (number % 900)}\n" for number in range(1, 2_001))})
    offset, seen = 1, 0
    while offset:
        content = read(bench, "a", offset=offset, limit=5000)
        assert len(content) <= MAX_RESULT_CHARACTERS
        seen += sum("\t" in line for line in content.splitlines())
        _, found, rest = content.rpartition("continue with offset ")
        offset = int(rest.rstrip(")")) if found else 0
    assert seen == 2_000


def test_a_very_long_line_is_cut_and_says_so(bench: Bench) -> None:
    bench.put({"a": "x" * 5_000_000})
    assert read(bench, "a").endswith("x… (4,998,000 more characters)")


@pytest.mark.parametrize(
    ("data", "note"),
    [
        ("é\nü".encode(), ""),
        (codecs.BOM_UTF8 + "é\nü".encode(), ""),
        ("é\nü".encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF16_BE + "é\nü".encode("utf-16-be"), "UTF-16"),
        ("é\nü".encode("utf-32"), "UTF-32"),
        ("é\nü".encode("latin-1"), "not UTF-8; read as Latin-1"),
    ],
)
def test_the_encoding_is_found_and_said(bench: Bench, data: bytes, note: str) -> None:
    bench.put({"a": data})
    assert read(bench, "a") == "1\té\n2\tü" + (f"\n({note})" if note else "")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "a PNG image, 10 B"),
        (b"ab\0cd" * 1000, "of unknown type, 5.0 kB"),
        (codecs.BOM_UTF8 + b"a\0b", "of unknown type, 6 B"),
    ],
)
def test_what_is_binary_is_not_shown(bench: Bench, data: bytes, words: str) -> None:
    bench.put({"a": data})
    assert read(bench, "a") == f"a is binary: {words}. Its bytes are not shown."


def test_an_empty_file_is_called_so(bench: Bench) -> None:
    bench.put({"a": ""})
    assert read(bench, "a") == "a is empty."


@pytest.mark.parametrize(
    ("path", "words"),
    [("missing", "There is no file missing"), (".", "is a folder. Use list_dir"), ("fifo", "a FIFO, not a file")],
)
def test_what_cannot_be_read_says_why(bench: Bench, path: str, words: str) -> None:
    os.mkfifo(bench.root / "fifo")
    with pytest.raises(ToolError, match=words):
        read(bench, path)


def test_a_file_too_large_is_refused(bench: Bench) -> None:
    with (bench.root / "big").open("wb") as file:
        file.truncate(65 * 2**20)
    with pytest.raises(ToolError, match=r"larger than 64 MiB\. Use search"):
        read(bench, "big")


def test_a_name_that_is_no_text_is_shown_and_understood(bench: Bench) -> None:
    (bench.root / "caf\udce9").write_text("x")
    assert bench.run(read_file.run, path=r"caf\xe9").view.path == r"caf\xe9"


def test_long_outputs_are_paged_through(bench: Bench) -> None:
    (bench.outputs / "call-1.txt").write_text("a\nb\n")
    assert read(bench, "output:call-1.txt", offset=2) == "2\tb\n(lines 2-2 of 2, the end)"


@pytest.mark.parametrize(
    "name", ["", "missing", "../ws/a", "/etc/passwd", "..", ".", ".hidden", "link", "a\0b", "\ud800", "fifo"]
)
def test_nothing_but_outputs_is_read_as_one(bench: Bench, name: str) -> None:
    bench.put({"a": "x"})
    (bench.outputs / "link").symlink_to(bench.root / "a")
    os.mkfifo(bench.outputs / "fifo")
    (bench.outputs / ".hidden").write_text("x")
    with pytest.raises(ToolError):
        read(bench, f"output:{name}")
