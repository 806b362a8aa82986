"""Text from outside for an exported page: escaped, with a sign in place of every hidden character. Pure."""

from __future__ import annotations

from html import escape

from app.tools.visible import sign_of


def page_text(text: str) -> str:
    """Return text that is only text in HTML, be it in an element or in a quoted attribute.

    Characters that turn text around or cannot be seen would work in a page as they do anywhere: they are shown.
    A page has prose in it, too, so the variation selectors of emoji and no-break spaces stay.
    """
    return escape("".join(char if char.isprintable() or char in "\n\t\u00a0" else sign_of(char) for char in text))


def anchor(words: str) -> str:
    """Return a name for a place of the page: letters, digits, "-" and "_" alone, whatever the words hold."""
    return "".join(char if char.isascii() and (char.isalnum() or char == "-") else f"_{ord(char):x}" for char in words)
