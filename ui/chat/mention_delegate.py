"""Paints one row of what can be named after an at sign: icon, name with the typed letters marked, folder, cost."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.tools.visible import with_signs
from ui.chat.mention_rows import MentionRow
from ui.theme import Theme

RowRole = Qt.ItemDataRole.UserRole
_ROW_STEPS = 8


class MentionDelegate(QStyledItemDelegate):
    """A row as high as eight steps of the grid."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the row's size."""
        del option, index
        return QSize(0, self._theme.space(_ROW_STEPS))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the row."""
        theme, row = self._theme, index.data(RowRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent.soft" if selected else "hover"))
            painter.drawRoundedRect(option.rect, theme.radius("control"), theme.radius("control"))
        inner = option.rect.adjusted(theme.space(2), 0, -theme.space(2.5), 0)
        side = theme.control("icon")
        theme.icon(row.icon).paint(painter, QRect(inner.left(), inner.center().y() - side // 2 + 1, side, side))
        inner.setLeft(inner.left() + side + theme.space(2))
        inner.setRight(self._paint_note(painter, inner, row))
        inner.setLeft(self._paint_title(painter, inner, row))
        self._paint_place(painter, inner, row)
        painter.restore()

    def _paint_note(self, painter: QPainter, rect: QRect, row: MentionRow) -> int:
        """Paint the note at the right end and return where it begins."""
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color("text.muted"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, row.note)
        return rect.right() - painter.fontMetrics().horizontalAdvance(row.note) - self._theme.space(3)

    def _paint_title(self, painter: QPainter, rect: QRect, row: MentionRow) -> int:
        """Paint the name and return where it ends."""
        theme = self._theme
        layout = QTextLayout(with_signs(row.title).replace("\n", " "), theme.font("control"))
        marked = QTextCharFormat()
        marked.setFontWeight(QFont.Weight.Bold)
        marked.setForeground(theme.color("accent"))
        spans = []
        for place in row.positions:
            span = QTextLayout.FormatRange()
            span.start, span.length, span.format = place, 1, marked
            spans.append(span)
        layout.setFormats(spans)
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(max(0, rect.width()))
        layout.endLayout()
        painter.setPen(theme.color("text"))
        layout.draw(painter, QPointF(rect.left(), rect.center().y() + 1 - line.height() / 2))
        return rect.left() + round(line.naturalTextWidth()) + theme.space(2)

    def _paint_place(self, painter: QPainter, rect: QRect, row: MentionRow) -> None:
        if rect.width() <= 0 or not row.place:
            return
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color("text.muted"))
        place = with_signs(row.place).replace("\n", " ")
        shown = painter.fontMetrics().elidedText(place, Qt.TextElideMode.ElideMiddle, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
