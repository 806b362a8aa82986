"""The main window: sidebar, chat and panels put together. Assembly only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QSplitter, QTabWidget, QVBoxLayout, QWidget

from ui.status.status_bar import StatusBar
from ui.theme import MODE_TEXTS, MODES, Mode, Theme
from ui.widgets.actions import SECTIONS, Action, ActionTable
from ui.widgets.command_palette import CommandPalette
from ui.widgets.labels import make_button
from ui.widgets.notices import Notices
from ui.widgets.shortcuts_overlay import ShortcutsOverlay
from ui.window.buttons import action_button, menu_button
from ui.window.drop_overlay import DropOverlay
from ui.window.foot import Foot
from ui.window.geometry import fitted, size_with_frame
from ui.window.menus import fill_section, fill_sections
from ui.window.panel_dock import PanelDock
from ui.window.panels import Panels
from ui.window.sidebar_frame import SidebarFrame
from ui.window.top_bar import BAR_STEPS, TopBar

LEAST_SIZE = QSize(900, 600)
DEFAULT_SIZE = QSize(1280, 800)
#: A window manager has drawn the frame by then.
FRAME_WAIT_MS = 200
_SIDEBAR_STEPS = 64
#: Raised when the panels of the window change so much that an old arrangement would be wrong.
_STATE_VERSION = 1


class MainWindow(QMainWindow):
    """Three regions, a top bar, a status bar, and what lies over them.

    Attributes:
        action_table: What can be done; add to it what the rest of the program can do.
        notices: Cards at the top right.
        palette_view: The command palette.
        panels: What stands beside the chat.
        top_bar: Title, model button.
        status: The status bar.

    Signals:
        close_requested(): The window is about to close; save what must be saved.
        files_dropped(list): Paths of GGUF files that were dropped onto the window.
        folder_dropped(str): Path of a folder that was dropped onto the window.
        settings_requested(): The settings are asked for.
        theme_mode_chosen(str): Another mode was chosen, and is already on show.
        text_scale_chosen(float): Another size of text was chosen, and is already on show.
        arranged(): A panel was opened or closed.
    """

    close_requested = Signal()
    files_dropped = Signal(list)
    folder_dropped = Signal(str)
    settings_requested = Signal()
    theme_mode_chosen = Signal(str)
    text_scale_chosen = Signal(float)
    arranged = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("main_window")
        self._theme = theme
        self.action_table = ActionTable(theme, self)
        self.top_bar = TopBar(theme)
        self.panels = Panels(theme, self, self.top_bar, self.action_table, self._raise_notices)
        self.status = StatusBar(theme)
        self._sidebar = SidebarFrame(theme)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._center = QVBoxLayout()
        self._chat: QWidget | None = None
        self._frame_timer = QTimer(self)
        self._frame_timer.setSingleShot(True)
        self._frame_timer.timeout.connect(self._fit_frame)
        self._may_close: Callable[[], bool] = lambda: True
        self._menu = QMenu(self)
        self._theme_menu = QMenu(self)
        self._more_menu = QMenu(self)
        self._more_ids: Sequence[str] = ()
        self._theme_menu.aboutToShow.connect(lambda: self.action_table.draw_icons(f"theme.{mode}" for mode in MODES))
        self._more_menu.aboutToShow.connect(lambda: self.action_table.draw_icons(self._more_ids))
        self._build()
        self._add_actions()
        self._fill_sidebar()
        self._fill_top_bar()
        self.notices = Notices(theme, self, theme.space(BAR_STEPS))
        self.palette_view = CommandPalette(theme, self.action_table, self)
        self._shortcuts = ShortcutsOverlay(theme, self.action_table, self)
        self._drop = DropOverlay(theme, self)
        self._drop.files_dropped.connect(self.files_dropped)
        self._drop.folder_dropped.connect(self.folder_dropped)
        self.action_table.changed.connect(self._fill_menus)
        theme.changed.connect(self._on_theme_changed)
        self._fill_menus()
        self._on_theme_changed()

    # --- what is put in -----------------------------------------------------------------------------------

    def set_chat(self, widget: QWidget) -> None:
        """Put the chat into the middle."""
        if self._chat is not None:
            self._center.removeWidget(self._chat)
            self._chat.setParent(None)
        self._chat = widget
        self._center.addWidget(widget, 1)

    def set_sidebar(self, widget: QWidget) -> None:
        """Put the list of conversations into the sidebar."""
        self._sidebar.set_content(widget)

    def add_panel(
        self,
        key: str,
        title: str,
        widget: QWidget,
        icon: str,
        shortcut: str,
        *,
        is_open: bool = True,
        area: Qt.DockWidgetArea = Qt.DockWidgetArea.RightDockWidgetArea,
        share: float = 0.0,
        steps: int = 0,
    ) -> PanelDock:
        """Add a panel beside or below the chat; see ``Panels.add``."""
        dock = self.panels.add(key, title, widget, icon, shortcut, is_open=is_open, area=area, share=share, steps=steps)
        dock.visibilityChanged.connect(self.arranged)
        dock.left.connect(self._focus_chat)
        return dock

    def show_panel(self, key: str, is_open: bool = True) -> None:
        """Open a panel and bring it to the front, or close it."""
        self.panels.show(key, is_open)

    def set_conversation(self, title: str, *, can_edit: bool) -> None:
        """Show the title of the conversation."""
        self.top_bar.set_title(title, can_edit=can_edit)
        self.setWindowTitle(f"{title} \u2013 Sawhorse" if title else "Sawhorse")

    def set_conversation_actions(self, ids: Sequence[str]) -> None:
        """Say which actions the top bar's menu offers for the conversation."""
        self._more_menu.clear()
        self._more_ids = ids
        for action_id in ids:
            self._more_menu.addAction(self.action_table[action_id])
        self.top_bar.more_button.setVisible(bool(ids))

    def set_close_guard(self, may_close: Callable[[], bool]) -> None:
        """Have ``may_close`` asked before the window closes."""
        self._may_close = may_close

    # --- how it stands ------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Return how the window stands, as values that JSON can hold."""
        return {
            "geometry": bytes(self.saveGeometry().toBase64().data()).decode("ascii"),
            "docks": bytes(self.saveState(_STATE_VERSION).toBase64().data()).decode("ascii"),
            "sidebar_open": not self._sidebar.isHidden(),
            "sidebar_width": self._sidebar.width(),
            "recent_actions": list(self.palette_view.recent),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Stand as ``state`` says, once all panels are added; what cannot be used of it is left alone."""
        geometry, docks = state.get("geometry"), state.get("docks")
        if isinstance(geometry, str) and self.restoreGeometry(_bytes(geometry)):
            self._come_on_screen()
        else:
            self.resize(DEFAULT_SIZE.boundedTo(self.screen().availableGeometry().size()))
        if isinstance(docks, str):
            self.restoreState(_bytes(docks), _STATE_VERSION)
        self.show_sidebar(state.get("sidebar_open") is not False)
        width = state.get("sidebar_width")
        if isinstance(width, int) and width > 0:
            self._set_sidebar_width(width)
        recent = state.get("recent_actions")
        if isinstance(recent, list):
            self.palette_view.recent = [entry for entry in recent if isinstance(entry, str)]

    def show_sidebar(self, is_open: bool) -> None:
        """Open or close the sidebar."""
        self._sidebar.setVisible(is_open)
        self._collapsed_menu_button.setVisible(not is_open and not _has_menu_bar())
        self._expand_button.setVisible(not is_open)
        self.action_table["view.sidebar"].setChecked(is_open)

    def _set_sidebar_width(self, width: int) -> None:
        layout = self.layout()
        if layout is not None:
            layout.activate()  # else the splitter does not know its own width before the window is shown
        self._splitter.setSizes([width, max(1, self._splitter.width() - width)])

    def _come_on_screen(self) -> None:
        main = QGuiApplication.primaryScreen()
        screens = [main, *(screen for screen in QGuiApplication.screens() if screen is not main)]
        frame = self.geometry()
        inside = fitted(frame, [screen.availableGeometry() for screen in screens])
        if inside != frame:
            self.setGeometry(inside)

    def _fit_frame(self) -> None:
        if not self.isMaximized() and not self.isFullScreen():
            screen = self.screen().availableGeometry().size()
            self.resize(size_with_frame(self.size(), self.frameGeometry().size(), screen))

    # --- how it is put together -----------------------------------------------------------------------------

    def _build(self) -> None:
        self.setMinimumSize(LEAST_SIZE)
        self.resize(DEFAULT_SIZE)
        self.setWindowTitle("Sawhorse")
        self.setWindowIcon(self._theme.app_icon())
        self.setAcceptDrops(True)
        self.setDockOptions(
            QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AnimatedDocks
        )
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        center = QWidget()
        center.setProperty("role", "page")
        center.setLayout(self._center)
        self._center.setContentsMargins(0, 0, 0, 0)
        self._center.setSpacing(0)
        self._center.addWidget(self.top_bar)
        self._splitter.setObjectName("window_splitter")
        self._splitter.setHandleWidth(self._theme.space(1))
        self._splitter.addWidget(self._sidebar)
        self._splitter.addWidget(center)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setStretchFactor(0, 0)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([self._theme.space(_SIDEBAR_STEPS), DEFAULT_SIZE.width()])
        self.setCentralWidget(self._splitter)
        self.setStatusBar(Foot(self.status))

    def _add_actions(self) -> None:
        modes = [
            Action(f"theme.{mode}", f"Theme: {text}", mode, "", lambda _on, mode=mode: self._choose_mode(mode), "View",
                   is_checkable=True, group="theme")
            for mode, text in MODE_TEXTS.items()
        ]  # fmt: skip
        self.action_table.add(
            Action("app.settings", "Settings\u2026", "settings", "Ctrl+,", self.settings_requested.emit, "File"),
            Action("app.quit", "Quit", "quit", "Ctrl+Q", self.close, "File"),
            Action("view.sidebar", "Sidebar", "sidebar", "Ctrl+B", self.show_sidebar, "View", is_checkable=True),
            Action("view.full_screen", "Full screen", "maximize-2", "F11", self._toggle_full_screen, "View"),
            Action("text.larger", "Larger text", "type", "Ctrl++, Ctrl+=", lambda: self._scale_text(+1), "View"),
            Action("text.smaller", "Smaller text", "type", "Ctrl+-", lambda: self._scale_text(-1), "View"),
            Action("text.reset", "Text as designed", "type", "Ctrl+0", lambda: self._scale_text(0), "View"),
            *modes,
            Action("help.palette", "Command palette", "command", "Ctrl+Shift+P", self._open_palette, "Help"),
            Action("help.shortcuts", "Keyboard shortcuts", "keyboard", "Ctrl+/", self._toggle_shortcuts, "Help"),
        )

    def _fill_sidebar(self) -> None:
        theme, table = self._theme, self.action_table
        self._menu_button = menu_button(theme, "menu", "Menu", "menu_button", self._menu)
        self._menu_button.setVisible(not _has_menu_bar())
        hide = action_button(theme, "sidebar", "Hide the sidebar", "sidebar_hide_button", table, "view.sidebar")
        self._sidebar.add_to_head(self._menu_button)
        self._sidebar.add_to_head(hide, at_end=True)
        self._settings_button = make_button(" Settings", "row", self.settings_requested.emit, "settings_button")
        self._theme_button = menu_button(theme, "system", "Theme", "theme_button", self._theme_menu)
        self._sidebar.add_to_foot(self._settings_button, stretch=1)
        self._sidebar.add_to_foot(self._theme_button)
        self._sidebar.add_to_foot(
            action_button(theme, "help", "Keyboard shortcuts", "help_button", table, "help.shortcuts")
        )

    def _fill_top_bar(self) -> None:
        theme, table = self._theme, self.action_table
        self._collapsed_menu_button = menu_button(theme, "menu", "Menu", "collapsed_menu_button", self._menu)
        self._expand_button = action_button(
            theme, "sidebar", "Show the sidebar", "sidebar_show_button", table, "view.sidebar"
        )
        self.top_bar.add_leading(self._collapsed_menu_button)
        self.top_bar.add_leading(self._expand_button)
        self.top_bar.more_button.setMenu(self._more_menu)
        self.show_sidebar(True)

    def _fill_menus(self) -> None:
        fill_sections(self._menu, self.action_table)
        if _has_menu_bar():
            self.menuBar().clear()
            for section in SECTIONS:
                fill_section(self.menuBar().addMenu(section), self.action_table, section)
        self._theme_menu.clear()
        for mode in MODES:
            self._theme_menu.addAction(self.action_table[f"theme.{mode}"])

    def _raise_notices(self) -> None:
        self.notices.raise_()

    # --- what was clicked -----------------------------------------------------------------------------------

    def _choose_mode(self, mode: Mode) -> None:
        self._theme.set_mode(mode)
        self.theme_mode_chosen.emit(mode)

    def _scale_text(self, direction: int) -> None:
        scale = self._theme.step_text(direction)
        self.text_scale_chosen.emit(scale)

    def _focus_chat(self) -> None:
        if self._chat is not None:
            self._chat.setFocus()

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _open_palette(self) -> None:
        self._shortcuts.hide()
        self.palette_view.open()

    def _toggle_shortcuts(self) -> None:
        self.palette_view.close_palette()
        self._shortcuts.toggle()

    def _on_theme_changed(self) -> None:
        self.action_table[f"theme.{self._theme.mode}"].setChecked(True)
        self._theme_button.set_icon(self._theme.mode)
        self._settings_button.setIcon(self._theme.icon("settings"))

    # --- Qt ---------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Look out for model files once there is a window of the system's."""
        super().showEvent(event)
        self._drop.watch(self.windowHandle())
        self._frame_timer.start(FRAME_WAIT_MS)
        if self.focusWidget() is None and self._chat is not None:
            self._chat.setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take model files and folders."""
        if self._drop.offer(event.mimeData()):
            event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that the window closes, unless something is to be asked first."""
        if not self._may_close():
            event.ignore()
            return
        self.close_requested.emit()
        super().closeEvent(event)


def _bytes(text: str) -> QByteArray:
    return QByteArray.fromBase64(text.encode("ascii", "replace"))


def _has_menu_bar() -> bool:
    return sys.platform == "darwin"
