"""What is selected in the editor, as something a message can point at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from app.conversations.parts import ReferencePart
from app.files.reference_reading import MAX_TAKEN, path_as_text

if TYPE_CHECKING:
    from ui.editor.desk import EditorDesk

#: Drafts are written down twice a second: longer lines are known by their numbers alone.
MAX_KNOWN = 16_384


def selected_reference(desk: EditorDesk) -> ReferencePart | None:
    """Return the lines that are selected, with what they say now; None where nothing is.

    They know what they say, so that they are found again when lines above them come or go before the message is sent.
    """
    editor = desk.current_editor
    if editor is None or not editor.selected_text().strip():
        return None
    first, last = editor.selected_lines()
    path = desk.current_path
    said = "\n".join(editor.text().split("\n", last)[first - 1 : last])
    place = ReferencePart(path=path_as_text(path), target="lines", first_line=first, last_line=last)
    if not path:
        return unsaved_reference(place, said)
    return structs.replace(place, text=said) if len(said) <= MAX_KNOWN else place


def unsaved_reference(place: ReferencePart, text: str) -> ReferencePart:
    """Return a reference to text that is no file yet: it is taken now, for nothing can be read later."""
    return structs.replace(place, text=text[:MAX_TAKEN], is_cut=len(text) > MAX_TAKEN)
