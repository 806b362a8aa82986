"""How what a message points at is named and drawn. Pure."""

from __future__ import annotations

import re

from app.chat.reference_text import UNSAVED
from app.conversations.parts import ReferencePart
from app.tools.visible import make_visible

_ICONS = {"file": "file", "folder": "folder", "lines": "text-select"}


def icon_of(reference: ReferencePart) -> str:
    """Return the icon's name."""
    return _ICONS[reference.target]


def name_of(reference: ReferencePart) -> str:
    """Return the last name of its path."""
    name = re.split(r"[/\\]", reference.path.rstrip("/\\"))[-1]
    return make_visible(name).replace("\n", " ") or UNSAVED.capitalize()


def lines_of(reference: ReferencePart) -> str:
    """Return which lines, such as "10\u201320"; empty for a whole file."""
    if reference.target != "lines":
        return ""
    if reference.first_line == reference.last_line:
        return f"{reference.first_line}"
    return f"{reference.first_line}\u2013{reference.last_line}"


def whole_name_of(reference: ReferencePart) -> str:
    """Return what it points at in words, for those who listen and for the tip."""
    path = make_visible(reference.path).replace("\n", " ") or UNSAVED.capitalize()
    lines = lines_of(reference)
    if lines:
        return f"{path}, line{'s' if reference.last_line > reference.first_line else ''} {lines}"
    return f"{path}, its list of files" if reference.target == "folder" else path


def is_same_place(one: ReferencePart, other: ReferencePart) -> bool:
    """Say whether two point at the same, whatever it said when."""
    return place_of(one) == place_of(other) and (bool(one.path) or one.text == other.text)


def place_of(reference: ReferencePart) -> tuple[str, str, int, int]:
    """Return what it points at."""
    return reference.path, reference.target, reference.first_line, reference.last_line
