"""What the rows of the file lists have in common: ground, icon, text that is cut to fit, marked letters.

A list is painted some sixty times a second while it is scrolled, so what a theme makes anew each time is kept here,
and so are the widths of texts, which cost more than drawing them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.theme import Theme

LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
CENTER = Qt.AlignmentFlag.AlignCenter
_MOST_WIDTHS = 5000

AnyIndex = QModelIndex | QPersistentModelIndex


_BOLD = "!"


@dataclass(frozen=True)
class Look:
    """A font of the type scale (bold with "!" behind its name), and colour tokens for a text and what is behind it."""

    role: str
    color: str
    ground: str = ""


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
        """Return a font of the type scale; with "!" behind its name a bold one."""
        if role not in self._fonts:
            font = self._fonts[role] = self.theme.font(role.removesuffix(_BOLD))
            if role.endswith(_BOLD):
                font.setWeight(QFont.Weight.Bold)
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
        spans = [(at, at + 1) for at in places]
        return self.spans(painter, place, text, spans, Look(role, color), Look(f"{role}{_BOLD}", "accent"))

    def spans(
        self, painter: QPainter, place: QRect, text: str, spans: Sequence[tuple[int, int]], plain: Look, marked: Look
    ) -> int:
        """Paint a text with some of it in another look, cut off where the place ends; return its width.

        Piece by piece, which is several times as quick as Qt's text layout.
        """
        left = place.left()
        for piece, is_marked in pieces(text, spans):
            if left >= place.right():
                break
            look = marked if is_marked else plain
            width = self.width(piece, look.role)
            box = QRect(left, place.top(), min(width + 1, place.right() - left), place.height())
            if look.ground:
                height = self._metrics[look.role].height()
                top = box.center().y() - height // 2 + 1
                painter.fillRect(left, top, min(width, box.width()), height, self.color(look.ground))
            painter.setFont(self.font(look.role))
            painter.setPen(self.color(look.color))
            painter.drawText(box, LEFT, piece)
            left += width
        return left - place.left()

    def _fitting(self, place: QRect, text: str, role: str) -> str:
        if self.width(text, role) <= place.width():
            return text
        return self._metrics[role].elidedText(text, Qt.TextElideMode.ElideMiddle, max(0, place.width()))


def pieces(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """Return a text cut where spans (in order) begin and end, and which pieces are in one. Pure."""
    found: list[tuple[str, bool]] = []
    place = 0
    for begin, end in spans:
        begin, end = max(place, begin), min(end, len(text))  # noqa: PLW2901 - within what is left
        if begin >= end:
            continue
        if begin > place:
            found.append((text[place:begin], False))
        found.append((text[begin:end], True))
        place = end
    if place < len(text):
        found.append((text[place:], False))
    return found


class RowDelegate(QStyledItemDelegate):
    """Rows of so many steps of the grid, over the whole width of their list; an heir paints them."""

    def __init__(self, theme: Theme, row_steps: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._row_steps = row_steps
        self._paint = RowPaint(theme)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: AnyIndex) -> QSize:
        return QSize(0, self._theme.space(self._row_steps))
