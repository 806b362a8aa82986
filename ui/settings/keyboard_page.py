"""Settings: the keys."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.settings.page import SettingsPage
from ui.theme import Theme
from ui.widgets.actions import ActionTable
from ui.widgets.shortcuts_overlay import make_shortcut_table, shortcut_groups


class KeyboardPage(SettingsPage):
    """Every action that has keys, as the table has them when the page is made."""

    def __init__(self, theme: Theme, table: ActionTable, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Keyboard", parent)
        for title, rows in shortcut_groups(table):
            self.rows.addWidget(make_shortcut_table(theme, title, rows))
        self.finish()
