"""The encodings that are offered for a file, and what they are called. Pure."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from app.files.text_file import LineEnding, TextFormat


class Encoding(NamedTuple):
    """A codec of Python's, with or without a byte order mark, and its name for people."""

    codec: str
    has_bom: bool
    words: str


ENCODINGS = (
    Encoding("utf-8", False, "UTF-8"),
    Encoding("utf-8", True, "UTF-8 with BOM"),
    Encoding("utf-16-le", True, "UTF-16 LE with BOM"),
    Encoding("utf-16-be", True, "UTF-16 BE with BOM"),
    Encoding("cp1252", False, "Western (Windows 1252)"),
    Encoding("iso8859-1", False, "Western (ISO 8859-1)"),
    Encoding("iso8859-15", False, "Western (ISO 8859-15)"),
    Encoding("cp1250", False, "Central European (Windows 1250)"),
    Encoding("cp1251", False, "Cyrillic (Windows 1251)"),
    Encoding("koi8-r", False, "Cyrillic (KOI8-R)"),
    Encoding("cp1253", False, "Greek (Windows 1253)"),
    Encoding("cp1254", False, "Turkish (Windows 1254)"),
    Encoding("cp1255", False, "Hebrew (Windows 1255)"),
    Encoding("cp1256", False, "Arabic (Windows 1256)"),
    Encoding("shift_jis", False, "Japanese (Shift JIS)"),
    Encoding("euc_jp", False, "Japanese (EUC-JP)"),
    Encoding("gb18030", False, "Chinese (GB 18030)"),
    Encoding("big5", False, "Chinese (Big5)"),
    Encoding("euc_kr", False, "Korean (EUC-KR)"),
)
_SHORT = {"utf-8": "UTF-8", "utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE", "utf-32-le": "UTF-32 LE"}
_SHORT |= {"utf-32-be": "UTF-32 BE", "ascii": "ASCII", "koi8-r": "KOI8-R", "shift_jis": "Shift JIS"}
_SHORT |= {"gb18030": "GB 18030", "euc_jp": "EUC-JP", "euc_kr": "EUC-KR", "big5": "Big5"}
ENDING_WORDS: dict[LineEnding, str] = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}


def encoding_words(form: TextFormat) -> str:
    """Return what a file's encoding is called, in few letters."""
    try:
        name = codecs.lookup(form.encoding).name
    except LookupError:
        name = form.encoding
    words = _SHORT.get(name)
    if words is None:
        words = name.replace("cp125", "Windows 125").replace("iso8859-", "ISO 8859-")
    return f"{words} BOM" if form.has_bom else words


def ending_words(form: TextFormat) -> str:
    """Return what a file's line endings are called."""
    words = ENDING_WORDS[form.line_ending]
    return f"{words} (mixed)" if form.is_mixed else words
