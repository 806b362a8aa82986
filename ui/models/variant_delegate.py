"""Draws a row of the variant table: one ground for the whole row, icons beside the words, progress below them."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.models.variant_model import AnyIndex, Column, RowRole, VariantRow
from ui.theme import Theme

_ROW_STEPS = 7.5
_STATE_COLORS = {"here": "success", "failed": "danger", "incomplete": "danger", "running": "accent"}
_STATE_ICONS = {
    "here": "hard-drive", "failed": "error", "incomplete": "warning", "running": "download", "paused": "pause",
    "waiting": "history", "queued": "history", "verifying": "shield",
}  # fmt: skip
_PROGRESS = {"running", "paused", "waiting", "verifying"}


class VariantDelegate(QStyledItemDelegate):
    """Rows in the theme's colours."""

    def __init__(self, theme: Theme, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        row: VariantRow = index.data(RowRole)
        column = Column(index.column())
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        if is_selected:
            painter.fillRect(rect, self._theme.color("accent.soft"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, self._theme.color("hover"))
        if is_selected and column is Column.QUANTIZATION:
            mark = QRect(rect.left(), rect.top(), self._theme.space(0.75), rect.height())
            painter.fillRect(mark, self._theme.color("accent"))
        if self._view.hasFocus() and index.row() == self._view.currentIndex().row():
            self._paint_focus(painter, rect, column)
        inner = rect.adjusted(self._theme.space(2.5), 0, -self._theme.space(2.5), 0)
        match column:
            case Column.QUANTIZATION:
                self._paint_name(painter, inner, row)
            case Column.FIT:
                self._paint_marked(painter, inner, row.mark.icon, row.mark.color, row.mark.short)
            case Column.STATE:
                self._paint_state(painter, inner, row)
            case _:
                is_quiet = column in {Column.QUALITY, Column.BITS}
                self._paint_words(painter, inner, index.data(), "text.muted" if is_quiet else "text", _side(column))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        del option, index
        return QSize(0, round(self._theme.space(_ROW_STEPS) * max(1.0, self._theme.text_scale)))

    def _paint_focus(self, painter: QPainter, rect: QRect, column: Column) -> None:
        """Draw this cell's part of the ring around the row."""
        width = self._theme.control("focus")
        color = self._theme.color("focus")
        painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), width), color)
        painter.fillRect(QRect(rect.left(), rect.bottom() + 1 - width, rect.width(), width), color)
        if column is Column.QUANTIZATION:
            painter.fillRect(QRect(rect.left(), rect.top(), width, rect.height()), color)

    def _paint_name(self, painter: QPainter, rect: QRect, row: VariantRow) -> None:
        theme = self._theme
        room = QRect(rect)
        if row.is_best:
            painter.setFont(theme.font("caption"))
            width = painter.fontMetrics().horizontalAdvance("Best fit") + theme.space(3)
            height = painter.fontMetrics().height() + theme.space(0.5)
            badge = QRectF(rect.right() - width, rect.center().y() - height / 2 + 1, width, height)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.color("accent"))
            painter.setBrush(theme.color("surface.raised"))
            painter.drawRoundedRect(badge, theme.radius("small"), theme.radius("small"))
            painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, "Best fit")
            room.setRight(int(badge.left()) - theme.space(1))
        self._paint_words(painter, room, row.quantization, "text", Qt.AlignmentFlag.AlignLeft, "strong")

    def _paint_state(self, painter: QPainter, rect: QRect, row: VariantRow) -> None:
        theme = self._theme
        words, icon = row.state_words, _STATE_ICONS.get(row.state, "")
        if not words:
            return
        if row.state in _PROGRESS:
            track = QRectF(rect.left(), rect.bottom() - theme.space(1.25), rect.width(), 3)
            painter.fillRect(track, theme.color("track"))
            done = QRectF(track.left(), track.top(), track.width() * max(0.0, min(1.0, row.share)), track.height())
            painter.fillRect(done, theme.color("accent" if row.state == "running" else "text.faint"))
            rect = rect.adjusted(0, 0, 0, -theme.space(1))
        self._paint_marked(painter, rect, icon, _STATE_COLORS.get(row.state, "text.muted"), words)

    def _paint_marked(self, painter: QPainter, rect: QRect, icon: str, color: str, words: str) -> None:
        theme = self._theme
        side = theme.space(3.5)
        if icon:
            box = QRect(rect.left(), rect.center().y() - side // 2 + 1, side, side)
            theme.icon(icon, color).paint(painter, box)
            rect = rect.adjusted(side + theme.space(1.5), 0, 0, 0)
        self._paint_words(painter, rect, words, color if color != "accent" else "text", Qt.AlignmentFlag.AlignLeft)

    def _paint_words(
        self, painter: QPainter, rect: QRect, words: str, color: str, side: Qt.AlignmentFlag, font: str = "control"
    ) -> None:
        painter.setFont(self._theme.font(font))
        painter.setPen(self._theme.color(color))
        shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)


def _side(column: Column) -> Qt.AlignmentFlag:
    is_number = column in {Column.SIZE, Column.BITS, Column.SPEED}
    return Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
