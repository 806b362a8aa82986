"""What was open in the editor and how it stood, as it is kept in the settings."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QTimer

from ui.editor.editor_page import EditorPage
from ui.editor.editor_tabs import EditorTabs

MAX_PAGES = 200


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One page.

    Attributes:
        side: 0 or 1.
        line: Of the cursor, from 1; ``column`` too.
        top: The first line in view, from 0; -1 where the cursor's is to be in the middle.
        language: Pygments' name of a language that was chosen by hand.
    """

    key: str
    path: str = ""
    name: str = ""
    side: int = 0
    line: int = 1
    column: int = 1
    top: int = -1
    language: str = ""

    def at(self, path: str) -> Place:
        """Return the same place in a file that was renamed."""
        return msgspec.structs.replace(self, path=path)


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was open.

    Attributes:
        current: Key of the page that had the keyboard.
        fronts: Keys of the pages in front, one for each side.
        sizes: How wide the sides were.
        zoom: How much larger than the theme's the text was, in pixels.
        is_closed: The window was closed; if not, Sawhorse ended suddenly.
    """

    pages: tuple[Place, ...] = ()
    current: str = ""
    fronts: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    zoom: int = 0
    is_closed: bool = False


def read_places(kept: dict[str, Any]) -> Places:
    """Return what the settings kept; nothing where that is not understood."""
    try:
        return msgspec.convert(kept, Places)
    except msgspec.ValidationError:
        return Places()


def place_of(page: EditorPage, side: int, asleep: Place | None) -> Place:
    """Return how a page stands; one that is asleep stands as it did."""
    if page.is_asleep and asleep is not None:
        return msgspec.structs.replace(asleep, side=side)
    info = page.info
    return Place(
        key=page.key,
        path=page.path,
        name=page.name,
        side=side,
        line=info.line,
        column=info.column,
        top=page.editor.verticalScrollBar().value(),
        language=page.alias,
    )


def take_places(tabs: EditorTabs, asleep: dict[str, Place], zoom: int, *, is_closed: bool) -> dict[str, Any]:
    """Return what the settings are to keep. A text that is no file and has nothing in it is not."""
    pages = [page for page in tabs.pages if page.path or page.is_dirty][:MAX_PAGES]
    fronts = [group.current.key if group.current else "" for group in tabs.groups]
    places = Places(
        pages=tuple(place_of(page, tabs.side_of(page), asleep.get(page.key)) for page in pages),
        current=tabs.current.key if tabs.current else "",
        fronts=tuple(fronts),
        sizes=tuple(tabs.sizes) if tabs.is_split else (),
        zoom=zoom,
        is_closed=is_closed,
    )
    kept = msgspec.to_builtins(places)
    return dict(kept)


def go_to_place(page: EditorPage, place: Place) -> None:
    """Put the cursor and the view where they were, as soon as the text is there."""
    editor = page.editor
    editor.go_to(place.line, place.column)
    if editor.is_loading or place.top < 0:
        return  # it goes to the line when that is there
    QTimer.singleShot(0, editor, lambda: editor.verticalScrollBar().setValue(place.top))
