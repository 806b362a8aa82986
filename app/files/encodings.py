"""Which encoding a file's bytes are in. Pure.

What is chosen always gives the very bytes again when the text is written back unchanged; Latin-1, the last choice, has
a character for every byte.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

#: Bytes in which a NUL means that the file is binary, as for git and grep.
SNIFFED_BYTES = 8192
#: Byte order marks, the longer first, for UTF-32's begins with UTF-16's.
MARKS: Mapping[str, bytes] = {
    "utf-8": codecs.BOM_UTF8,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}
#: Encodings that people's files have, as Python names them, and how people call them.
ENCODINGS: Mapping[str, str] = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32-le": "UTF-32 LE",
    "utf-32-be": "UTF-32 BE",
    "cp1252": "Western (Windows-1252)",
    "latin-1": "Western (ISO 8859-1)",
    "iso8859-15": "Western (ISO 8859-15)",
    "mac-roman": "Western (Mac Roman)",
    "cp437": "Western (DOS, CP437)",
    "cp850": "Western (DOS, CP850)",
    "cp1250": "Central European (Windows-1250)",
    "iso8859-2": "Central European (ISO 8859-2)",
    "cp852": "Central European (DOS, CP852)",
    "cp1257": "Baltic (Windows-1257)",
    "iso8859-13": "Baltic (ISO 8859-13)",
    "cp1251": "Cyrillic (Windows-1251)",
    "koi8-r": "Cyrillic (KOI8-R)",
    "koi8-u": "Cyrillic (KOI8-U)",
    "iso8859-5": "Cyrillic (ISO 8859-5)",
    "cp866": "Cyrillic (DOS, CP866)",
    "cp1253": "Greek (Windows-1253)",
    "iso8859-7": "Greek (ISO 8859-7)",
    "cp1254": "Turkish (Windows-1254)",
    "iso8859-9": "Turkish (ISO 8859-9)",
    "cp1255": "Hebrew (Windows-1255)",
    "iso8859-8": "Hebrew (ISO 8859-8)",
    "cp1256": "Arabic (Windows-1256)",
    "iso8859-6": "Arabic (ISO 8859-6)",
    "cp1258": "Vietnamese (Windows-1258)",
    "cp874": "Thai (Windows-874)",
    "gb18030": "Chinese (GB 18030)",
    "gbk": "Chinese (GBK)",
    "big5": "Chinese (Big5)",
    "cp950": "Chinese (CP950)",
    "cp932": "Japanese (Shift JIS)",
    "shift_jis": "Japanese (Shift JIS, JIS X 0208)",
    "euc_jp": "Japanese (EUC-JP)",
    "iso2022_jp": "Japanese (ISO-2022-JP)",
    "cp949": "Korean (CP949)",
    "euc_kr": "Korean (EUC-KR)",
}
#: Those a guess may name: of encodings that differ little, the more usual one.
_GUESSED = [
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r", "cp866"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
]
_LATIN = frozenset({"cp1250", "cp1252", "cp1254", "cp1257"})
_WORDS = re.compile(rb"[A-Za-z\x80-\xff]{2,}")
_OTHER_WORD = re.compile(rb"[\x80-\xff]+")
#: Bytes a guess is made from.
_GUESSED_BYTES = 65_536
#: Declarations of an encoding: Python's and Emacs' (PEP 263), those of XML, HTML and CSS.
_DECLARATIONS = (
    re.compile(rb"\A(?:[^\r\n]*(?:\r\n|[\r\n]))?[ \t\f]*(?:#|;|//|/\*|--|%|\.\.)[^\r\n]*?coding[:=][ \t]*([-\w.]+)"),
    re.compile(rb"\A\s*<\?xml[^>]*?encoding\s*=\s*[\"']([-\w.]+)"),
    re.compile(rb"\A\s*<[\s\S]*?<meta\s[^>]*?charset\s*=\s*[\"']?\s*([-\w.]+)", re.IGNORECASE),
    re.compile(rb"\A@charset \"([-\w.]+)\";"),
)
_DECLARED_BYTES = 1024
_HIGH_RUN = re.compile(r"[^\x00-\x7f]+")
#: Letters with accents that follow one another in words of Western Europe.
_MOST_ACCENTS = 2
#: An apostrophe, a soft hyphen, the dot of Catalan and a dash.
_WITHIN_WORDS = "\u2019\u00ad\u00b7\u2013\u2014"
_JIS_ESCAPE = b"\x1b$"


class Decoded(NamedTuple):
    """Bytes as text; line endings are as they were."""

    text: str
    encoding: str
    has_bom: bool = False


def encoding_name(name: str) -> str:
    """Return how ``ENCODINGS`` names an encoding; empty if it is none of them."""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
    known = {codecs.lookup(one).name: one for one in ENCODINGS}
    return known.get(found) or {"ascii": "utf-8", "utf-8-sig": "utf-8", "utf-16": "utf-16-le", "gb2312": "gbk"}.get(
        found, ""
    )


def encoding_label(encoding: str, has_bom: bool = False) -> str:
    """Return an encoding as people call it."""
    label = ENCODINGS.get(encoding, encoding)
    return f"{label} with BOM" if has_bom else label


def decode(data: bytes) -> Decoded | None:
    """Return bytes as text in the encoding they most likely have; None for what is binary."""
    for encoding, mark in MARKS.items():
        if data.startswith(mark) and (text := _exactly(data[len(mark) :], encoding)) is not None:
            return None if "\0" in text[:SNIFFED_BYTES] else Decoded(text, encoding, has_bom=True)
    if b"\0" in data[:SNIFFED_BYTES]:
        return _without_mark(data)
    if _JIS_ESCAPE in data and (text := _exactly(data, "iso2022_jp")) is not None:
        return Decoded(text, "iso2022_jp")
    for candidate in (lambda _: "utf-8", _declared, _western, _guess, lambda _: "cp1252"):
        encoding = candidate(data)
        if encoding and (text := _exactly(data, encoding)) is not None:
            return Decoded(text, encoding)
    return Decoded(data.decode("latin-1"), "latin-1")


def decode_as(data: bytes, encoding: str) -> Decoded | None:
    """Return bytes as text in an encoding that a person chose; None if they would not come out the same again."""
    mark = MARKS.get(encoding, b"")
    has_bom = bool(mark) and data.startswith(mark)
    text = _exactly(data[len(mark) :] if has_bom else data, encoding)
    return None if text is None else Decoded(text, encoding, has_bom)


def _exactly(data: bytes, encoding: str) -> str | None:
    """Return the text, if it gives these bytes again."""
    try:
        text = data.decode(encoding)
        # UTF-8 is the one encoding in which strict reading cannot lose anything.
        return text if encoding == "utf-8" or text.encode(encoding) == data else None
    except (UnicodeError, LookupError, ValueError):
        return None


def _without_mark(data: bytes) -> Decoded | None:
    """Return bytes with NULs as UTF-32 or UTF-16 if they make sense as that; else they are binary."""
    found: list[tuple[int, Decoded]] = []
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        text = _exactly(data, encoding)
        if text and all(_is_of_a_text(character) for character in text[:SNIFFED_BYTES]):
            usual = sum(character.isascii() for character in text[:SNIFFED_BYTES])
            found.append((usual, Decoded(text, encoding)))
    usual, decoded = max(found, key=lambda pair: pair[0], default=(0, None))
    return decoded if usual else None


def _is_of_a_text(character: str) -> bool:
    return character in "\t\n\r\f\x1b" or unicodedata.category(character) not in {"Cc", "Cn", "Co", "Cs"}


def _declared(data: bytes) -> str:
    head = data[:_DECLARED_BYTES]
    for declaration in _DECLARATIONS:
        if match := declaration.search(head):
            return encoding_name(match[1].decode("ascii", "replace"))
    return ""


def _sample(data: bytes) -> bytes:
    """Return whole lines that are not plain ASCII; only they tell an encoding from another."""
    picked: list[bytes] = []
    room = _GUESSED_BYTES
    for line in data[: 64 * _GUESSED_BYTES].splitlines(keepends=True):
        if not line.isascii():
            picked.append(line[:room])
            room -= len(line)
            if room <= 0:
                break
    return b"".join(picked) or data[:_GUESSED_BYTES]


def _western(data: bytes) -> str:
    """Return "cp1252" if the bytes read as Western European words: single accents, and marks beside words.

    A guess by statistics needs more of a text than the few accents in most source files.
    """
    try:
        sample = f" {_sample(data).decode('cp1252')} "
    except UnicodeDecodeError:
        return ""
    for run in _HIGH_RUN.finditer(sample):
        if sum(one.isalpha() for one in run[0]) > _MOST_ACCENTS:
            return ""
        for place in range(run.start(), run.end()):
            is_in_word = sample[place - 1].isalpha() and sample[place + 1].isalpha()
            if is_in_word and not sample[place].isalpha() and sample[place] not in _WITHIN_WORDS:
                return ""
    return "cp1252"


def _guess(data: bytes) -> str:
    import charset_normalizer  # noqa: PLC0415 - 30 ms, for files that are no UTF-8

    sample = _sample(data)
    words = _WORDS.findall(sample)
    accented = [word for word in words if not word.isascii()]
    # Words of other alphabets have no letter from A to Z; words of Latin ones have some.
    is_latin = sum(_OTHER_WORD.fullmatch(word) is not None for word in accented) * 2 < len(accented)
    # The threshold is for prose; code, with its brackets, counts as messy sooner.
    for match in charset_normalizer.from_bytes(sample, cp_isolation=_GUESSED, threshold=0.5):
        name = encoding_name(match.encoding)
        if is_latin or name not in _LATIN:
            return name
    return ""
