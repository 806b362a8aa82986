"""Paints what a search in files found: a file with its count, a line with what was looked for marked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from app.files.search_files import FileHits, LineHits
from app.tools.visible import with_signs
from ui.files.file_icons import icon_for_file
from ui.files.search_model import SearchModel
from ui.theme import Theme

AnyIndex = QModelIndex | QPersistentModelIndex
_ROW_STEPS = 6.5
_CHEVRON_STEPS = 3.5
#: With less room than that, a folder is left out.
_LEAST_STEPS = 8
#: A hit far to the right is shown with so many characters before it.
_LEAD = 18


class SearchDelegate(QStyledItemDelegate):
    """Rows in the theme's colours, over the whole width of the list."""

    def __init__(self, theme: Theme, model: SearchModel, view: QTreeView) -> None:
        super().__init__(view)
        self._theme = theme
        self._model = model
        self._view = view

    def sizeHint(self, _option: QStyleOptionViewItem, _index: AnyIndex) -> QSize:
        return QSize(0, self._theme.space(_ROW_STEPS))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        theme = self._theme
        hits, line = self._model.file_at(index), self._model.line_at(index)
        if hits is None:
            return
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_selected or option.state & QStyle.StateFlag.State_MouseOver:
            row = QRect(0, rect.top(), self._view.viewport().width(), rect.height())
            painter.setBrush(theme.color("accent.soft" if is_selected else "hover"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), theme.radius("control"), theme.radius("control"))
        inner = rect.adjusted(0, 0, -theme.space(1.5), 0)
        if line is None:
            chevron = theme.space(_CHEVRON_STEPS)
            name = "chevron-down" if option.state & QStyle.StateFlag.State_Open else "chevron-right"
            box = QRect(rect.left() - chevron - 2, rect.center().y() - chevron // 2 + 1, chevron, chevron)
            theme.icon(name, "text.faint").paint(painter, box)
            self._paint_file(painter, inner, hits)
        else:
            self._paint_line(painter, inner.adjusted(-theme.space(4), 0, 0, 0), line)
        painter.restore()

    def _paint_file(self, painter: QPainter, rect: QRect, hits: FileHits) -> None:
        theme = self._theme
        folder, _, name = hits.path.rpartition("/")
        side = theme.control("icon")
        theme.icon(*icon_for_file(name)).paint(
            painter, QRect(rect.left(), rect.center().y() - side // 2 + 1, side, side)
        )
        painter.setFont(theme.font("caption"))
        count = f"{hits.line_count:,}"
        width = painter.fontMetrics().horizontalAdvance(count) + theme.space(3)
        badge = QRect(rect.right() - width, rect.top() + theme.space(1), width, rect.height() - theme.space(2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("pressed"))
        painter.drawRoundedRect(badge, badge.height() / 2, badge.height() / 2)
        painter.setPen(theme.color("text.muted"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, count)
        place = QRect(rect.left() + side + theme.space(1.5), rect.top(), 0, rect.height())
        place.setRight(badge.left() - theme.space(1.5))
        words = f"{name} \u2022" if hits.is_unsaved else name
        taken = _draw(painter, theme, "control", "text", place, with_signs(words))
        place.setLeft(place.left() + taken + theme.space(1.5))
        if place.width() >= theme.space(_LEAST_STEPS):
            _draw(painter, theme, "small", "text.faint", place, with_signs(folder))

    def _paint_line(self, painter: QPainter, rect: QRect, line: LineHits) -> None:
        theme = self._theme
        text, spans = trimmed(with_signs(line.text).replace("\t", " "), line.spans)
        font = theme.font("small")
        number = f"{line.number}"
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("text.faint"))
        width = max(painter.fontMetrics().horizontalAdvance(number), theme.space(6))
        painter.drawText(
            QRect(rect.left(), rect.top(), width, rect.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
            number,
        )
        place = rect.adjusted(width + theme.space(2), 0, 0, 0)
        painter.setPen(theme.color("text.muted"))
        text = _fitting(text, QFontMetrics(font), place.width())
        layout = QTextLayout(text, font)
        layout.setFormats(self._formats(spans, len(text)))
        layout.beginLayout()
        shown = layout.createLine()
        shown.setLineWidth(10**5)
        layout.endLayout()
        layout.draw(painter, QPointF(place.left(), place.center().y() + 1 - shown.height() / 2))

    def _formats(self, spans: Sequence[tuple[int, int]], length: int) -> list[QTextLayout.FormatRange]:
        marked = QTextCharFormat()
        marked.setBackground(self._theme.color("selection"))
        marked.setForeground(self._theme.color("text"))
        formats = []
        for begin, end in spans:
            if begin < length:
                one = QTextLayout.FormatRange()
                one.start, one.length, one.format = begin, min(end, length) - begin, marked
                formats.append(one)
        return formats


def trimmed(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Return a line from a little before its first hit on, without its indentation, and the hits in that. Pure."""
    first = spans[0][0] if spans else 0
    begin = min(len(text) - len(text.lstrip()), first)
    lead = ""
    if first - begin > _LEAD:
        begin, lead = first - _LEAD, "\u2026"
    shift = len(lead) - begin
    return lead + text[begin:], [(start + shift, end + shift) for start, end in spans]


def _fitting(text: str, metrics: QFontMetrics, width: int) -> str:
    """Return as much of a text's beginning as can be seen."""
    most = max(1, width // max(1, metrics.averageCharWidth())) * 2  # narrow letters take less than the average
    text = text[:most]
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, width))


def _draw(painter: QPainter, theme: Theme, font: str, color: str, place: QRect, text: str) -> int:
    painter.setFont(theme.font(font))
    painter.setPen(theme.color(color))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, max(0, place.width()))
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    return painter.fontMetrics().horizontalAdvance(shown)
