"""The encodings that are offered for a file, and in few letters what a file is written in. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from app.files.encodings import ENCODINGS, MARKS, encoding_label
from app.files.text_file import LineEnding, TextFormat

_IN_BRACKETS = re.compile(r".*\((?:.*, )?(.*)\)")
ENDING_WORDS: dict[LineEnding, str] = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}


class Encoding(NamedTuple):
    """A codec of Python's, with or without a byte order mark, and its name for people."""

    codec: str
    has_bom: bool
    words: str


def offered_encodings() -> list[Encoding]:
    """Return what a file can be written in."""
    offered = []
    for codec in ENCODINGS:
        if not codec.startswith(("utf-16", "utf-32")):  # without a mark nobody would know them again
            offered.append(Encoding(codec, False, encoding_label(codec)))
        if codec in MARKS:
            offered.append(Encoding(codec, True, encoding_label(codec, True)))
    return offered


def encoding_words(form: TextFormat) -> str:
    """Return what a file's encoding is called, without the languages it is for."""
    label = encoding_label(form.encoding)
    match = _IN_BRACKETS.fullmatch(label)
    words = match[1] if match else label
    return f"{words} BOM" if form.has_bom else words


def ending_words(form: TextFormat) -> str:
    """Return what a file's line endings are called."""
    words = ENDING_WORDS[form.line_ending]
    return f"{words} (mixed)" if form.is_mixed else words
