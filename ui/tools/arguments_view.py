"""The arguments of a call, each in the form it is read in."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from pygments.lexer import Lexer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.agent.live import LiveCall
from app.tools.views import DiffView
from app.tools.visible import make_visible
from ui.chat.highlight import find_lexer, find_lexer_for_path
from ui.theme import Theme
from ui.tools.call_words import readable, text_of
from ui.tools.line_makers import diff_lines, numbered
from ui.tools.lines_pane import LinesPane
from ui.tools.result_views import framed
from ui.widgets.labels import make_label
from ui.widgets.stack import Stack

#: Longer values have lines of their own.
MAX_ROW_CHARACTERS = 90
#: Pairs of arguments that say what a replacement takes away and puts in its place.
_REPLACEMENTS = (("old_text", "new_text"), ("old_string", "new_string"), ("old_str", "new_str"), ("old", "new"))
_PATHS = ("path", "file", "file_path", "filename")
_PYTHON = re.compile(r"python|^code$")


class ArgumentsView(Stack):
    """Shows them in the order they came; a replacement as a diff."""

    def __init__(
        self,
        theme: Theme,
        live: LiveCall,
        arguments: dict[str, Any],
        *,
        is_brief: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Build it; ``is_brief`` leaves out long values, which the result shows anyway."""
        super().__init__(theme.space(1.5), parent)
        self._theme = theme
        self.setObjectName("arguments")
        rest = dict(arguments)
        path = next((str(rest[key]) for key in _PATHS if key in rest), "")
        self._add_command(live, rest)
        replaced = self._take_replacements(rest, path)
        for key in [key for key, value in rest.items() if not _is_long(value)]:
            self._add_row(key, text_of(rest.pop(key)))
        if is_brief:
            return
        for view in replaced:
            self._add_diff(view)
        for key, value in rest.items():
            is_code = isinstance(value, str) and "\n" in value
            lexer = find_lexer_for_path(path) if is_code else find_lexer("" if isinstance(value, str) else "json")
            self._add_pane(key, readable(value), lexer, shows_name=True)

    def _add_command(self, live: LiveCall, rest: dict[str, Any]) -> None:
        main = live.spec.main_argument if live.spec else ""
        if live.spec and live.spec.kind == "command" and isinstance(rest.get(main), str):
            language = "python" if _PYTHON.search(live.spec.name) or main == "code" else "bash"
            self._add_pane(main, rest.pop(main), find_lexer(language), shows_name=False)

    def _take_replacements(self, rest: dict[str, Any], path: str) -> list[DiffView]:
        return [
            DiffView(path=path, before=rest.pop(old), after=rest.pop(new))
            for old, new in _REPLACEMENTS
            if isinstance(rest.get(old), str) and isinstance(rest.get(new), str)
        ]

    def _add_row(self, key: str, value: str) -> None:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._theme.space(2))
        name = make_label(make_visible(key), "small")
        name.setMinimumWidth(self._theme.space(20))
        layout.addWidget(name)
        layout.addWidget(make_label(make_visible(value), "mono", wrap=True), 1)
        self.add(row)

    def _add_pane(self, key: str, text: str, lexer: Lexer | None, *, shows_name: bool) -> None:
        if shows_name:
            self.add(make_label(make_visible(key), "small"))
        pane = LinesPane(self._theme, f"argument_{key}", f"Argument {key}", wraps=True)
        pane.show_lines(numbered(text), lexer)
        self.add(framed(self._theme, pane))

    def _add_diff(self, view: DiffView) -> None:
        pane = LinesPane(self._theme, "argument_diff", f"What is to be replaced in {view.path}")
        # The numbers would be those of the passage, not of the file.
        lines = [replace(line, gutter=line.gutter[-1:]) for line in diff_lines(view)]
        pane.show_lines(lines, find_lexer_for_path(view.path))
        self.add(framed(self._theme, pane))


def _is_long(value: Any) -> bool:
    text = text_of(value)
    return "\n" in text or len(text) > MAX_ROW_CHARACTERS
