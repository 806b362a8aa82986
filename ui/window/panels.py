"""The panels beside the chat: each a dock, a button in the top bar and an action."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QWidget

from ui.theme import Theme
from ui.widgets.actions import Action, ActionTable
from ui.widgets.icon_button import IconButton
from ui.window.panel_dock import PanelDock
from ui.window.top_bar import TopBar

_WIDTH_STEPS = 80
_HEIGHT_STEPS = 88


class Panels:
    """Adds panels to a window, and opens and closes them.

    Args:
        raise_overlays: Brings what lies over the window to the front again: a panel that opens comes before it.
    """

    def __init__(
        self,
        theme: Theme,
        window: QMainWindow,
        top_bar: TopBar,
        table: ActionTable,
        raise_overlays: Callable[[], None],
    ) -> None:
        self._theme = theme
        self._window = window
        self._top_bar = top_bar
        self._table = table
        self._raise_overlays = raise_overlays
        self._docks: dict[str, PanelDock] = {}
        self._shares: dict[str, float] = {}

    def __getitem__(self, key: str) -> PanelDock:
        """Return the dock of a panel."""
        return self._docks[key]

    def add(
        self,
        key: str,
        title: str,
        widget: QWidget,
        icon: str,
        shortcut: str,
        *,
        is_open: bool,
        area: Qt.DockWidgetArea = Qt.DockWidgetArea.RightDockWidgetArea,
        share: float = 0.0,
        steps: int = 0,
    ) -> PanelDock:
        """Add a panel, behind those that are at the same side, with an action "panel.<key>".

        Args:
            share: Of the window's width, which the panel is to have at least when it is first opened.
            steps: How wide a panel beside the chat is at first, or how high one below; 0 for the usual.
        """
        dock = PanelDock(self._theme, key, title, widget, self._window)
        others = [other for other in self._docks.values() if self._window.dockWidgetArea(other) == area]
        self._docks[key] = dock
        if share:
            self._shares[key] = share
        self._window.addDockWidget(area, dock)
        if others:
            self._window.tabifyDockWidget(others[0], dock)
        is_below = area == Qt.DockWidgetArea.BottomDockWidgetArea
        steps = steps or (_HEIGHT_STEPS if is_below else _WIDTH_STEPS)
        orientation = Qt.Orientation.Vertical if is_below else Qt.Orientation.Horizontal
        self._window.resizeDocks([dock], [self._theme.space(steps)], orientation)
        self._table.add(
            Action(f"panel.{key}", title, icon, shortcut, lambda on: self.show(key, on), "View", is_checkable=True)
        )
        self._add_toggle(key, title, icon)
        dock.setVisible(is_open)
        return dock

    def show(self, key: str, is_open: bool) -> None:
        """Open a panel and bring it to the front, or close it."""
        dock = self._docks[key]
        if is_open and dock.isHidden():
            self._widen(key)
        dock.setVisible(is_open)
        if is_open:
            dock.raise_()
            self._raise_overlays()

    def _widen(self, key: str) -> None:
        """Give a panel its share of the window once; after that it is as wide as it was left."""
        width = round(self._shares.pop(key, 0.0) * self._window.width())
        right = [
            dock
            for dock in self._docks.values()
            if not dock.isFloating()
            and self._window.dockWidgetArea(dock) == Qt.DockWidgetArea.RightDockWidgetArea
            and (dock is self._docks[key] or not dock.isHidden())
        ]
        if width and all(dock.width() < width for dock in right):
            self._docks[key].show()
            self._window.resizeDocks(right, [width] * len(right), Qt.Orientation.Horizontal)

    def _add_toggle(self, key: str, title: str, icon: str) -> None:
        dock, action = self._docks[key], self._table[f"panel.{key}"]
        button = IconButton(self._theme, icon, title)
        button.setObjectName(f"{key}_toggle")
        button.setCheckable(True)
        button.set_tooltip(title, self._table.shortcut_text(f"panel.{key}"))
        button.clicked.connect(action.trigger)
        self._top_bar.add_trailing(button)

        def show_state() -> None:
            # A panel behind another tab is open all the same.
            action.setChecked(not dock.isHidden())
            button.setChecked(not dock.isHidden())

        dock.visibilityChanged.connect(show_state)
        show_state()
