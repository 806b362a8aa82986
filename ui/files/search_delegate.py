"""Paints what a search in files found: a file with its count, a line with what was looked for marked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QTreeView

from app.files.search_files import FileHits, LineHits
from app.tools.visible import with_signs
from ui.files.file_icons import icon_for_file
from ui.files.row_paint import CENTER, RIGHT, AnyIndex, Look, RowDelegate
from ui.files.search_model import SearchModel
from ui.theme import Theme

_ROW_STEPS = 6.5
_CHEVRON_STEPS = 3.5
#: With less room than that, a folder is left out.
_LEAST_STEPS = 8
_PLAIN = Look("small", "text.muted")
_MARKED = Look("small", "text", "selection")
#: A hit far to the right is shown with so many characters before it.
_LEAD = 12


class SearchDelegate(RowDelegate):
    """Rows in the theme's colours, over the whole width of the list."""

    def __init__(self, theme: Theme, model: SearchModel, view: QTreeView) -> None:
        super().__init__(theme, _ROW_STEPS, view)
        self._model = model
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        space = self._theme.space
        hits, line = self._model.file_at(index), self._model.line_at(index)
        if hits is None:
            return
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = QRect(1, rect.top() + 1, self._view.viewport().width() - 2, rect.height() - 2)
        self._paint.ground(painter, row, option.state, has_keyboard=self._view.hasFocus())
        inner = rect.adjusted(0, 0, -space(1.5), 0)
        if line is None:
            chevron = space(_CHEVRON_STEPS)
            name = "chevron-down" if option.state & QStyle.StateFlag.State_Open else "chevron-right"
            self._paint.icon(painter, (name, "text.faint"), rect.left() - chevron - 2, rect, chevron)
            self._paint_file(painter, inner, hits)
        else:
            self._paint_line(painter, inner.adjusted(-space(4), 0, 0, 0), line)
        painter.restore()

    def _paint_file(self, painter: QPainter, rect: QRect, hits: FileHits) -> None:
        space, paint = self._theme.space, self._paint
        folder, _, name = hits.path.rpartition("/")
        side = self._theme.control("icon")
        paint.icon(painter, icon_for_file(name), rect.left(), rect, side)
        count = f"{hits.line_count:,}"
        width = paint.width(count, "caption") + space(3)
        badge = QRect(rect.right() - width, rect.top() + space(1), width, rect.height() - space(2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paint.color("pressed"))
        painter.drawRoundedRect(badge, badge.height() / 2, badge.height() / 2)
        painter.setFont(paint.font("caption"))
        painter.setPen(paint.color("text.muted"))
        painter.drawText(badge, CENTER, count)
        place = QRect(rect.left() + side + space(1.5), rect.top(), 0, rect.height())
        place.setRight(badge.left() - space(1.5))
        words = f"{name} \u2022" if hits.is_unsaved else name
        taken = paint.text(painter, place, with_signs(words), "control", "text")
        place.setLeft(place.left() + taken + space(1.5))
        if folder and place.width() >= space(_LEAST_STEPS):
            paint.text(painter, place, with_signs(folder), "small", "text.faint")

    def _paint_line(self, painter: QPainter, rect: QRect, line: LineHits) -> None:
        space, paint = self._theme.space, self._paint
        number = f"{line.number}"
        width = max(paint.width(number, "caption"), space(6))
        painter.setFont(paint.font("caption"))
        painter.setPen(paint.color("text.faint"))
        painter.drawText(QRect(rect.left(), rect.top(), width, rect.height()), RIGHT, number)
        place = rect.adjusted(width + space(2), 0, 0, 0)
        text, spans = trimmed(with_signs(line.text).replace("\t", " "), line.spans)
        # Of a long line so much as could be seen if all of its letters were narrow.
        most = 1 + max(0, place.width()) // space(0.5)
        paint.spans(painter, place, text[:most], spans, _PLAIN, _MARKED)


def trimmed(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Return a line from a little before its first hit on, without its indentation, and the hits in that. Pure."""
    first = spans[0][0] if spans else 0
    begin = min(len(text) - len(text.lstrip()), first)
    lead = ""
    if first - begin > _LEAD:
        begin, lead = first - _LEAD, "\u2026"
    shift = len(lead) - begin
    return lead + text[begin:], [(start + shift, end + shift) for start, end in spans]
