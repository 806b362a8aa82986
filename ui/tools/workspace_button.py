"""Below the composer: the folder that tools act in, how many are on, and what holds them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from ui.theme import Theme
from ui.tools.workspace_state import (
    WorkspaceState,
    folder_name,
    folder_words,
    sandbox_icon,
    sandbox_title,
    sandbox_words,
    short_words,
    tools_words,
)
from ui.widgets.elided_button import ElidedButton
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import plain_tip, set_property

_ICON_STEPS = 3.5
_SHIELD_STEPS = 6


class WorkspaceBar(QWidget):
    """A button for the folder, one for the tools, and a shield.

    Signals:
        choose_requested(): A folder is to be chosen from the disk.
        folder_chosen(str): A folder chosen before, or none ("").
        tools_requested(): The list of tools is asked for.
        sandbox_requested(): More is to be said of the sandbox.
    """

    choose_requested = Signal()
    folder_chosen = Signal(str)
    tools_requested = Signal()
    sandbox_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = WorkspaceState()
        self._menu = QMenu(self)
        self._menu.setObjectName("workspace_menu")
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._folder = ElidedButton(theme, "")
        self._folder.setObjectName("workspace_button")
        self._folder.setMenu(self._menu)
        self.tools = QPushButton()
        self.tools.setObjectName("tools_button")
        self.tools.setAutoDefault(False)
        self.tools.clicked.connect(self.tools_requested)
        self._shield = IconButton(theme, "shield", "", size=theme.space(_SHIELD_STEPS))
        self._shield.setObjectName("sandbox_button")
        self._shield.clicked.connect(self.sandbox_requested)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.space(1), 0)
        layout.setSpacing(theme.space(1))
        for button in (self._folder, self.tools):
            button.setProperty("role", "composer-chip")
            button.setIconSize(QSize(theme.space(_ICON_STEPS), theme.space(_ICON_STEPS)))
            layout.addWidget(button)
        layout.addWidget(self._shield)
        theme.changed.connect(self._draw_icons)
        self.show_workspace(self._state)

    def show_workspace(self, state: WorkspaceState) -> None:
        """Show what is in force."""
        self._state = state
        words = folder_words(state)
        self._folder.set_text(words, short_words(state))
        self._folder.setEnabled(state.can_change)
        self._folder.setAccessibleName(f"Folder for tools: {words}")
        self._folder.setToolTip(plain_tip(self._folder_tip()))
        set_property(self._folder, "level", "warning" if state.is_missing else "" if state.folder else "off")
        has_tools = bool(state.folder) and not state.is_missing
        self.tools.setText(" " + tools_words(state.tools_on))
        self.tools.setAccessibleName(f"Tools: {tools_words(state.tools_on)} on")
        self.tools.setToolTip("Which tools the model is offered, and what it may do unasked")
        self.tools.setVisible(has_tools)
        self._show_shield(is_shown=has_tools)
        self._draw_icons()

    def open_menu(self) -> None:
        """Open the menu of folders."""
        self._folder.showMenu()

    # --- how --------------------------------------------------------------------------------------------

    def _folder_tip(self) -> str:
        if not self._state.can_change:
            return "The folder can be changed once the run has ended"
        if not self._state.folder:
            return "Choose a folder, and the model can read, change and run things in it. Choosing runs nothing."
        return f"Tools act in {self._state.folder}"

    def _show_shield(self, *, is_shown: bool) -> None:
        sandbox = self._state.sandbox
        title = sandbox_title(sandbox)
        self._shield.setVisible(is_shown)
        self._shield.setAccessibleName(title)
        self._shield.setAccessibleDescription(sandbox_words(sandbox))
        self._shield.setToolTip(plain_tip(f"{title}\n{sandbox_words(sandbox)}"))
        is_open = sandbox is not None and sandbox.kind == "none"
        set_property(self._shield, "level", "warning" if is_open else "")

    def _draw_icons(self) -> None:
        is_off = not self._state.folder
        icon = "warning" if self._state.is_missing else "folder" if is_off else "folder-open"
        color = "warning" if self._state.is_missing else "text.muted" if is_off else "accent"
        self._folder.setIcon(self._theme.icon(icon, color))
        self.tools.setIcon(self._theme.icon("tool"))
        self._shield.set_icon(*sandbox_icon(self._state.sandbox))

    def _fill_menu(self) -> None:
        menu, theme = self._menu, self._theme
        menu.clear()
        menu.addAction(theme.icon("folder-open"), "Choose a folder…", self.choose_requested.emit)
        recent = [folder for folder in self._state.recent if folder != self._state.folder]
        if recent:
            menu.addSection("Recent")
        for folder in recent:
            self._add_recent(folder)
        if self._state.folder:
            menu.addSeparator()
            menu.addAction(theme.icon("close"), "No folder: tools off", partial(self.folder_chosen.emit, ""))

    def _add_recent(self, folder: str) -> None:
        is_there = Path(folder).is_dir()
        name = folder_name(folder).replace("&", "&&")
        action = self._menu.addAction(self._theme.icon("folder"), name, partial(self.folder_chosen.emit, folder))
        action.setEnabled(is_there)
        action.setToolTip(plain_tip(folder if is_there else f"{folder} is not there any more"))
