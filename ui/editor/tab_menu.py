"""The context menu of a tab."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from ui.editor.editor_page import EditorPage

if TYPE_CHECKING:
    from ui.editor.editor_tabs import EditorTabs


def make_tab_menu(tabs: EditorTabs, page: EditorPage) -> QMenu:
    """Return a menu of what can be done with a tab."""
    menu = QMenu(tabs)
    menu.setObjectName("tab_menu")
    menu.setAccessibleName("Tab")
    has_file = bool(page.path)
    others = len(tabs.groups[tabs.side_of(page)].pages) > 1
    saved = any(not other.is_dirty for other in tabs.pages)

    def move() -> None:
        tabs.show_page(page)
        tabs.split()

    _add(menu, "Close", lambda: tabs.close_asked.emit([page]))
    _add(menu, "Close others", lambda: tabs.close_others(page), others)
    _add(menu, "Close saved", tabs.close_saved, saved)
    menu.addSeparator()
    _add(menu, "Copy path", lambda: tabs.copy_path(page, is_relative=False), has_file)
    _add(menu, "Copy relative path", lambda: tabs.copy_path(page, is_relative=True), has_file)
    _add(menu, "Show in the file tree", lambda: tabs.reveal_asked.emit(page.path), has_file)
    menu.addSeparator()
    _add(menu, "Move to the other side" if tabs.is_split else "Split right", move, tabs.can_split())
    return menu


def _add(menu: QMenu, words: str, act: Callable[[], object], is_enabled: bool = True) -> None:
    action = menu.addAction(words)
    action.setEnabled(is_enabled)
    action.triggered.connect(lambda _checked=False: act())
