"""Go to file: a few letters of a file's path, and a line of it after a colon."""

from __future__ import annotations

import re

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from app.files.finding import FoundPath, PathFinder
from ui.files.found_list import FoundDelegate, FoundModel
from ui.theme import Theme
from ui.widgets.palette_frame import PaletteFrame

MAX_SHOWN = 60
_ROW_STEPS = 8
_PLACE = re.compile(r"(?P<words>.*?):(?P<line>\d{0,9})(?::(?P<column>\d{0,6}))?\s*", re.DOTALL)


def parse_place(text: str) -> tuple[str, int, int]:
    """Return the words of a query, and the line and column (from 1, or 0 and 1) that it names. Pure."""
    match = _PLACE.fullmatch(text)
    if match is None:
        return text, 0, 1
    return match["words"], int(match["line"] or 0), max(1, int(match["column"] or 1))


class QuickOpen(PaletteFrame):
    """Lists what the finder finds, those opened before first.

    Signals:
        chosen(str, int, int, bool): A file, by its path below the folder; the line (0 for none) and column to go to;
            True for the side (Ctrl+Enter).
        line_chosen(int, int): Only a line and column were typed: they are meant in the file on show.
        opened(): It is on show.
    """

    chosen = Signal(str, int, int, bool)
    line_chosen = Signal(int, int)
    opened = Signal()

    def __init__(self, theme: Theme, finder: PathFinder, window: QWidget) -> None:
        super().__init__(theme, window, "quick_open", "Go to file")
        self._finder = finder
        self._model = FoundModel(self)
        words = "Name of a file, then :line"
        self.furnish(self._model, FoundDelegate(theme, _ROW_STEPS, self._list), words, "")

    def open(self) -> None:
        """Show it with an empty field and what was opened last."""
        self._model.show(())
        super().open()
        self.opened.emit()

    def refresh(self) -> None:
        """Ask again, as the files are others now."""
        if self.isVisible():
            self.show_matches(self._field.text())

    def show_matches(self, query: str) -> None:
        """Ask for what fits; what was listed stays until the answer is there."""
        words, line, _column = parse_place(query)
        if not self._finder.folder:
            self._say("Open a folder first, and its files are found here.")
        elif not words.strip() and ":" in query:
            self._say(f"Enter goes to line {line} of the file on show." if line else "Type the number of a line.")
        else:
            self._finder.find(words, MAX_SHOWN, self._show)

    def choose(self, index: QModelIndex, modifiers: Qt.KeyboardModifier) -> None:
        """Open a file."""
        found = self._model.found_at(index)
        _words, line, column = parse_place(self._field.text())
        self.close_palette()
        if found is not None:
            self.chosen.emit(found.path, line, column, bool(modifiers & Qt.KeyboardModifier.ControlModifier))

    def choose_current(self, modifiers: Qt.KeyboardModifier) -> None:
        """Open the current row; where only a line was typed, go to it."""
        words, line, column = parse_place(self._field.text())
        if not words.strip() and line:
            self.close_palette()
            self.line_chosen.emit(line, column)
        else:
            super().choose_current(modifiers)

    def _show(self, found: tuple[FoundPath, ...]) -> None:
        self._model.show(found)
        self._nothing.setText("No file is called that")
        self.listed()

    def _say(self, words: str) -> None:
        self._model.show(())
        self._nothing.setText(words)
        self.listed()
