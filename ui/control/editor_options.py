"""How the texts of all pages are shown: size, wrapping, white space."""

from __future__ import annotations

import contextlib

from PySide6.QtCore import QObject, Signal

from app.errors import AppError
from app.settings import SettingsFile
from ui.editor.code_editor import CodeEditor
from ui.editor.editor_tabs import EditorTabs


class EditorOptions(QObject):
    """Signals: changed() after any of it."""

    changed = Signal()

    def __init__(self, tabs: EditorTabs, settings: SettingsFile, parent: QObject) -> None:
        super().__init__(parent)
        self._tabs = tabs
        self._settings = settings
        self._zoom = 0

    def dress(self, editor: CodeEditor) -> None:
        """Show a new text as the others are."""
        editor.set_wrap(self.wraps)
        editor.set_shows_blanks(self.shows_spaces)
        editor.set_zoom(self._zoom)
        editor.zoom_changed.connect(self.set_zoom)
        editor.wrap_changed.connect(self.set_wraps)
        editor.blanks_changed.connect(self.set_shows_spaces)

    @property
    def wraps(self) -> bool:
        """Whether long lines are wrapped."""
        return self._settings.settings.editor_wraps

    @property
    def shows_spaces(self) -> bool:
        """Whether white space is shown."""
        return self._settings.settings.editor_shows_spaces

    @property
    def zoom(self) -> int:
        """How much larger than the theme's the text is, in pixels."""
        return self._zoom

    def set_zoom(self, steps: int) -> None:
        """Make the text of every page so large."""
        if steps != self._zoom:
            self._zoom = steps
            for page in self._tabs.pages:
                page.editor.set_zoom(steps)
            self.changed.emit()

    def refresh(self) -> None:
        """Show every page as the settings say now."""
        for page in self._tabs.pages:
            page.editor.set_wrap(self.wraps)
            page.editor.set_shows_blanks(self.shows_spaces)
        self.changed.emit()

    def set_wraps(self, wraps: bool) -> None:
        """Wrap long lines in every page, or not."""
        if wraps != self.wraps:
            self._change(editor_wraps=wraps)
            for page in self._tabs.pages:
                page.editor.set_wrap(wraps)

    def set_shows_spaces(self, shows: bool) -> None:
        """Show white space in every page, or not."""
        if shows != self.shows_spaces:
            self._change(editor_shows_spaces=shows)
            for page in self._tabs.pages:
                page.editor.set_shows_blanks(shows)

    def _change(self, **fields: bool) -> None:
        with contextlib.suppress(AppError):  # it is in force; not to be kept is no reason to stop anybody
            self._settings.change(**fields)
        self.changed.emit()
