"""Settings: where models lie, and how they are downloaded."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from app.paths import Paths
from app.settings import Settings
from ui.settings.folder_list import FolderList
from ui.settings.page import SettingsPage
from ui.theme import Theme
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.labels import make_button, make_label
from ui.widgets.number_field import FloatField, IntField

_MB = 1_000_000
_MOST_MB = 10_000
_MOST_CONNECTIONS = 16


class ModelsPage(SettingsPage):
    """Signals: changed(dict) with the fields of Settings that were changed."""

    changed = Signal(dict)

    def __init__(self, theme: Theme, paths: Paths, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Models", parent)
        self._own_folder = str(paths.models)
        self._folder = ElidedLabel(self._own_folder, Qt.TextElideMode.ElideMiddle)
        self._folder.setObjectName("download_folder")
        self._reset = make_button("Sawhorse's own", "ghost", lambda: self._choose(""), "reset_download_folder_button")
        self._limit = FloatField(theme)
        self._connections = IntField(theme)
        self._folders = FolderList(theme)
        self._build()
        self._limit.valueChanged.connect(self._on_limit_value_changed)
        self._connections.valueChanged.connect(lambda count: self.changed.emit({"download_connections": count}))
        self._folders.changed.connect(lambda folders: self.changed.emit({"model_folders": folders}))

    def show_settings(self, settings: Settings) -> None:
        """Show settings."""
        blockers = [QSignalBlocker(field) for field in (self._limit, self._connections)]
        self._folder.set_text(settings.download_folder or self._own_folder)
        self._reset.setVisible(bool(settings.download_folder))
        self._limit.setValue(settings.download_limit / _MB)
        self._connections.setValue(settings.download_connections)
        for blocker in blockers:
            blocker.unblock()
        self._folders.show_folders(settings.model_folders)

    def _build(self) -> None:
        theme = self._theme
        self.rows.addWidget(make_label("Folder for downloads", "strong"))
        change = make_button("Change\u2026", "", self._on_change_clicked, "change_download_folder_button")
        line = QHBoxLayout()
        line.setSpacing(theme.space(2))
        line.addWidget(self._folder, 1)
        line.addWidget(self._reset)
        line.addWidget(change)
        self.rows.addLayout(line)
        self._limit.setRange(0, _MOST_MB)
        self._limit.setDecimals(1)
        self._limit.setSuffix(" MB/s")
        self._limit.setSpecialValueText("no limit")
        self._limit.setMinimumWidth(theme.space(36))
        self._connections.setRange(1, _MOST_CONNECTIONS)
        self._connections.setMinimumWidth(theme.space(36))
        self.add_row("Most speed", self._limit, "Of all downloads together. 0 for no limit.", "download_limit")
        hint = "More are faster where each is slow, and may be refused by a server."
        self.add_row("Connections of a download", self._connections, hint, "download_connections")
        self.rows.addWidget(make_label("Your model folders", "strong"))
        self.add_text(
            "Looked through at any depth; nothing in them is moved or changed. What Hugging Face, LM Studio, Ollama, "
            "llama.cpp and Docker keep is found by itself.",
            "small",
        )
        self.rows.addWidget(self._folders)
        self.finish()

    def _choose(self, folder: str) -> None:
        self.changed.emit({"download_folder": folder})

    def _on_limit_value_changed(self, megabytes: float) -> None:
        self.changed.emit({"download_limit": round(megabytes * _MB)})

    def _on_change_clicked(self) -> None:
        dialog = QFileDialog(self, "Folder for downloaded models", self._folder.whole_text())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._choose)
        dialog.open()
