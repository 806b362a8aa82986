"""Connects the settings: what is chosen in the dialog or in the window is put in force and written down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.errors import AppError
from app.paths import Paths
from app.settings import SettingsFile
from ui.main_window import MainWindow
from ui.settings.page import PageEntry
from ui.theme import Theme
from ui.widgets.actions import Action

if TYPE_CHECKING:
    from ui.settings.settings_dialog import SettingsDialog


class SettingsControl(QObject):
    """Opens the dialog when it is asked for; until then there is none, for it costs time at the start.

    Signals:
        changed(): Other settings are in force.
    """

    changed = Signal()

    def __init__(
        self,
        theme: Theme,
        file: SettingsFile,
        paths: Paths,
        window: MainWindow,
        parent: QObject | None = None,
        *,
        pages: Sequence[PageEntry] = (),
    ) -> None:
        super().__init__(parent)
        self._pages = pages
        self._theme = theme
        self._file = file
        self._paths = paths
        self._window = window
        self._dialog: SettingsDialog | None = None
        window.action_table.add(Action("help.about", "About Sawhorse", "info", "", lambda: self.open("About"), "Help"))
        window.settings_requested.connect(self.open)
        window.theme_mode_chosen.connect(lambda mode: self.change({"theme": mode}))
        window.text_scale_chosen.connect(lambda scale: self.change({"text_scale": scale}))
        window.close_requested.connect(self._on_window_close_requested)
        self._put_in_force()

    def open(self, page: str = "") -> None:
        """Show the dialog, at a page if one is named."""
        if self._dialog is None:
            from ui.settings.settings_dialog import SettingsDialog  # noqa: PLC0415 - a start has no use for it

            self._dialog = SettingsDialog(
                self._theme, self._paths, self._window.action_table, self._window, pages=self._pages
            )
            self._dialog.settings_changed.connect(self.change)
        self._dialog.show_settings(self._file.settings)
        self._dialog.show_page(page)

    def change(self, fields: dict[str, Any]) -> None:
        """Put fields of the settings in force and write them; say so if they cannot be written."""
        try:
            self._file.change(**fields)
        except AppError as error:
            self._window.notices.show_error(error)
        self._put_in_force()
        self.changed.emit()
        if self._dialog is not None:
            self._dialog.show_settings(self._file.settings)

    def _put_in_force(self) -> None:
        settings = self._file.settings
        self._theme.set_reduce_motion(settings.reduce_motion)
        self._theme.set_text(settings.text_scale, settings.code_size)
        self._theme.set_mode(settings.theme)

    def _on_window_close_requested(self) -> None:
        if self._dialog is not None:
            self._dialog.close()
