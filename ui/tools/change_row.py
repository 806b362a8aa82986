"""A row of the list of changed files: its icon and name, how many lines came and went, and what was decided."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from ui.theme import Theme

#: (lines added, lines removed); -1 where they were not counted.
COUNTS = Qt.ItemDataRole.UserRole + 1
#: A ``RowState``.
STATE = Qt.ItemDataRole.UserRole + 2

#: State -> icon, its colour, and what it means.
STATES = {
    "accepted": ("check", "success", "Accepted"),
    "rejected": ("close", "danger", "Rejected: as before the run"),
    "other": ("minus", "warning", "Rejected in part, or changed since"),
}
_Index = QModelIndex | QPersistentModelIndex


class ChangeRow(QStyledItemDelegate):
    """Leaves room for the counts and the state right of the name, and draws them there."""

    def __init__(self, theme: Theme, parent: object = None) -> None:
        super().__init__(parent)  # type: ignore[arg-type]  # Qt's stub wants its own class
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        theme, place = self._theme, option.rect
        right = place.right() - theme.space(2)
        state = STATES.get(str(index.data(STATE) or ""))
        if state is not None:
            side = theme.control("icon")
            top = place.center().y() - side // 2 + 1
            theme.icon(state[0], state[1], state[1]).paint(painter, QRect(right - side + 1, top, side, side))
        right -= theme.control("icon") + theme.space(1.5)
        painter.save()
        painter.setFont(theme.font("small"))
        for text, color in reversed(self._pieces(index)):
            width = self._width(text)
            painter.setPen(theme.color(color))
            box = QRect(right - width, place.top(), width, place.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
            right -= width + theme.space(1.5)
        painter.restore()

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        """Shorten the name to the room that is left of what is drawn beside it."""
        super().initStyleOption(option, index)
        theme = self._theme
        beside = sum(self._width(text) + theme.space(1.5) for text, _ in self._pieces(index))
        fixed = theme.control("icon") * 2 + theme.space(9)
        room = option.rect.width() - beside - fixed
        metrics = option.fontMetrics
        option.text = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, max(room, theme.space(10)))

    def _width(self, text: str) -> int:
        return QFontMetrics(self._theme.font("small")).horizontalAdvance(text)

    def _pieces(self, index: _Index) -> list[tuple[str, str]]:
        added, removed = index.data(COUNTS) or (-1, -1)
        return [
            (text, color)
            for count, text, color in ((added, f"+{added:,}", "success"), (removed, f"\u2212{removed:,}", "danger"))
            if count > 0
        ]
