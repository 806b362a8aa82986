"""The picture of a run: drawn, zoomed, panned, clicked, and walked through with the keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFrame, QToolTip, QWidget

from app.agent.timeline_words import describe
from app.agent.trace import Span
from ui.inspect.timeline_paint import TimelineLayout, TimelinePainter
from ui.inspect.timeline_picture import TimelinePicture
from ui.theme import Theme
from ui.widgets.labels import plain_tip

ZOOM_STEP = 1.25
#: Pixels a second, at most: a millisecond is seen.
MOST_ZOOM = 20_000.0
#: How far from a thin bar a click still means it, in pixels.
SLACK_PX = 4
_ROW_STEPS = (5, 8)
_HEAD_STEPS = 11
_GUTTER_STEPS = (30, 52)


class TimelineCanvas(QAbstractScrollArea):
    """Shows a ``TimelinePicture``; paints only what is in sight.

    Signals:
        selected(object): A Span was chosen, or None.
        activated(int, str): Turn and call of a span that was clicked, or on which Enter was pressed.
    """

    selected = Signal(object)
    activated = Signal(int, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture: TimelinePicture | None = None
        self._zoom: float | None = None  # None: the whole run fits
        self._selected = -1
        self._hovered = -1
        self._grabbed: QPoint | None = None
        self._is_panning = False
        self.setObjectName("tool_timeline")
        self.setAccessibleName("Run timeline")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.horizontalScrollBar().valueChanged.connect(self.viewport().update)
        self.verticalScrollBar().valueChanged.connect(self.viewport().update)
        theme.changed.connect(self._place)

    # --- what is shown ------------------------------------------------------------------------------------

    def show_picture(self, picture: TimelinePicture | None) -> None:
        """Show a run; what was selected stays so while it is there, and whoever looks at the end follows it."""
        is_same = picture is not None and self._picture is not None and picture.run.id == self._picture.run.id
        bar = self.horizontalScrollBar()
        at_end = bar.value() >= bar.maximum()
        self._picture = picture
        if not is_same:
            self._zoom = None
            self._select(None)
        self._place()
        if at_end:
            bar.setValue(bar.maximum())

    @property
    def selected_span(self) -> Span | None:
        """The span that is selected."""
        return self._picture.span(self._selected) if self._picture else None

    @property
    def is_fitted(self) -> bool:
        """Whether the whole run is in sight."""
        return self._zoom is None

    def select(self, number: int) -> None:
        """Select a span and bring it into sight."""
        span = self._picture.span(number) if self._picture else None
        self._select(span)
        if span is not None:
            self._reveal(span)

    def zoom_by(self, factor: float, x: float | None = None) -> None:
        """Zoom in (above 1) or out around an x of the viewport; None: around the middle."""
        if self._picture is None:
            return
        layout = self.layout_now()
        x = (layout.gutter + layout.width) / 2 if x is None else max(x, layout.gutter)
        place = layout.shown(x)
        zoom = min(MOST_ZOOM, layout.zoom * factor)
        self._zoom = None if zoom <= self._fitting_zoom() * 1.001 else zoom
        self._place()
        self.horizontalScrollBar().setValue(round(place * self.layout_now().zoom - (x - layout.gutter)))

    def fit(self) -> None:
        """Show the whole run."""
        self._zoom = None
        self._place()

    def layout_now(self) -> TimelineLayout:
        """Return where things are."""
        theme, size = self._theme, self.viewport().size()
        count = len(self._picture.lanes) if self._picture else 0
        head = theme.space(_HEAD_STEPS)
        least, most = (theme.space(steps) for steps in _ROW_STEPS)
        return TimelineLayout(
            width=size.width(),
            height=size.height(),
            gutter=self._gutter(),
            head=head,
            row=max(least, min(most, (size.height() - head) // max(1, count))),
            zoom=self._zoom or self._fitting_zoom(),
            left=self.horizontalScrollBar().value(),
            top=self.verticalScrollBar().value(),
        )

    def rect_of(self, span: Span) -> QRectF:
        """Return where a span of the picture is on the viewport."""
        if self._picture is None:
            return QRectF()
        return self.layout_now().bar_rect(*self._picture.place_of(span))

    def span_at(self, place: QPointF) -> Span | None:
        """Return the span at a place of the viewport."""
        layout = self.layout_now()
        lane = layout.lane_at(place.y())
        if self._picture is None or place.x() < layout.gutter or not 0 <= lane < len(self._picture.lanes):
            return None
        return self._picture.lanes[lane].at(layout.shown(place.x()), SLACK_PX / layout.zoom)

    def words_of(self, span: Span) -> str:
        """Return a span in one line."""
        return describe(span, self._picture.step_of(span), self._picture.now) if self._picture else ""

    # --- inside -------------------------------------------------------------------------------------------

    def _gutter(self) -> int:
        least, most = (self._theme.space(steps) for steps in _GUTTER_STEPS)
        return max(least, min(most, self.viewport().width() // 4))

    def _fitting_zoom(self) -> float:
        length = self._picture.scale.shown_length if self._picture else 0.0
        room = self.viewport().width() - self._gutter() - self._theme.space(3)
        return max(1.0, room) / max(length, 0.001)

    def _place(self) -> None:
        """Set the scroll bars to what there is."""
        layout = self.layout_now()
        lanes = len(self._picture.lanes) if self._picture else 0
        whole = round(self._picture.scale.shown_length * layout.zoom) if self._picture else 0
        room = layout.width - layout.gutter - self._theme.space(3)
        self.horizontalScrollBar().setRange(0, max(0, whole - room) if self._zoom else 0)
        self.horizontalScrollBar().setPageStep(max(1, room))
        self.horizontalScrollBar().setSingleStep(self._theme.space(10))
        self.verticalScrollBar().setRange(0, max(0, lanes * layout.row - (layout.height - layout.head)))
        self.verticalScrollBar().setPageStep(max(1, layout.height - layout.head))
        self.verticalScrollBar().setSingleStep(layout.row)
        self.viewport().update()

    def _select(self, span: Span | None) -> None:
        number = span.number if span else -1
        if number != self._selected:
            self._selected = number
            self.setAccessibleDescription(self.words_of(span) if span else "")
            self.selected.emit(span)
            self.viewport().update()

    def _reveal(self, span: Span) -> None:
        rect, layout, bar = self.rect_of(span), self.layout_now(), self.horizontalScrollBar()
        margin = self._theme.space(6)
        if rect.left() < layout.gutter + margin or rect.width() > layout.width - layout.gutter:
            bar.setValue(round(bar.value() + rect.left() - layout.gutter - margin))
        elif rect.right() > layout.width - margin:
            bar.setValue(round(bar.value() + rect.right() - layout.width + margin))
        top, height = layout.row_top(self._picture.lane_of(span)) if self._picture else 0, layout.row
        if top < layout.head:
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + top - layout.head)
        elif top + height > layout.height:
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + top + height - layout.height)

    def _activate(self, span: Span) -> None:
        self.activated.emit(span.turn_id, span.call_id)

    def _walk(self, key: int) -> bool:
        """Select another span as a key says; False for keys that mean nothing here."""
        picture, span = self._picture, self.selected_span
        if picture is None or not picture.order:
            return False
        match key:
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                found = picture.neighbour(span, 1 if key == Qt.Key.Key_Right else -1)
            case Qt.Key.Key_Home:
                found = picture.order[0]
            case Qt.Key.Key_End:
                found = picture.order[-1]
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                down = key == Qt.Key.Key_Down
                found = picture.beside(span, 1 if down else -1) if span else picture.order[0]
            case _:
                return False
        if found is not None:
            self.select(found.number)
        return True

    # --- Qt -----------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(self._theme.space(160), self._theme.space(_HEAD_STEPS + 6 * _ROW_STEPS[0]))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.space(60), self._theme.space(_HEAD_STEPS + 2 * _ROW_STEPS[0]))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is in sight."""
        del event
        if self._picture is None:
            return
        with QPainter(self.viewport()) as painter:
            hovered = self._picture.span(self._hovered) if self._hovered != self._selected else None
            artist = TimelinePainter(self._theme, painter, self._picture, self.layout_now())
            artist.paint(self.selected_span, hovered, has_focus=self.hasFocus())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def viewportEvent(self, event: QEvent) -> bool:
        """Say what the pointer rests on."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            span = self.span_at(QPointF(event.pos()))
            words = plain_tip(self.words_of(span).replace("  ·  ", "\n")) if span else ""
            QToolTip.showText(event.globalPos(), words, self)
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, else pan: the lanes with Alt or where they do not all fit, otherwise the time."""
        turned = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(ZOOM_STEP ** (turned.y() / 120), event.position().x())
            event.accept()
            return
        is_sideways = abs(turned.x()) > abs(turned.y()) or event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if is_sideways or self.verticalScrollBar().maximum() == 0:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() - (turned.x() or turned.y()))
            event.accept()
        else:
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed, self._is_panning = event.position().toPoint(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        if self._grabbed is None:
            self._hover(self.span_at(event.position()))
            return
        moved = place - self._grabbed
        if self._is_panning or moved.manhattanLength() >= QApplication.startDragDistance():
            self._is_panning, self._grabbed = True, place
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - moved.x())
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        was_panning, self._grabbed, self._is_panning = self._is_panning, None, False
        self.viewport().unsetCursor()
        if not was_panning:
            span = self.span_at(event.position())
            self._select(span)
            if span is not None:
                self._activate(span)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk, Enter jumps, plus and minus zoom, 0 shows the whole run."""
        span = self.selected_span
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space if span is not None:
                self._activate(span)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_by(ZOOM_STEP)
            case Qt.Key.Key_Minus:
                self.zoom_by(1 / ZOOM_STEP)
            case Qt.Key.Key_0:
                self.fit()
            case key if self._walk(key):
                pass
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def _hover(self, span: Span | None) -> None:
        number = span.number if span else -1
        if number != self._hovered:
            self._hovered = number
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if span else Qt.CursorShape.ArrowCursor)
            self.viewport().update()
