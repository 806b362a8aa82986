"""What is selected in the editor, as something a message can point at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.conversations.parts import ReferencePart
from app.files.reference_reading import MAX_TAKEN

if TYPE_CHECKING:
    from ui.editor.desk import EditorDesk


def selected_reference(desk: EditorDesk) -> ReferencePart | None:
    """Return the lines that are selected, with what they say now; None where nothing is.

    They know what they say, so that they are found again when lines above them come or go before the message is sent.
    """
    editor = desk.current_editor
    if editor is None or not editor.selected_text().strip():
        return None
    first, last = editor.selected_lines()
    lines = editor.text().split("\n", last)[first - 1 : last]
    text = "\n".join(lines)[:MAX_TAKEN]
    return ReferencePart(path=desk.current_path, target="lines", first_line=first, last_line=last, text=text)
