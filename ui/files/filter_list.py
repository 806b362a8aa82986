"""The files that fit what was typed into the tree's filter, in the tree's place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListView, QWidget

from app.files.finding import FoundPath
from ui.files.found_list import FoundDelegate, FoundModel
from ui.files.tree_delegate import ROW_STEPS
from ui.theme import Theme


class FoundList(QListView):
    """Signals: chosen(str) with a file's path below the folder, on a click or Enter."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found = FoundModel(self)
        self.setObjectName("filtered_files")
        self.setAccessibleName("Files that fit")
        self.setModel(self._found)
        self.setItemDelegate(FoundDelegate(theme, ROW_STEPS, self))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._choose)

    def show_found(self, found: Sequence[FoundPath]) -> None:
        """Show other files; the best is the current one."""
        self._found.show(found)
        self.setCurrentIndex(self._found.index(0))
        self.scrollToTop()

    def shown_paths(self) -> list[str]:
        """Return the paths on show, best first."""
        return [str(self._found.index(row).data()) for row in range(self._found.rowCount())]

    def choose_current(self) -> None:
        """Open the current file."""
        self._choose(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.choose_current()
        else:
            super().keyPressEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        found = self._found.found_at(index)
        if found is not None:
            self.chosen.emit(found.path)
