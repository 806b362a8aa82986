"""Files and folders of a folder as an indented tree with icons and sizes."""

from __future__ import annotations

from pathlib import PurePosixPath

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from app.tools.views import Entry, TreeView
from app.tools.visible import make_visible
from ui.models.sizes import size_words
from ui.theme import Theme

MAX_VISIBLE_ROWS = 18
#: More entries are not built; what is copied has them all.
MAX_ROWS = 300
_ICONS = {"folder": "folder", "file": "file", "link": "link", "other": "circle"}


class TreeList(QTreeWidget):
    """Shows the entries, all unfolded."""

    def __init__(self, theme: Theme, view: TreeView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows = 0
        self.setObjectName("tree_result")
        self.setAccessibleName(f"Files in {view.root or 'the folder'}")
        self.setHeaderHidden(True)
        self.setColumnCount(2)
        self.setUniformRowHeights(True)
        self.setIconSize(QSize(theme.control("icon"), theme.control("icon")))
        self.setIndentation(theme.space(5))
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._fill(view)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.expandAll()

    def _fill(self, view: TreeView) -> None:
        known: dict[str, QTreeWidgetItem] = {}
        for entry in view.entries[:MAX_ROWS]:
            path = PurePosixPath(entry.path)
            above = known.get(str(path.parent))
            item = self._item(entry, path.name if above else str(path))
            known[str(path)] = item
            if above is None:
                self.addTopLevelItem(item)
            else:
                above.addChild(item)
            self._rows += 1
        rest = view.total - self._rows
        if rest > 0:
            self._note(f"{rest:,} more are not listed")
        elif not self._rows:
            self._note("Nothing is in it.")

    def _item(self, entry: Entry, name: str) -> QTreeWidgetItem:
        is_small = 0 <= entry.size_bytes < 1000
        size = f"{entry.size_bytes} bytes" if is_small else size_words(entry.size_bytes) if entry.size_bytes > 0 else ""
        item = QTreeWidgetItem([make_visible(name), size])
        item.setIcon(0, self._theme.icon(_ICONS[entry.kind]))
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setForeground(1, self._theme.color("text.muted"))
        item.setFont(1, self._theme.font("small"))
        return item

    def _note(self, words: str) -> None:
        item = QTreeWidgetItem([words])
        item.setForeground(0, self._theme.color("text.faint"))
        self.addTopLevelItem(item)
        self._rows += 1

    def layout_to(self, width: int) -> int:
        """Take ``width`` pixels and return the height."""
        self.ensurePolished()
        self.resize(width, max(1, self.height()))
        row = max(self.sizeHintForRow(0), self._theme.space(5))
        return row * min(self._rows, MAX_VISIBLE_ROWS) + 2

    # --- Qt ---------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        bar = self.verticalScrollBar()
        down = event.angleDelta().y() < 0
        if bar.maximum() == 0 or bar.value() == (bar.maximum() if down else bar.minimum()):
            event.ignore()
        else:
            super().wheelEvent(event)
