"""Menus made from the action table: the menu bar on macOS, one compact menu elsewhere."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu

from ui.widgets.actions import SECTIONS, ActionTable, Section


def fill_section(menu: QMenu, table: ActionTable, section: Section) -> None:
    """Put the actions of a section into a menu, a line between those of different kinds."""
    menu.clear()
    actions = table.of(section)
    menu.aboutToShow.connect(lambda: table.draw_icons([action.id for action in actions]))
    kind = ""
    for action in actions:
        if kind and action.kind != kind:
            menu.addSeparator()
        kind = action.kind
        menu.addAction(table[action.id])


def fill_sections(menu: QMenu, table: ActionTable) -> None:
    """Put a submenu for every section that has actions into a menu."""
    menu.clear()
    for section in SECTIONS:
        if table.of(section):
            fill_section(menu.addMenu(section), table, section)
