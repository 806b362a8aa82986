"""Makes characters visible that hide in text, turn it around or pass for others. Pure.

A command can look harmless and be another one: a right-to-left override shows it backwards, a zero-width character
splits a word that a person would recognise, a tag character says something only a model reads (Unicode Technical
Report 36, "Trojan Source", CVE-2021-42574). Whatever a person is to judge is shown with such characters spelled out.
"""

from __future__ import annotations

import unicodedata

#: Controls (but tab and line feed), formats (bidirectional, zero-width, tags), surrogates, private use, unassigned,
#: line and paragraph separators.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
#: Of other categories, but drawn as nothing: fillers of Hangul and Khmer, joiners, variation selectors of Mongolian,
#: and the empty Braille pattern.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_SHOWN = frozenset("\t\n")


def is_hidden(character: str) -> bool:
    """Tell whether a character cannot be seen, or makes others look different."""
    if character in _SHOWN or " " <= character <= "~":
        return False
    if unicodedata.category(character) in _HIDDEN_CATEGORIES or character in _BLANK:
        return True
    # Spaces that are not the space; variation selectors can carry any message.
    is_space = unicodedata.category(character) == "Zs"
    return is_space or "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def spell(character: str) -> str:
    """Return what is shown in a hidden character's place, such as "⟨U+202E⟩"."""
    return f"\u27e8U+{ord(character):04X}\u27e9"


def sign_of(character: str) -> str:
    """Return a picture of a control character, or the mark for what cannot be shown."""
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"


def make_visible(text: str) -> str:
    """Return ``text`` with every hidden character spelled out; line ends of Windows become plain ones."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    hidden = {character for character in set(text) if is_hidden(character)}
    if not hidden:
        return text
    return text.translate({ord(character): spell(character) for character in hidden})


def with_signs(text: str) -> str:
    """Return ``text`` with one sign for every hidden character, so that places in it stay what they are.

    A no-break space stays: it looks like the space that it is.
    """
    if text.isascii() and text.isprintable():
        return text
    hidden = {character for character in set(text) if is_hidden(character) and character != "\u00a0"}
    return text.translate({ord(character): sign_of(character) for character in hidden})


def hidden_characters(text: str) -> tuple[str, ...]:
    """Return the names of the hidden characters in ``text``, each once, in the order they come."""
    text = text.replace("\r\n", "\n")
    found = dict.fromkeys(character for character in text if is_hidden(character))
    return tuple(f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}" for character in found)


def one_line(text: str, limit: int = 400) -> str:
    """Return the beginning of ``text`` on one line, hidden characters and line ends visible."""
    visible = make_visible(text[: limit + 1])
    joined = " \u21b5 ".join(line.strip() for line in visible.strip().split("\n")).replace("\t", " ")
    return joined if len(text) <= limit else f"{joined} \u2026"
