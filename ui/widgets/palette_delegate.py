"""Paints one row of the command palette: icon, words with the typed letters marked, keys."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.theme import Theme
from ui.widgets.actions import Action, ActionTable

ActionRole = Qt.ItemDataRole.UserRole
PositionsRole = Qt.ItemDataRole.UserRole + 1
_ROW_STEPS = 9


class PaletteDelegate(QStyledItemDelegate):
    """A row as high as nine steps of the grid."""

    def __init__(self, theme: Theme, table: ActionTable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._table = table

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the row's size."""
        del option, index
        return QSize(0, self._theme.space(_ROW_STEPS))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the row."""
        theme = self._theme
        action: Action = index.data(ActionRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = option.state
        rect = option.rect
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            selected = bool(state & QStyle.StateFlag.State_Selected)
            painter.setBrush(theme.color("accent.soft" if selected else "hover"))
            painter.drawRoundedRect(rect, theme.radius("control"), theme.radius("control"))
        inner = rect.adjusted(theme.space(2), 0, -theme.space(3), 0)
        side = theme.control("icon")
        if action.icon:
            box = QRect(inner.left(), inner.center().y() - side // 2 + 1, side, side)
            theme.icon(action.icon).paint(painter, box)
        inner.setLeft(inner.left() + side + theme.space(3))
        inner.setRight(self._paint_keys(painter, inner, action))
        self._paint_text(painter, inner, action, index.data(PositionsRole))
        painter.restore()

    def _paint_keys(self, painter: QPainter, rect: QRect, action: Action) -> int:
        """Paint section and keys at the right end and return where they begin."""
        theme = self._theme
        painter.setFont(theme.font("small"))
        keys = self._table.shortcut_text(action.id)
        words = f"{action.section}   {keys}" if keys else action.section
        painter.setPen(theme.color("text.muted"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)
        return rect.right() - painter.fontMetrics().horizontalAdvance(words) - theme.space(3)

    def _paint_text(self, painter: QPainter, rect: QRect, action: Action, positions: tuple[int, ...]) -> None:
        theme = self._theme
        font = theme.font("control")
        painter.setPen(theme.color("text"))
        layout = QTextLayout(action.text, font)
        marked = QTextCharFormat()
        marked.setFontWeight(QFont.Weight.Bold)
        marked.setForeground(theme.color("accent"))
        ranges = []
        for place in positions:
            span = QTextLayout.FormatRange()
            span.start, span.length, span.format = place, 1, marked
            ranges.append(span)
        layout.setFormats(ranges)
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(rect.width())
        layout.endLayout()
        layout.draw(painter, QPointF(rect.left(), rect.center().y() + 1 - line.height() / 2))
