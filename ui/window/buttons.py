"""Icon buttons of the window's frame: one that opens a menu, one that runs an action."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu

from ui.theme import Theme
from ui.widgets.actions import ActionTable
from ui.widgets.icon_button import IconButton


def menu_button(theme: Theme, icon: str, tooltip: str, name: str, menu: QMenu) -> IconButton:
    """Return a button that opens a menu; ``name`` becomes its objectName."""
    button = IconButton(theme, icon, tooltip)
    button.setObjectName(name)
    button.setMenu(menu)
    button.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
    return button


def action_button(theme: Theme, icon: str, tooltip: str, name: str, table: ActionTable, action_id: str) -> IconButton:
    """Return a button that runs an action and says the action's keys."""
    button = IconButton(theme, icon, tooltip)
    button.setObjectName(name)
    button.set_tooltip(tooltip, table.shortcut_text(action_id))
    button.clicked.connect(table[action_id].trigger)
    return button
