"""Draws a conversation's row: heading or title, with a mark while a reply is made in it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.sidebar.conversation_model import AnyIndex, HeadingRole, RunningRole
from ui.theme import Theme


class ConversationDelegate(QStyledItemDelegate):
    """Rows in the theme's colours."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        space = self._theme.space
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(HeadingRole):
            painter.setFont(self._theme.font("caption"))
            painter.setPen(self._theme.color("text.faint"))
            place = rect.adjusted(space(2), 0, -space(2), -space(1))
            painter.drawText(place, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, index.data())
            painter.restore()
            return
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        if is_selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(self._theme.color("accent.soft" if is_selected else "hover"))
            painter.setPen(Qt.PenStyle.NoPen)
            radius = self._theme.radius("control")
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), radius, radius)
        right = space(2)
        if index.data(RunningRole):
            right += space(3)
            painter.setBrush(self._theme.color("accent"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(rect.right() - space(3.5), rect.center().y() - space(0.5), space(1.5), space(1.5))
        painter.setFont(self._theme.font("strong" if is_selected else "control"))
        painter.setPen(self._theme.color("text"))
        place = rect.adjusted(space(2), 0, -right, 0)
        title = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)
        painter.restore()

    def sizeHint(self, _option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(0, self._theme.space(8 if not index.data(HeadingRole) else 9))
