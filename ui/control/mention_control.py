"""What can be named after an at sign: the selection, what is open, and the files of the open folder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.files.finding import FoundPath, PathFinder
from ui.chat.composer import ComposerPanel
from ui.chat.mention_rows import (
    MentionRow,
    fitting,
    found_row,
    selection_row,
    tab_row,
    without_doubles,
)
from ui.chat.mention_watch import MentionWatch
from ui.control.selected_reference import selected_reference
from ui.theme import Theme

if TYPE_CHECKING:
    from ui.chat.mention_popup import MentionPopup
    from ui.editor.desk import EditorDesk

MAX_FOUND = 50
MAX_TABS = 8
NO_FOLDER = "Open a folder to name its files here"


class MentionControl(QObject):
    """Fills the list as somebody types, and puts what is chosen into the message."""

    def __init__(
        self, theme: Theme, composer: ComposerPanel, desk: EditorDesk, finder: PathFinder, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._composer = composer
        self._desk = desk
        self._finder = finder
        self._popup: MentionPopup | None = None
        self._own: list[MentionRow] = []
        self._found: list[MentionRow] = []
        self._watch = MentionWatch(composer.edit, self)
        self._watch.changed.connect(self._on_watch_changed)
        self._watch.ended.connect(self._on_watch_ended)
        composer.edit.left.connect(self._watch.stop)
        composer.text_set.connect(self._watch.stop)

    def begin(self) -> None:
        """Have something named, as if an at sign had been typed."""
        self._composer.focus()
        self._watch.begin()

    # --- inside -----------------------------------------------------------------------------------------

    def _on_watch_changed(self, query: str) -> None:
        if not query:
            self._own, self._found = self._own_rows(), []
        self._show()
        if self._finder.folder:
            self._finder.find(query, MAX_FOUND, partial(self._on_found, query, self._finder.folder))

    def _on_found(self, query: str, folder: str, found: Sequence[FoundPath]) -> None:
        if query == self._watch.query and folder == self._finder.folder:
            self._found = [found_row(one, folder) for one in found]
            self._show()

    def _on_watch_ended(self) -> None:
        self._own, self._found = [], []
        if self._popup is not None:
            self._popup.hide()

    def _own_rows(self) -> list[MentionRow]:
        """Return the rows of the selection and of what is open, as they are when the sign is typed."""
        folder, rows = self._finder.folder, list[MentionRow]()
        selected = selected_reference(self._desk)
        if selected is not None:
            rows.append(selection_row(selected, folder))
        return [*rows, *(tab_row(path, folder) for path in self._desk.open_paths[:MAX_TABS] if path)]

    def _show(self) -> None:
        """List what fits what is typed: also while the finder has not answered yet, so that Enter takes no other."""
        query = self._watch.query
        if query is None:
            return
        rows = without_doubles([*fitting(self._own, query), *fitting(self._found, query)])
        hint = NO_FOLDER if not (self._finder.folder or query) else ""
        if rows or hint or self._popup is not None:
            self._open_popup().show_rows(rows, hint)

    def _open_popup(self) -> MentionPopup:
        if self._popup is None:
            from ui.chat.mention_popup import MentionPopup  # noqa: PLC0415 - a start has no use for it

            self._popup = MentionPopup(self._theme, self._composer.edit, self._composer)
            self._popup.accepted.connect(self._on_popup_accepted)
            self._popup.dismissed.connect(self._watch.stop)
        return self._popup

    def _on_popup_accepted(self, row: MentionRow) -> None:
        self._watch.take()
        self._composer.add_reference(row.reference)
