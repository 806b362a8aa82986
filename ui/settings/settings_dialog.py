"""The settings: a window of their own that does not block the main one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QWidget

from app.paths import Paths
from app.settings import Settings
from ui.settings.about_page import AboutPage
from ui.settings.appearance_page import AppearancePage
from ui.settings.data_page import DataPage
from ui.settings.engine_page import EnginePage
from ui.settings.keyboard_page import KeyboardPage
from ui.settings.models_page import ModelsPage
from ui.settings.page import PageEntry, SettingsPage
from ui.theme import Theme
from ui.widgets.actions import ActionTable

_SIZE = QSize(760, 600)
_NAVIGATION_STEPS = 48


class SettingsDialog(QDialog):
    """Pages chosen from a list on the left; every change is told at once, so there is nothing to confirm.

    Signals:
        settings_changed(dict): The fields of Settings that were changed, with their new values.
    """

    settings_changed = Signal(dict)

    def __init__(
        self,
        theme: Theme,
        paths: Paths,
        table: ActionTable,
        parent: QWidget | None = None,
        *,
        pages: Sequence[PageEntry] = (),
    ) -> None:
        """Build the dialog with ``pages`` of others after its own first ones."""
        super().__init__(parent)
        self.setObjectName("settings_dialog")
        self.setAccessibleName("Settings")
        self.setWindowTitle("Settings")
        self.setModal(False)
        self.resize(_SIZE)
        self._theme = theme
        self._pages = QStackedWidget()
        self._list = QListWidget()
        self.appearance = AppearancePage(theme)
        self.engine = EnginePage(theme)
        self.models = ModelsPage(theme, paths)
        self._added = [(entry.icon, entry.make()) for entry in pages]
        self._build()
        self._add_page("contrast", "Appearance", self.appearance)
        self._add_page("cpu", "Engine defaults", self.engine)
        self._add_page("model", "Models", self.models)
        for icon, page in self._added:
            self._add_page(icon, page.accessibleName(), page)
            page.changed.connect(self.settings_changed)
        self._add_page("folder", "Data", DataPage(theme, paths))
        self._add_page("keyboard", "Keyboard", KeyboardPage(theme, table))
        self._add_page("info", "About", AboutPage(theme, paths.logs))
        self._list.setCurrentRow(0)
        self.appearance.changed.connect(self.settings_changed)
        self.engine.changed.connect(self.settings_changed)
        self.models.changed.connect(self.settings_changed)
        theme.changed.connect(self._draw_icons)

    def show_settings(self, settings: Settings) -> None:
        """Show settings."""
        self.appearance.show_settings(settings)
        self.engine.show_settings(settings)
        self.models.show_settings(settings)
        for _icon, page in self._added:
            page.show_settings(settings)

    def show_page(self, title: str) -> None:
        """Open the dialog at a page."""
        for item in self._list.findItems(title, Qt.MatchFlag.MatchExactly):
            self._list.setCurrentItem(item)
        self.show()
        self.raise_()
        self.activateWindow()

    def _build(self) -> None:
        theme = self._theme
        self._list.setObjectName("settings_list")
        self._list.setAccessibleName("Pages of the settings")
        self._list.setProperty("role", "navigation")
        self._list.setFixedWidth(theme.space(_NAVIGATION_STEPS))
        self._list.setIconSize(QSize(theme.control("icon"), theme.control("icon")))
        self._list.currentRowChanged.connect(self._pages.setCurrentIndex)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._list)
        layout.addWidget(self._pages, 1)

    def _add_page(self, icon: str, title: str, page: SettingsPage) -> None:
        item = QListWidgetItem(self._theme.icon(icon), title)
        item.setData(Qt.ItemDataRole.UserRole, icon)
        item.setSizeHint(QSize(0, self._theme.space(9)))
        self._list.addItem(item)
        self._pages.addWidget(page)

    def _draw_icons(self) -> None:
        for row in range(self._list.count()):
            item = self._list.item(row)
            item.setIcon(self._theme.icon(item.data(Qt.ItemDataRole.UserRole)))
