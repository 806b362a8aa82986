"""The line over the file tree: the open folder's name with its menu, and two buttons."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from ui.files.tree_menu import fill_folder_menu
from ui.theme import Theme
from ui.widgets.elided_button import ElidedButton
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import plain_tip

_BUTTON_STEPS = 7


class TreeHead(QWidget):
    """What can be done with the folder as a whole.

    Attributes:
        shows_ignored: What the ignore rules leave out is shown.
        follows_editor: The file on show in the editor is selected.

    Signals:
        chosen(str): A verb of the menu, as ``fill_folder_menu`` has them.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shows_ignored = False
        self.follows_editor = False
        self._theme = theme
        self._folder = ""
        self._recent: Sequence[str] = ()
        self._menu = QMenu(self)
        self._menu.setObjectName("folder_menu")
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._button = ElidedButton(theme, "")
        self._button.setObjectName("folder_button")
        self._button.setProperty("role", "row")
        self._button.setMenu(self._menu)
        self._button.setIconSize(QSize(theme.space(3.5), theme.space(3.5)))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.space(0.5))
        layout.addWidget(self._button, 1)
        for name, icon, words, verb in (
            ("new_file_button", "file-plus", "New file", "new_file"),
            ("collapse_button", "collapse", "Collapse all", "collapse"),
        ):
            button = IconButton(theme, icon, words, size=theme.space(_BUTTON_STEPS))
            button.setObjectName(name)
            button.clicked.connect(partial(self._on_button_clicked, verb))
            layout.addWidget(button)
        theme.changed.connect(self._draw_icon)
        self._draw_icon()

    def show_folder(self, folder: str, recent: Sequence[str]) -> None:
        """Show the open folder's name; ``recent`` are those that were open before."""
        self._folder, self._recent = folder, recent
        name = Path(folder).name or folder
        self._button.set_text(name)
        self._button.setAccessibleName(f"Folder: {name}")
        self._button.setToolTip(plain_tip(folder))

    def _fill_menu(self) -> None:
        fill_folder_menu(
            self._theme,
            self._menu,
            self._folder,
            self._recent,
            self.chosen.emit,
            shows_ignored=self.shows_ignored,
            follows_editor=self.follows_editor,
        )

    def _on_button_clicked(self, verb: str, _checked: bool = False) -> None:
        self.chosen.emit(verb)

    def _draw_icon(self) -> None:
        self._button.setIcon(self._theme.icon("chevron-down"))
