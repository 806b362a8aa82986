"""A list of folders with a button to add one, and one at each to remove it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import discard, make_button, make_label


class FolderList(QWidget):
    """Signals: changed(object) with the folders, a tuple of paths, after one was added or removed."""

    changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._folders: tuple[str, ...] = ()
        self.setObjectName("model_folders")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(theme.space(1))
        self._add = make_button("Add a folder\u2026", "", self._on_add_clicked, "add_model_folder_button")
        foot = QHBoxLayout()
        foot.addWidget(self._add)
        foot.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.space(2))
        layout.addLayout(self._rows)
        layout.addLayout(foot)

    def show_folders(self, folders: Sequence[str]) -> None:
        """Show folders."""
        self._folders = tuple(folders)
        while item := self._rows.takeAt(0):
            if widget := item.widget():
                discard(widget)
        for number, folder in enumerate(self._folders):
            self._rows.addWidget(self._make_row(number, folder))
        if not self._folders:
            self._rows.addWidget(make_label("None added.", "small"))

    def add(self, folder: str) -> None:
        """Add a folder, unless it is there already."""
        if folder and folder not in self._folders:
            self.changed.emit((*self._folders, folder))

    def _make_row(self, number: int, folder: str) -> QWidget:
        row = QWidget()
        remove = IconButton(self._theme, "close", f"Remove {folder} from the list; its files stay")
        remove.setObjectName(f"remove_model_folder_{number}")
        remove.clicked.connect(partial(self._remove, folder))
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(ElidedLabel(folder, Qt.TextElideMode.ElideMiddle), 1)
        layout.addWidget(remove)
        return row

    def _remove(self, folder: str) -> None:
        self.changed.emit(tuple(other for other in self._folders if other != folder))

    def _on_add_clicked(self) -> None:
        dialog = QFileDialog(self, "Add a folder with GGUF models")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.add)
        dialog.open()
