"""Characters that can make code look like what it is not. Pure.

The gutter marks every line with a character that cannot be seen. A warning about a whole file is for the worst of
them only: those that turn the direction of text ("Trojan Source", CVE-2021-42574), and invisible ones that no
ordinary text needs.
"""

from __future__ import annotations

import unicodedata

from app.tools.visible import is_hidden

_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Invisible, but at home in emoji, icon fonts, old text files and logs.
_USUAL = frozenset("\u200d\ufe0e\ufe0f\r\f\x1b\u2028")
_USUAL_CATEGORIES = frozenset({"Zs", "Co", "Cn", "Cs"})


def suspects_in(text: str) -> frozenset[str]:
    """Return the characters of a text that a person should know of."""
    if text.isascii() and text.isprintable():
        return frozenset()
    return frozenset(one for one in set(text) if _is_suspect(one))


def turns_text(characters: frozenset[str]) -> bool:
    """Tell whether one of them turns the direction of text."""
    return not _TURNING.isdisjoint(characters)


def _is_suspect(character: str) -> bool:
    if character in _USUAL or not is_hidden(character):
        return False
    return unicodedata.category(character) not in _USUAL_CATEGORIES
