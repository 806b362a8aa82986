"""The command palette: type a few letters of what you want done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QWidget

from ui.theme import Theme
from ui.widgets.actions import Action, ActionTable
from ui.widgets.fuzzy import match
from ui.widgets.palette_delegate import ActionRole, PaletteDelegate, PositionsRole
from ui.widgets.palette_frame import PaletteFrame

_MOST_RECENT = 8


class CommandPalette(PaletteFrame):
    """What can be done now; those used last come first.

    ``recent`` holds the ids of the actions used last, the newest first.
    """

    def __init__(self, theme: Theme, table: ActionTable, window: QWidget) -> None:
        super().__init__(theme, window, "command_palette", "Command palette")
        self.recent: list[str] = []
        self._table = table
        self._model = QStandardItemModel(self)
        delegate = PaletteDelegate(theme, table, self._list)
        self.furnish(self._model, delegate, "What do you want to do?", "No command is called that")
        self._field.setObjectName("palette_field")
        self._field.setAccessibleName("Search commands")
        self._list.setObjectName("palette_list")
        self._list.setAccessibleName("Commands")

    def shown_ids(self) -> list[str]:
        """Return the ids of the listed actions, in order."""
        return [self._model.item(row).data(ActionRole).id for row in range(self._model.rowCount())]

    def show_matches(self, query: str) -> None:
        """List the actions that fit."""
        self._model.clear()
        for action, positions in ranked(query, self._candidates(), self.recent):
            item = QStandardItem(action.text)
            item.setData(action, ActionRole)
            item.setData(positions, PositionsRole)
            self._model.appendRow(item)
        self.listed()

    def choose(self, index: QModelIndex, modifiers: Qt.KeyboardModifier) -> None:
        """Run an action."""
        del modifiers
        action: Action = index.data(ActionRole)
        self.recent = [action.id, *(other for other in self.recent if other != action.id)][:_MOST_RECENT]
        self.close_palette()
        self._table.run(action.id)

    def _candidates(self) -> list[Action]:
        return [action for action in self._table.all() if self._table.is_enabled(action.id)]


def ranked(query: str, actions: Sequence[Action], recent: Sequence[str]) -> list[tuple[Action, tuple[int, ...]]]:
    """Return the actions that match, best first, each with the matching places in its text.

    With equal matches, and with an empty query, those used last come first.
    """
    found = []
    for place, action in enumerate(actions):
        hit = match(query, action.text)
        if hit is None and match(query, f"{action.section} {action.text}") is not None:
            hit = match("", action.text)
        if hit is not None:
            newest = recent.index(action.id) if action.id in recent else len(recent)
            found.append((-hit.score, newest, place, action, hit.positions))
    found.sort(key=lambda entry: entry[:3])
    return [(action, positions) for _, _, _, action, positions in found]
