"""Reading and writing text files: whatever their bytes, they come out as they went in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.files.encodings import ENCODINGS, MARKS, decode, encoding_name
from app.files.errors import CannotEncodeError
from app.files.indents import detect_indent
from app.files.text_file import TextFormat, new_text_file, read_text_file, save_text_file

SAMPLES = {
    "Western": "# Häuser für das Café, naïve\nprint('élève')\n",
    "Central European": "# Zażółć gęślą jaźń\nprint('Łódź, žluťoučký')\n",
    "Baltic": "# Ąžuolas, šešėlis\n",
    "Cyrillic": "# Привет, мир: это проверка\nprint('да')\n",
    "Greek": "# Καλημέρα κόσμε, αυτό είναι\n",
    "Turkish": "# Türkçe şğıİ karakterler\n",
    "Hebrew": "# שלום עולם זה מבחן\n",
    "Arabic": "# مرحبا بالعالم هذا\n",
    "Vietnamese": "# Tôi đang ăn\n",
    "Thai": "# สวัสดีชาวโลก\n",
    "Chinese": "# 你好世界\nprint('中文文本')\n",
    "Japanese": "# こんにちは世界\nprint('日本語のテキスト')\n",
    "Korean": "# 안녕하세요 세계\nprint('한국어')\n",
}
ENDINGS = {
    "lf": ["\n"],
    "crlf": ["\r\n"],
    "cr": ["\r"],
    "mixed": ["\n", "\r\n", "\r"],
    "mostly crlf": ["\r\n", "\r\n", "\n"],
}


def sample(encoding: str) -> str:
    """Return a text that an encoding can write."""
    text = SAMPLES.get(ENCODINGS[encoding].partition(" (")[0], "".join(SAMPLES.values()))
    return text.encode(encoding, "ignore").decode(encoding)


def with_line_ends(text: str, ends: list[str]) -> str:
    lines = (text * 3).split("\n")
    return "".join(line + ends[number % len(ends)] for number, line in enumerate(lines[:-1])) + "the end"


@pytest.mark.parametrize("ends", ENDINGS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_opened_and_saved_unchanged_a_file_keeps_every_byte(tmp_path: Path, encoding: str, ends: str):
    path = tmp_path / "file.py"
    text = with_line_ends(sample(encoding), ENDINGS[ends])
    for mark in {b"", MARKS.get(encoding, b"")}:
        data = mark + text.encode(encoding)
        path.write_bytes(data)
        file = read_text_file(str(path))
        save_text_file(file, file.text)
        assert path.read_bytes() == data
        chosen = read_text_file(str(path), encoding)
        assert chosen.text == text.replace("\r\n", "\n").replace("\r", "\n")
        save_text_file(chosen, chosen.text)
        assert path.read_bytes() == data


@given(st.binary(max_size=300))
def test_any_bytes_that_are_text_come_out_as_they_went_in(data: bytes):
    decoded = decode(data)
    if decoded is not None:
        mark = MARKS[decoded.encoding] if decoded.has_bom else b""
        assert mark + decoded.text.encode(decoded.encoding) == data


@settings(max_examples=60)
@given(st.text(alphabet="ab\n\r\x0b\x0c\x85\u2028\u2029é\U0001f600\ufeff", max_size=60))
def test_any_text_comes_out_as_it_went_in(tmp_path_factory: pytest.TempPathFactory, text: str):
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(text.encode())
    file = read_text_file(str(path))
    assert file.text.count("\n") == sum(text.count(end) for end in "\r\n") - text.count("\r\n")
    save_text_file(file, file.text)
    assert path.read_bytes() == text.encode()


@settings(max_examples=60)
@given(before=st.text(alphabet="ab\n\r", max_size=40), after=st.text(alphabet="ab\n", max_size=40))
def test_what_was_saved_is_what_is_read_again(tmp_path_factory: pytest.TempPathFactory, before: str, after: str):
    path = tmp_path_factory.mktemp("again") / "file"
    path.write_bytes(before.encode())
    saved = save_text_file(read_text_file(str(path)), after)
    read = read_text_file(str(path))
    assert read.text == saved.text == after
    assert read.endings == saved.endings
    assert read.stamp == saved.stamp


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"# -*- coding: koi8-r -*-\nx = '\xf0\xd2\xc9'\n", "koi8-r"),
        (b"<?xml version='1.0' encoding='iso-8859-2'?><a>\xb1\xe6</a>", "iso8859-2"),
        (b"<html><head><meta charset=windows-1251></head>\xcf\xf0\xe8", "cp1251"),
        (b"x = 'caf\xe9'\n", "cp1252"),
        ("# é ů ř\n".encode(), "utf-8"),
        ("# Привет, мир\nprint('да')\n".encode("cp1251"), "cp1251"),
        ("日本語のテキスト、テスト".encode("iso2022_jp"), "iso2022_jp"),
        ("plain\nwords\n".encode("utf-16-le"), "utf-16-le"),
        ("日本\n語".encode("utf-16-be"), "utf-16-be"),
        (b"# coding: utf-7\n\xe9", "cp1252"),
        (b"", "utf-8"),
    ],
)
def test_the_encoding_is_found(data: bytes, encoding: str):
    decoded = decode(data)
    assert decoded is not None
    assert decoded.encoding == encoding


def test_every_encoding_is_known_by_its_name_and_by_others():
    assert [encoding_name(name) for name in ENCODINGS] == list(ENCODINGS)
    assert encoding_name("UTF8") == encoding_name("us-ascii") == "utf-8"
    assert encoding_name("ISO-8859-1") == "latin-1"
    assert not encoding_name("unicode_escape")


def test_other_line_separators_are_characters(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes("a\x0bb\x0cc\x85d\u2028e\u2029f\n".encode())
    file = read_text_file(str(path))
    assert file.text == "a\x0bb\x0cc\x85d\u2028e\u2029f\n"
    assert not file.format.is_mixed


def test_lines_that_were_not_changed_keep_their_own_ending(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"one\r\ntwo\nthree\rfour\r\nfive")
    file = read_text_file(str(path))
    assert (file.format.line_ending, file.format.is_mixed) == ("\r\n", True)
    saved = save_text_file(file, "zero\none\nTWO\nthree\nfour\nfive")
    assert path.read_bytes() == b"zero\r\none\r\nTWO\nthree\rfour\r\nfive"
    save_text_file(saved, saved.text, new_format=TextFormat(line_ending="\n"))
    assert path.read_bytes() == b"zero\none\nTWO\nthree\nfour\nfive"


def test_another_encoding_and_mark_are_written_on_request(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"caf\xe9\n")
    saved = save_text_file(
        read_text_file(str(path)), "café\n", new_format=TextFormat(encoding="utf-16-le", has_bom=True)
    )
    assert path.read_bytes() == b"\xff\xfe" + "café\n".encode("utf-16-le")
    assert read_text_file(str(path)) == saved


def test_a_character_that_the_encoding_lacks_is_named_and_nothing_is_written(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"caf\xe9\r\nx\r\n")
    with pytest.raises(CannotEncodeError) as caught:
        save_text_file(read_text_file(str(path)), "café\nto → x\n")
    assert "Line 2, column 4 has → (U+2192)" in caught.value.message
    assert "UTF-8" in caught.value.hint
    assert path.read_bytes() == b"caf\xe9\r\nx\r\n"


def test_half_a_character_is_told(tmp_path: Path):
    file = new_text_file(str(tmp_path / "file"))
    with pytest.raises(CannotEncodeError, match=r"column 2 has U\+D83D"):
        save_text_file(file, "a\ud83d")


def test_a_text_that_would_be_read_back_as_another_is_not_written(tmp_path: Path):
    file = new_text_file(str(tmp_path / "file"), "x", TextFormat(encoding="shift_jis"))
    with pytest.raises(CannotEncodeError, match="column 1"):
        save_text_file(file, "¥")  # which this codec writes as a backslash


@pytest.mark.parametrize(
    ("text", "uses_tabs", "width"),
    [
        ("if a:\n  b\n  if c:\n    d\n", False, 2),
        ("def f(\n        a,\n        b):\n    if a:\n        b\n    c\n    d\n", False, 4),
        ("f:\n\tx\n\ty\n  z\n", True, 4),
        ("/*\n * a\n * b\n */\nf {\n    x\n}\n", False, 4),
        ("plain\nwords\n", False, 4),
        ("", False, 4),
        ("a\n   b\n   c\n      d\n", False, 3),
    ],
)
def test_the_indentation_is_found(text: str, uses_tabs: bool, width: int):
    indent = detect_indent(text)
    assert (indent.uses_tabs, indent.width) == (uses_tabs, width)
