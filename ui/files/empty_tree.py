"""What stands where the files would, while no folder is open: a way to open one, and those that were."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.elided_button import ElidedButton
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import discard, make_button, make_label, plain_tip

_MOST_RECENT = 6


class EmptyTree(QWidget):
    """Signals: choose_asked() for a folder of the disk, folder_chosen(str) for a recent one."""

    choose_asked = Signal()
    folder_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: list[QWidget] = []
        self._choose = make_button("Open folder…", "primary", self.choose_asked.emit, "open_folder_button")
        self.setFocusProxy(self._choose)
        self._recent_title = make_label("Recent", "section")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space(1), theme.space(8), theme.space(1), 0)
        layout.setSpacing(theme.space(2))
        center = Qt.AlignmentFlag.AlignHCenter
        layout.addWidget(IconLabel(theme, "folder-tree", "text.faint", theme.space(8)), 0, center)
        layout.addWidget(make_label("No folder is open", "strong"), 0, center)
        words = make_label("Open one to see its files here. Nothing in it is run.", "muted", wrap=True)
        words.setAlignment(center)
        layout.addWidget(words)
        layout.addSpacing(theme.space(1))
        layout.addWidget(self._choose, 0, center)
        layout.addSpacing(theme.space(4))
        layout.addWidget(self._recent_title)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        layout.addLayout(self._recent)
        layout.addStretch(1)
        theme.changed.connect(self._draw_icons)
        self.show_recent(())

    def show_recent(self, folders: Sequence[str]) -> None:
        """Offer folders that were open before."""
        for row in self._rows:
            discard(row)
        self._rows = [self._make_row(folder) for folder in folders[:_MOST_RECENT]]
        for row in self._rows:
            self._recent.addWidget(row)
        self._recent_title.setVisible(bool(self._rows))
        self._draw_icons()

    def _make_row(self, folder: str) -> ElidedButton:
        button = ElidedButton(self._theme, Path(folder).name or folder, self)
        button.setObjectName("recent_folder_button")
        button.setAccessibleName(f"Open {folder}")
        button.setToolTip(plain_tip(folder))
        button.setProperty("role", "row")
        button.clicked.connect(partial(self._on_row_clicked, folder))
        return button

    def _on_row_clicked(self, folder: str, _checked: bool = False) -> None:
        self.folder_chosen.emit(folder)

    def _draw_icons(self) -> None:
        for row in self._rows:
            if isinstance(row, ElidedButton):
                row.setIcon(self._theme.icon("folder"))
