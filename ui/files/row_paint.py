"""What the rows of the file lists have in common: ground, icon, text that is cut to fit, marked letters.

A list is painted some sixty times a second while it is scrolled, so what a theme makes anew each time is kept here,
and so are the widths of texts, which cost more than drawing them.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QStyle

from ui.theme import Theme

LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
CENTER = Qt.AlignmentFlag.AlignCenter
_MOST_WIDTHS = 5000


class RowPaint:
    """Paints parts of rows in a theme's colours."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._fonts: dict[str, QFont] = {}
        self._metrics: dict[str, QFontMetrics] = {}
        self._colors: dict[str, QColor] = {}
        self._widths: dict[tuple[str, str], int] = {}
        theme.changed.connect(self.forget)

    def forget(self) -> None:
        """Ask the theme anew."""
        for kept in (self._fonts, self._metrics, self._colors, self._widths):
            kept.clear()

    def font(self, role: str) -> QFont:
        """Return a font of the type scale."""
        if role not in self._fonts:
            self._fonts[role] = self.theme.font(role)
            self._metrics[role] = QFontMetrics(self._fonts[role])
        return self._fonts[role]

    def color(self, token: str) -> QColor:
        """Return a colour by token name."""
        if token not in self._colors:
            self._colors[token] = self.theme.color(token)
        return self._colors[token]

    def width(self, text: str, role: str) -> int:
        """Return how wide a text is."""
        width = self._widths.get((text, role))
        if width is None:
            self.font(role)
            if len(self._widths) >= _MOST_WIDTHS:
                self._widths.clear()
            width = self._widths[text, role] = self._metrics[role].horizontalAdvance(text)
        return width

    def ground(self, painter: QPainter, row: QRect, state: QStyle.StateFlag, *, has_keyboard: bool = False) -> None:
        """Paint what is behind a row that is selected or under the pointer."""
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        if not is_selected and not state & QStyle.StateFlag.State_MouseOver:
            return
        painter.setBrush(self.color("accent.soft" if is_selected else "hover"))
        painter.setPen(self.color("focus") if has_keyboard and is_selected else Qt.PenStyle.NoPen)
        radius = self.theme.radius("control")
        painter.drawRoundedRect(row, radius, radius)

    def icon(self, painter: QPainter, icon: tuple[str, str], left: int, row: QRect, side: int) -> None:
        """Paint an icon, by name and colour token, in the middle of a row's height."""
        self.theme.icon(*icon).paint(painter, QRect(left, row.center().y() - side // 2 + 1, side, side))

    def text(self, painter: QPainter, place: QRect, text: str, role: str, color: str) -> int:
        """Paint a text, its middle left out where there is no room; return its width."""
        shown = self._fitting(place, text, role)
        painter.setFont(self.font(role))
        painter.setPen(self.color(color))
        painter.drawText(place, LEFT, shown)
        return self.width(shown, role)

    def marked(self, painter: QPainter, place: QRect, text: str, places: Sequence[int], role: str, color: str) -> int:
        """Paint a text like ``text``, with the letters at some places marked where all of it can be seen."""
        if not places or self._fitting(place, text, role) != text:
            return self.text(painter, place, text, role, color)
        letters = QTextCharFormat()
        letters.setFontWeight(QFont.Weight.Bold)
        letters.setForeground(self.color("accent"))
        return self.spans(painter, place, text, [(at, at + 1) for at in places], letters, role, color)

    def spans(
        self,
        painter: QPainter,
        place: QRect,
        text: str,
        spans: Sequence[tuple[int, int]],
        look: QTextCharFormat,
        role: str,
        color: str,
    ) -> int:
        """Paint a text on one line with some of it in another look; return its width."""
        layout = QTextLayout(text, self.font(role))
        formats = []
        for begin, end in spans:
            if begin < len(text):
                one = QTextLayout.FormatRange()
                one.start, one.length, one.format = begin, min(end, len(text)) - begin, look
                formats.append(one)
        layout.setFormats(formats)
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(10**5)
        layout.endLayout()
        painter.setPen(self.color(color))
        layout.draw(painter, QPointF(place.left(), place.center().y() + 1 - line.height() / 2))
        return round(line.naturalTextWidth())

    def _fitting(self, place: QRect, text: str, role: str) -> str:
        if self.width(text, role) <= place.width():
            return text
        return self._metrics[role].elidedText(text, Qt.TextElideMode.ElideMiddle, max(0, place.width()))

    def beginning(self, text: str, role: str, width: int) -> str:
        """Return as much of a text's beginning as can be seen."""
        self.font(role)
        metrics = self._metrics[role]
        most = max(1, width // max(1, metrics.averageCharWidth())) * 2  # narrow letters take less than the average
        return metrics.elidedText(text[:most], Qt.TextElideMode.ElideRight, max(0, width))
