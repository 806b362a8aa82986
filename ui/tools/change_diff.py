"""A file before and after as lines, for the review of what a run changed."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.tools.views import DiffView
from ui.chat.highlight import find_lexer_for_path
from ui.theme import Theme
from ui.tools.line_makers import diff_lines
from ui.tools.lines_pane import LinesPane


def make_change_diff(theme: Theme, path: str, before: str | None, after: str | None) -> LinesPane:
    """Return a widget that shows the difference and scrolls by itself."""
    pane = LinesPane(theme, "change_diff", f"Changes of {path}")
    pane.show_lines(diff_lines(DiffView(path=path, before=before, after=after)), find_lexer_for_path(path))
    pane.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    return pane
