"""Settings: where things are kept."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.paths import Paths
from ui.settings.page import SettingsPage
from ui.theme import Theme
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_label


class DataPage(SettingsPage):
    """The folders in use, each with buttons to open it and to copy its name."""

    def __init__(self, theme: Theme, paths: Paths, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Data", parent)
        self.add_text("Everything stays on this machine. SAWHORSE_HOME puts all of it under one folder.")
        if paths.notice:
            self.add_text(paths.notice, "warning")
        for key, title, folder in (
            ("conversations", "Conversations", paths.data),
            ("settings", "Settings", paths.config),
            ("models", "Downloaded models", paths.models),
            ("logs", "Logs", paths.logs),
            ("cache", "Cache", paths.cache),
        ):
            self.rows.addWidget(self._make_row(key, title, folder))
        self.finish()

    def _make_row(self, key: str, title: str, folder: Path) -> QWidget:
        row = QWidget()
        place = ElidedLabel(str(folder), Qt.TextElideMode.ElideMiddle)
        place.setProperty("role", "small")
        open_button = IconButton(self._theme, "folder-open", f"Open the folder of {title.lower()}")
        open_button.setObjectName(f"open_{key}_button")
        open_button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))))
        copy_button = IconButton(self._theme, "copy", f"Copy the folder of {title.lower()}")
        copy_button.setObjectName(f"copy_{key}_button")
        copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(str(folder)))
        words = QVBoxLayout()
        words.setSpacing(self._theme.space(1))
        words.addWidget(make_label(title))
        words.addWidget(place)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._theme.space(1))
        layout.addLayout(words, 1)
        layout.addWidget(open_button)
        layout.addWidget(copy_button)
        return row
