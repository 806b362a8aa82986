"""Paints a run's timeline: labels, axis, steps, bars, breaks."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen

from app.agent.timeline_words import seconds_words
from app.agent.trace import Span
from ui.inspect.timeline_picture import FAILED, Bar, LaneBars, TimelinePicture, bar_words, color_of, tick_words
from ui.theme import Theme

LEAST_BAR_PX = 3.0
#: A narrower bar has no round corners, and nothing in it.
_LEAST_ROUND_PX = 6.0
_TICK_GAP_PX = 84
_LEAST_WORDS_PX = 16
_LEAST_STEP_PX = 22
#: Narrower steps are not told apart by their ground, nor narrower breaks marked.
_LEAST_BAND_PX = 4
_LEAST_BREAK_PX = 12
#: In a narrower gutter there is room for names alone.
_LEAST_GUTTER_PX = 160
#: Each part of a prompt's bar is seen, however few its tokens are.
_LEAST_PART = 0.12


@dataclass(frozen=True)
class TimelineLayout:
    """Where things are on the viewport, in pixels.

    Attributes:
        gutter: Width of the labels at the left.
        head: Height of the axis and the steps' numbers.
        row: Height of a lane.
        zoom: Pixels for each second of the axis.
        left, top: What is scrolled out of sight.
    """

    width: int
    height: int
    gutter: int
    head: int
    row: int
    zoom: float
    left: int
    top: int

    def x(self, shown: float) -> float:
        """Return where a place of the axis is."""
        return self.gutter + shown * self.zoom - self.left

    def shown(self, x: float) -> float:
        """Return the place of the axis at an x."""
        return (x - self.gutter + self.left) / self.zoom

    def row_top(self, lane: int) -> int:
        """Return where a lane begins."""
        return self.head + lane * self.row - self.top

    def lane_at(self, y: float) -> int:
        """Return the lane at a y; it may be none of those there are."""
        return int((y - self.head + self.top) // self.row) if y >= self.head else -1

    def bar_rect(self, lane: int, bar: Bar) -> QRectF:
        """Return where a bar is."""
        inset = self.row * 0.17
        left = self.x(bar.start)
        width = max(LEAST_BAR_PX, bar.end * self.zoom - bar.start * self.zoom)
        return QRectF(left, self.row_top(lane) + inset, width, self.row - 2 * inset)


class TimelinePainter:
    """Paints one picture onto one painter."""

    def __init__(self, theme: Theme, painter: QPainter, picture: TimelinePicture, layout: TimelineLayout) -> None:
        self._theme = theme
        self._painter = painter
        self._picture = picture
        self._layout = layout
        self._colors: dict[str, QColor] = {}
        self._first = layout.shown(layout.gutter)
        self._last = layout.shown(layout.width)

    def paint(self, selected: Span | None, hovered: Span | None, *, has_focus: bool) -> None:
        """Paint everything."""
        layout = self._layout
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.save()
        self._painter.setClipRect(layout.gutter, 0, layout.width - layout.gutter, layout.height)
        self._paint_steps()
        self._painter.setClipRect(layout.gutter, layout.head, layout.width - layout.gutter, layout.height - layout.head)
        self._paint_rows()
        for lane, bars in enumerate(self._picture.lanes):
            self._paint_lane(lane, bars)
        self._paint_breaks()
        for span, token, width in ((hovered, "text", 1.2), (selected, "focus" if has_focus else "text", 2.0)):
            if span is not None:
                self._outline(span, token, width)
        self._painter.restore()
        self._paint_axis()
        self._paint_labels()

    # --- ground -------------------------------------------------------------------------------------------

    def _paint_steps(self) -> None:
        """Tint every other step, and number those that have room for it."""
        theme, layout, painter = self._theme, self._layout, self._painter
        painter.setFont(theme.font("caption"))
        top = layout.head / 2
        for step in self._picture.steps:
            left, right = (layout.x(self._picture.scale.to_shown(time)) for time in (step.start, step.end))
            if right < layout.gutter or left > layout.width or right - left < _LEAST_BAND_PX:
                continue
            band = QRectF(left, top, right - left, layout.height - top)
            if step.number % 2:
                painter.fillRect(band, theme.color("surface.sunken"))
            if right - left >= _LEAST_STEP_PX:
                painter.setPen(theme.color("text.muted"))
                words = f"Step {step.number}" if right - left >= 3 * _LEAST_STEP_PX else f"{step.number}"
                place = QRectF(max(left, layout.gutter), top, min(right, layout.width) - max(left, layout.gutter), top)
                painter.drawText(place.adjusted(4, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_rows(self) -> None:
        layout = self._layout
        self._painter.setPen(QPen(self._theme.color("border"), 1.0))
        for lane in range(len(self._picture.lanes) + 1):
            y = layout.row_top(lane) - 0.5
            self._painter.drawLine(QPointF(layout.gutter, y), QPointF(layout.width, y))

    def _paint_breaks(self) -> None:
        """Mark where a wait is drawn shorter than it was: two slanted strokes through the lanes."""
        theme, layout, painter = self._theme, self._layout, self._painter
        bottom = layout.row_top(len(self._picture.lanes))
        for pause in self._picture.scale.breaks:
            x = layout.x(self._picture.scale.to_shown(pause.start) + pause.shown / 2)
            if pause.shown * layout.zoom < _LEAST_BREAK_PX or not layout.gutter - 8 <= x <= layout.width + 8:
                continue
            gap = QPainterPath(QPointF(x - 1, layout.head))
            for shift, y in ((5, bottom), (8, bottom), (2, layout.head)):
                gap.lineTo(QPointF(x - 4 + shift, y))
            painter.fillPath(gap, QBrush(theme.color("surface")))
            painter.setPen(QPen(theme.color("text.faint"), 1.0, Qt.PenStyle.DashLine))
            for shift in (0, 3):
                painter.drawLine(QPointF(x - 1 + shift, layout.head), QPointF(x + 1 + shift, bottom))

    # --- bars ---------------------------------------------------------------------------------------------

    def _paint_lane(self, lane: int, bars: LaneBars) -> None:
        """Paint the bars in sight; of those that would cover one another only the first."""
        covered = float("-inf")
        self._painter.setFont(self._theme.font("caption"))
        for bar in bars.between(self._first, self._last):
            rect = self._layout.bar_rect(lane, bar)
            if rect.right() <= covered + 0.5 and bar.span.outcome not in FAILED:
                continue
            covered = max(covered, rect.right())
            if rect.width() < _LEAST_ROUND_PX:
                self._painter.fillRect(rect, self._color(color_of(bar.span)))
            else:
                self._paint_bar(rect, bar.span)

    def _color(self, token: str) -> QColor:
        if token not in self._colors:
            self._colors[token] = self._theme.color(token)
        return self._colors[token]

    def _paint_bar(self, rect: QRectF, span: Span) -> None:
        theme, painter = self._theme, self._painter
        painter.setPen(Qt.PenStyle.NoPen)
        if span.kind == "prompt" and span.reused_tokens and rect.width() > 8:
            self._paint_prompt(rect, span)
            return
        color = theme.color(color_of(span))
        painter.setBrush(color)
        painter.drawRoundedRect(rect, 3, 3)
        if span.end is None:  # it goes on
            painter.fillRect(QRectF(rect.right() - 2, rect.top() - 2, 2, rect.height() + 4), theme.color("text"))
        self._write(rect, bar_words(span, self._picture.now), color)

    def _paint_prompt(self, rect: QRectF, span: Span) -> None:
        """Paint what was reused and what was processed, each as wide as its share of the prompt's tokens."""
        theme, painter = self._theme, self._painter
        share = span.reused_tokens / max(1, span.reused_tokens + span.tokens)
        share = min(1 - _LEAST_PART, max(_LEAST_PART, share)) if span.tokens else 1.0
        inside = QPainterPath()
        inside.addRoundedRect(rect, 3, 3)
        painter.save()
        painter.setClipPath(inside, Qt.ClipOperation.IntersectClip)
        split = rect.left() + rect.width() * share
        for part, shade, kind, count in (
            (
                QRectF(rect.left(), rect.top(), split - rect.left(), rect.height()),
                "reused",
                "reused",
                span.reused_tokens,
            ),
            (QRectF(split, rect.top(), rect.right() - split, rect.height()), "prompt", "processed", span.tokens),
        ):
            color = theme.color(f"timeline.{shade}")
            painter.fillRect(part, color)
            self._write(part, (f"{count:,} {kind}", f"{count:,}") if count else (), color)
        painter.restore()

    def _write(self, rect: QRectF, choices: tuple[str, ...], ground: QColor) -> None:
        """Write the first of some words for which there is room into a bar."""
        if rect.width() < _LEAST_WORDS_PX:
            return
        metrics = self._painter.fontMetrics()
        words = next((words for words in choices if metrics.horizontalAdvance(words) + 10 <= rect.width()), "")
        if words:
            self._painter.setPen(readable_on(self._theme, ground))
            self._painter.drawText(rect.adjusted(5, 0, -5, 0), Qt.AlignmentFlag.AlignVCenter, words)
            self._painter.setPen(Qt.PenStyle.NoPen)

    def _outline(self, span: Span, token: str, width: float) -> None:
        rect = self._layout.bar_rect(*self._picture.place_of(span)).adjusted(-2, -2, 2, 2)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(QPen(self._theme.color(token), width))
        self._painter.drawRoundedRect(rect, 4, 4)

    # --- words around -------------------------------------------------------------------------------------

    def _paint_axis(self) -> None:
        theme, layout, painter = self._theme, self._layout, self._painter
        ticks = self._picture.scale.ticks(
            max(0.0, self._first), min(self._picture.scale.shown_length, self._last), _TICK_GAP_PX / layout.zoom
        )
        painter.setFont(theme.font("caption"))
        painter.save()
        painter.setClipRect(layout.gutter, 0, layout.width - layout.gutter, layout.head)
        for (place, _seconds), words in zip(ticks, tick_words(ticks), strict=True):
            x = layout.x(place)
            painter.setPen(QPen(theme.color("border.strong"), 1.0))
            painter.drawLine(QPointF(x, layout.head / 2 - 5), QPointF(x, layout.head / 2))
            painter.setPen(theme.color("text.muted"))
            painter.drawText(QRectF(x + 4, 0, _TICK_GAP_PX, layout.head / 2), Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()
        painter.setPen(QPen(theme.color("border"), 1.0))
        painter.drawLine(QPointF(0, layout.head / 2), QPointF(layout.width, layout.head / 2))

    def _paint_labels(self) -> None:
        """Write each lane's name and the time spent in it."""
        theme, layout, painter = self._theme, self._layout, self._painter
        painter.fillRect(0, 0, layout.gutter, layout.height, theme.color("surface"))
        painter.setClipRect(0, layout.head, layout.gutter, layout.height - layout.head)
        for lane, bars in enumerate(self._picture.lanes):
            row = QRectF(theme.space(4), layout.row_top(lane), layout.gutter - theme.space(6), layout.row)
            painter.setFont(theme.font("caption"))
            words = seconds_words(bars.seconds) if layout.gutter >= _LEAST_GUTTER_PX else ""
            taken = painter.fontMetrics().horizontalAdvance(words)
            painter.setPen(theme.color("text.muted"))
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
            painter.setFont(theme.font("small"))
            painter.setPen(theme.color("text"))
            room = max(0, int(row.width()) - taken - theme.space(2))
            name = painter.fontMetrics().elidedText(bars.lane.title, Qt.TextElideMode.ElideRight, room)
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setClipping(False)
        painter.setPen(QPen(theme.color("border"), 1.0))
        painter.drawLine(QPointF(layout.gutter - 0.5, 0), QPointF(layout.gutter - 0.5, layout.height))


def readable_on(theme: Theme, ground: QColor) -> QColor:
    """Return the theme's text or ground colour, whichever stands out more on another colour."""
    choices = [theme.color("text"), theme.color("background")]
    return max(choices, key=lambda color: abs(_luminance(color) - _luminance(ground)))


def _luminance(color: QColor) -> float:
    """Return a colour's weight to the eye (the square root stands in for the eye's own curve)."""
    return float((0.2126 * color.redF() ** 2.2 + 0.7152 * color.greenF() ** 2.2 + 0.0722 * color.blueF() ** 2.2) ** 0.5)
