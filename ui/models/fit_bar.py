"""One stacked bar per device: what others use, what the model will take part by part, what stays free."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.fit.values import DevicePlan, FitPlan
from ui.models.fit_segments import BarLayout, Segment, lay_out
from ui.models.fit_words import PART_HINTS, PART_WORDS, describe_device, device_words
from ui.models.sizes import size_words
from ui.theme import Theme

_BAR_STEPS = 5
_GAP_STEPS = 3
_SEAM_PX = 1.0
#: So much of a line may be numbers; the rest is the device's name.
_MOST_WORDS = 0.65
_HATCH_PX = 5


class FitBar(QWidget):
    """Shows a FitPlan; what does not fit is drawn beyond the edge. Pointing at a piece says what it is."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._plan: FitPlan | None = None
        self._is_stale = False
        self.setObjectName("fit_bar")
        self.setAccessibleName("Memory")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_plan(self, plan: FitPlan | None, *, is_stale: bool = False) -> None:
        """Show a plan; a stale one is drawn paler, for another is being made."""
        had = len(self.devices())
        self._plan = plan
        self._is_stale = is_stale
        self.setAccessibleDescription("\n".join(describe_device(device) for device in self.devices()))
        if len(self.devices()) != had:
            self.updateGeometry()
        self.update()

    def devices(self) -> tuple[DevicePlan, ...]:
        """Return the devices on show."""
        return self._plan.devices if self._plan else ()

    def bar_rect(self, index: int) -> QRect:
        """Return where the bar of a device is."""
        row, bar = self._row_height(), self._theme.space(_BAR_STEPS)
        top = index * (row + self._theme.space(_GAP_STEPS)) + row - bar
        return QRect(0, top, self.width(), bar)

    def layout_of(self, index: int) -> BarLayout:
        """Return the pieces of a device's bar."""
        shows_mapped = self._plan is not None and self._plan.verdict == "mapped"
        return lay_out(self.devices()[index], float(self.bar_rect(index).width()), shows_mapped=shows_mapped)

    def tip_at(self, place: QPointF) -> str:
        """Return what is said of the piece at a place of the widget; empty for none."""
        for index, device in enumerate(self.devices()):
            if self.bar_rect(index).adjusted(0, -2, 0, 2).contains(place.toPoint()):
                segment = self.layout_of(index).at(place.x())
                return _tip(device, segment) if segment else ""
        return ""

    # --- Qt -----------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        count = max(1, len(self.devices()))
        height = count * self._row_height() + (count - 1) * self._theme.space(_GAP_STEPS)
        return QSize(self._theme.space(90), height)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.space(40), self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Say what the pointer rests on."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bars."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for index, device in enumerate(self.devices()):
                self._paint_words(painter, index, device)
                self._paint_bar(painter, index)

    # --- how ----------------------------------------------------------------------------------------------

    def _row_height(self) -> int:
        return self._theme.space(_BAR_STEPS + 1) + self.fontMetrics().height()

    def _paint_words(self, painter: QPainter, index: int, device: DevicePlan) -> None:
        theme = self._theme
        bar = self.bar_rect(index)
        line = QRect(
            0, bar.top() - theme.space(1) - self.fontMetrics().height(), bar.width(), self.fontMetrics().height()
        )
        left = device.free_bytes - device.needed_bytes
        is_short = left < 0 and device.needed_bytes - device.mapped_bytes > device.free_bytes
        words = f"Needs {size_words(device.needed_bytes)} of {size_words(device.free_bytes)} free"
        painter.setFont(theme.font("small"))
        if painter.fontMetrics().horizontalAdvance(words) > line.width() * _MOST_WORDS:
            words = f"{size_words(device.needed_bytes)} of {size_words(device.free_bytes)}"
        painter.setPen(theme.color("danger" if is_short else "text.muted"))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        taken = painter.fontMetrics().horizontalAdvance(words) + theme.space(3)
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.color("text"))
        name = device_words(device)
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, max(0, line.width() - taken))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_bar(self, painter: QPainter, index: int) -> None:
        theme = self._theme
        rect = QRectF(self.bar_rect(index))
        layout = self.layout_of(index)
        inside = QPainterPath()
        whole = QRectF(rect.left(), rect.top(), max(layout.edge, layout.segments[-1].end), rect.height())
        inside.addRoundedRect(whole, theme.radius("small"), theme.radius("small"))
        painter.save()
        painter.setClipPath(inside)
        painter.setOpacity(0.5 if self._is_stale else 1.0)
        for segment in layout.segments:
            self._paint_segment(painter, rect, segment)
        painter.restore()
        room = QRectF(rect.left(), rect.top(), layout.edge, rect.height()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("border.strong"), 1.0))
        painter.drawRoundedRect(room, theme.radius("small"), theme.radius("small"))
        if whole.right() > rect.left() + layout.edge + 1:
            is_mapped = self._plan is not None and self._plan.verdict == "mapped"
            self._paint_beyond(painter, rect, layout, self._theme.color("warning" if is_mapped else "danger"))

    def _paint_segment(self, painter: QPainter, rect: QRectF, segment: Segment) -> None:
        theme = self._theme
        seam = 0.0 if segment.kind == "free" else min(_SEAM_PX, (segment.end - segment.start) / 3)
        piece = QRectF(rect.left() + segment.start, rect.top(), segment.end - segment.start - seam, rect.height())
        if segment.kind == "free":
            painter.fillRect(piece, theme.color("surface.raised"))
        elif segment.kind == "others":
            paint_hatch(painter, piece, theme.color("text.faint"), theme.color("surface.sunken"))
        else:
            color = theme.color(f"fit.{segment.part}")
            if segment.kind == "mapped":
                paint_hatch(painter, piece, color, theme.color("surface.raised"), 3.0)
            else:
                painter.fillRect(piece, color)

    def _paint_beyond(self, painter: QPainter, rect: QRectF, layout: BarLayout, color: QColor) -> None:
        """Mark the edge, and what lies beyond it."""
        theme = self._theme
        edge = rect.left() + layout.edge
        beyond = QRectF(edge, rect.top(), layout.segments[-1].end - layout.edge, rect.height())
        veil = theme.color("surface.raised")
        veil.setAlphaF(0.45)
        painter.fillRect(beyond, veil)
        painter.setPen(QPen(color, 2.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(beyond.adjusted(0, 1, -1, -1))
        painter.setPen(QPen(color, 2.0))
        painter.drawLine(QPointF(edge, rect.top() - 3), QPointF(edge, rect.bottom() + 3))
        if layout.is_cut:  # two slanted strokes: it goes on
            painter.setPen(QPen(theme.color("surface.raised"), 2.5))
            for shift in (10.0, 16.0):
                foot = QPointF(beyond.right() - shift - 3, rect.bottom() + 1)
                painter.drawLine(foot, QPointF(beyond.right() - shift + 3, rect.top() - 1))


def paint_hatch(painter: QPainter, rect: QRectF, color: QColor, ground: QColor, width: float = 1.2) -> None:
    """Fill a rectangle with slanted strokes."""
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.fillRect(rect, QBrush(ground))
    painter.setPen(QPen(color, width))
    start = rect.left() - rect.height()
    for step in range(int((rect.width() + rect.height()) / _HATCH_PX) + 2):
        left = start + step * _HATCH_PX
        painter.drawLine(QPointF(left, rect.bottom()), QPointF(left + rect.height(), rect.top()))
    painter.restore()


def _tip(device: DevicePlan, segment: Segment) -> str:
    size = size_words(segment.size_bytes)
    if segment.kind == "others":
        return f"Used by other programs: {size}"
    if segment.kind == "free":
        return f"Stays free: {size}"
    assert segment.part is not None  # noqa: S101 - only the two kinds above have no part
    words = f"{PART_WORDS[segment.part]}: {size}"
    if segment.kind == "mapped":
        return f"{words} mapped from disk. Need not be in memory, but are slow outside it."
    share = segment.size_bytes / max(1, device.needed_bytes)
    return f"{words}, {share:.0%} of what is needed here. {PART_HINTS[segment.part]}"
