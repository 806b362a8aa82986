"""Found files as rows: the name with the typed letters marked, then its folder; for go to file and the filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QObject, QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from app.files.finding import FoundPath
from app.tools.visible import with_signs
from ui.files.file_icons import icon_for_file, icon_for_folder
from ui.files.row_paint import AnyIndex, RowDelegate
from ui.widgets.labels import plain_tip

FoundRole = Qt.ItemDataRole.UserRole
#: With less room than that, a folder is left out.
_LEAST_STEPS = 8


class FoundModel(QAbstractListModel):
    """The best matches, best first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._found: Sequence[FoundPath] = ()

    def show(self, found: Sequence[FoundPath]) -> None:
        """Show other matches."""
        self.beginResetModel()
        self._found = found
        self.endResetModel()

    def found_at(self, index: AnyIndex) -> FoundPath | None:
        """Return what a row stands for."""
        return self._found[index.row()] if 0 <= index.row() < len(self._found) else None

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._found)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        found = self.found_at(index)
        if found is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return with_signs(found.path)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(with_signs(found.path))
        return found if role == FoundRole else None


class FoundDelegate(RowDelegate):
    """Rows of so many steps of the grid."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        theme = self._theme
        found: FoundPath = index.data(FoundRole)
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint.ground(painter, rect, option.state)
        folder, _, name = found.path.rpartition("/")
        begin = len(found.path) - len(name)
        side = theme.control("icon")
        icon = icon_for_folder(is_open=False) if found.is_folder else icon_for_file(name)
        self._paint.icon(painter, icon, rect.left() + theme.space(2), rect, side)
        inner = rect.adjusted(theme.space(4) + side, 0, -theme.space(2), 0)
        in_name = [place - begin for place in found.matched if place >= begin]
        taken = self._paint.marked(painter, inner, with_signs(name), in_name, "control", "text")
        inner.setLeft(min(inner.right(), inner.left() + taken + theme.space(2)))
        if folder and inner.width() >= theme.space(_LEAST_STEPS):
            in_folder = [place for place in found.matched if place < len(folder)]
            self._paint.marked(painter, inner, with_signs(folder), in_folder, "small", "text.faint")
        painter.restore()
