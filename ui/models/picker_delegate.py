"""Draws an entry of the model picker: two lines, and a verdict below them."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.models.picker_model import AnyIndex, Entry, EntryRole
from ui.theme import Theme

_HEADING_STEPS = 9
_NOTE_STEPS = 8
_ONE_LINE_STEPS = 9
_TWO_LINES_STEPS = 12.5
_ICONS = {"search": "search", "download": "download"}


class PickerDelegate(QStyledItemDelegate):
    """Rows in the theme's colours."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        entry: Entry = index.data(EntryRole)
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if entry.kind in {"heading", "note"}:
            self._paint_plain(painter, rect, entry)
        else:
            self._paint_ground(painter, rect, option.state)
            self._paint_entry(painter, rect, entry)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        del option
        entry: Entry = index.data(EntryRole)
        steps: float = {"heading": _HEADING_STEPS, "note": _NOTE_STEPS}.get(
            entry.kind, _TWO_LINES_STEPS if entry.detail or entry.mark else _ONE_LINE_STEPS
        )
        return QSize(0, round(self._theme.space(steps) * max(1.0, self._theme.text_scale)))

    def _paint_plain(self, painter: QPainter, rect: QRect, entry: Entry) -> None:
        theme, space = self._theme, self._theme.space
        is_heading = entry.kind == "heading"
        painter.setFont(theme.font("caption" if is_heading else "small"))
        painter.setPen(theme.color("text.muted"))
        place = rect.adjusted(space(2.5), 0, -space(2), -space(1.5) if is_heading else 0)
        side = Qt.AlignmentFlag.AlignBottom if is_heading else Qt.AlignmentFlag.AlignVCenter
        words = painter.fontMetrics().elidedText(entry.title, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, side | Qt.AlignmentFlag.AlignLeft, words)

    def _paint_ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        theme = self._theme
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        if is_selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent.soft" if is_selected else "hover"))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), theme.radius("control"), theme.radius("control"))
        if is_selected and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(theme.color("focus"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = QRectF(rect).adjusted(0.5, 1.5, -0.5, -1.5)
            painter.drawRoundedRect(ring, theme.radius("control"), theme.radius("control"))

    def _paint_entry(self, painter: QPainter, rect: QRect, entry: Entry) -> None:
        theme, space = self._theme, self._theme.space
        inner = rect.adjusted(space(2.5), space(1.5), -space(2.5), -space(1.5))
        if icon := _ICONS.get(entry.kind):
            side = theme.control("icon")
            top = inner.top() + max(0, (self._line("control") - side) // 2) if entry.detail else inner.center().y() - 7
            theme.icon(icon, "accent").paint(painter, QRect(inner.left(), top, side, side))
            inner.setLeft(inner.left() + side + space(2))
        has_two = bool(entry.detail or entry.mark)
        first = QRect(inner.left(), inner.top(), inner.width(), self._line("control") if has_two else inner.height())
        self._paint_words(painter, first, entry.title, "control", "text")
        second = QRect(inner.left(), inner.bottom() - self._line("small") + 1, inner.width(), self._line("small"))
        if entry.share is not None:
            track = QRectF(second.left(), rect.bottom() - space(1.25), second.width(), 3)
            painter.fillRect(track, theme.color("track"))
            painter.fillRect(QRectF(track.left(), track.top(), track.width() * entry.share, 3), theme.color("accent"))
            second.translate(0, -2)
        if entry.mark is not None:
            second.setRight(self._paint_mark(painter, second, entry))
        self._paint_words(painter, second, entry.detail, "small", "text.muted")

    def _paint_mark(self, painter: QPainter, rect: QRect, entry: Entry) -> int:
        """Paint the verdict at the right end and return where it begins."""
        theme, mark = self._theme, entry.mark
        assert mark is not None  # noqa: S101 - asked by the caller
        painter.setFont(theme.font("small"))
        side = theme.space(3)
        words = painter.fontMetrics().elidedText(mark.word, Qt.TextElideMode.ElideRight, rect.width() // 2)
        width = painter.fontMetrics().horizontalAdvance(words)
        painter.setPen(theme.color(mark.color))
        place = QRect(rect.right() - width, rect.top(), width + 1, rect.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
        left = place.left() - side - theme.space(1)
        theme.icon(mark.icon, mark.color).paint(painter, QRect(left, rect.center().y() - side // 2 + 1, side, side))
        return left - theme.space(2)

    def _paint_words(self, painter: QPainter, rect: QRect, words: str, font: str, color: str) -> None:
        painter.setFont(self._theme.font(font))
        painter.setPen(self._theme.color(color))
        shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)

    def _line(self, role: str) -> int:
        return round(self._theme.font(role).pixelSize() * 1.35)
