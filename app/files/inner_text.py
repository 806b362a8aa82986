"""A file's text as a text document of Qt can hold it, and back without loss. Pure.

Such a document ends a line at a paragraph separator, at a carriage return and at two characters it uses for frames
(QTextCursor::insertText), and counts in UTF-16. Files that contain those characters must come out as they went in.
"""

from __future__ import annotations

from bisect import bisect_left

#: Characters that would become line ends -> noncharacters of Unicode, which no text is to contain.
_STAND_INS = {"\u2029": "\ufde0", "\ufdd0": "\ufde1", "\ufdd1": "\ufde2", "\r": "\ufde3"}
_TO_INNER = str.maketrans(_STAND_INS)
_FROM_INNER = str.maketrans({inner: outer for outer, inner in _STAND_INS.items()})


def can_hold(text: str) -> bool:
    """Tell whether a text comes out of the editor as it went in: it contains no stand-in itself."""
    return text.isascii() or not any(stand_in in text for stand_in in _STAND_INS.values())


def to_inner(text: str) -> str:
    """Return a text, whose lines end with line feeds, with stand-ins for what would break a line."""
    return text if text.isascii() and "\r" not in text else text.translate(_TO_INNER)


def inner_text_of(raw: str) -> str:
    """Return a document's raw text (QTextDocument.toRawText) with line feeds between its lines."""
    return raw.replace("\u2029", "\n")


def from_inner(text: str) -> str:
    """Return the text that ``to_inner`` was given."""
    return text if text.isascii() else text.translate(_FROM_INNER)


def outer_character(character: str) -> str:
    """Return the character that stands in the file for one in the editor."""
    return character.translate(_FROM_INNER)


def utf16_shadow(text: str) -> str:
    """Return a text of as many characters as ``text`` has UTF-16 units, for lexing.

    A character beyond the first plane becomes two: letters letters, others two of private use.
    """
    if text.isascii() or max(text) <= "\uffff":
        return text
    wide = {character for character in set(text) if character > "\uffff"}
    return text.translate({ord(one): "\u00aa\u00aa" if one.isalnum() else "\ue000\ue000" for one in wide})


class Utf16Places:
    """Turns places in a text into those of Qt."""

    def __init__(self, text: str) -> None:
        is_narrow = text.isascii() or max(text, default="") <= "\uffff"
        self._wide = [] if is_narrow else [place for place, one in enumerate(text) if one > "\uffff"]
        self._wide_units = [place + before for before, place in enumerate(self._wide)]

    def to_qt(self, place: int) -> int:
        """Return how many UTF-16 units come before the character at ``place``."""
        return place + bisect_left(self._wide, place) if self._wide else place

    def from_qt(self, units: int) -> int:
        """Return which character begins after so many UTF-16 units."""
        return units - bisect_left(self._wide_units, units) if self._wide else units
