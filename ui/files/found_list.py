"""Found files as rows: the name with the typed letters marked, then its folder; for go to file and the filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.files.finding import FoundPath
from app.tools.visible import with_signs
from ui.files.file_icons import icon_for_file, icon_for_folder
from ui.theme import Theme
from ui.widgets.labels import plain_tip

AnyIndex = QModelIndex | QPersistentModelIndex
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


class FoundDelegate(QStyledItemDelegate):
    """Rows of so many steps of the grid."""

    def __init__(self, theme: Theme, row_steps: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._row_steps = row_steps

    def sizeHint(self, _option: QStyleOptionViewItem, _index: AnyIndex) -> QSize:
        return QSize(0, self._theme.space(self._row_steps))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        theme = self._theme
        found: FoundPath = index.data(FoundRole)
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent.soft" if is_selected else "hover"))
            painter.drawRoundedRect(rect, theme.radius("control"), theme.radius("control"))
        folder, _, name = found.path.rpartition("/")
        begin = len(found.path) - len(name)
        side = theme.control("icon")
        left = rect.left() + theme.space(2)
        icon = icon_for_folder(is_open=False) if found.is_folder else icon_for_file(name)
        theme.icon(*icon).paint(painter, QRect(left, rect.center().y() - side // 2 + 1, side, side))
        inner = rect.adjusted(theme.space(2) + side + theme.space(2), 0, -theme.space(2), 0)
        in_name = [place - begin for place in found.matched if place >= begin]
        taken = self._paint_text(painter, inner, with_signs(name), in_name, "control", "text")
        inner.setLeft(min(inner.right(), inner.left() + taken + theme.space(2)))
        if inner.width() < theme.space(_LEAST_STEPS):
            painter.restore()
            return
        in_folder = [place for place in found.matched if place < begin]
        self._paint_text(painter, inner, with_signs(folder), in_folder, "small", "text.faint")
        painter.restore()

    def _paint_text(
        self, painter: QPainter, rect: QRect, text: str, places: Sequence[int], font_role: str, color: str
    ) -> int:
        """Paint a text with some of its letters marked, cut to fit; return its width."""
        theme = self._theme
        font = theme.font(font_role)
        painter.setFont(font)
        painter.setPen(theme.color(color))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, max(0, rect.width()))
        layout = QTextLayout(shown, font)
        layout.setFormats(_marks(theme, places) if shown == text else [])
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(max(1, rect.width()))
        layout.endLayout()
        layout.draw(painter, QPointF(rect.left(), rect.center().y() + 1 - line.height() / 2))
        return round(line.naturalTextWidth())


def _marks(theme: Theme, places: Sequence[int]) -> list[QTextLayout.FormatRange]:
    marked = QTextCharFormat()
    marked.setFontWeight(QFont.Weight.Bold)
    marked.setForeground(theme.color("accent"))
    ranges = []
    for place in places:
        span = QTextLayout.FormatRange()
        span.start, span.length, span.format = place, 1, marked
        ranges.append(span)
    return ranges
