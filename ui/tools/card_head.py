"""The line of a tool card that is always seen. It is painted: a long conversation has thousands."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui.theme import Theme
from ui.tools.call_words import icon_of, main_argument_of, sandboxing_of, state_of, summary_of, title_of
from ui.tools.shown_call import ShownCall
from ui.widgets.labels import plain_tip

_ICONS = {
    "writing": ("edit", "accent"),
    "queued": ("timer", "text.muted"),
    "asking": ("shield-alert", "warning"),
    "question": ("help", "accent"),
    "running": ("play", "accent"),
    "invalid": ("error", "danger"),
}
_ENDS = {
    "done": ("check", "success"),
    "answered": ("user-pen", "text.muted"),
    "denied": ("ban", "warning"),
    "cancelled": ("stop", "warning"),
    "timed_out": ("timer", "danger"),
    "failed": ("error", "danger"),
    "invalid": ("error", "danger"),
    "not_run": ("minus", "text.muted"),
}
#: An argument is never squeezed below this for a summary's sake, in steps of the grid.
_LEAST_ARGUMENT = 30


class CardHead(QAbstractButton):
    """A click, Space or Return folds and unfolds; checked is unfolded."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = self._argument = self._state = self._summary = ""
        self._icons = (("tool", "text.muted"), ("check", "success"))
        self._color = "text.muted"
        self._is_warned = self._is_held = False
        self._room = 0
        self._fonts = {role: theme.font(role) for role in ("strong", "mono.small", "small")}
        self.setObjectName("tool_card_head")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_call(self, shown: ShownCall) -> None:
        """Show how a call stands."""
        live = shown.live
        result = live.result
        self._title, self._argument = title_of(shown), main_argument_of(shown)
        self._summary = summary_of(result) if live.state == "done" else ""
        self._is_warned, self._is_held = sandboxing_of(shown)
        end = _ENDS[result.outcome] if result else ("minus", "text.muted")
        self._icons = ((icon_of(shown), "text.muted"), _ICONS.get(live.state, end))
        self.show_state(shown)

    def show_state(self, shown: ShownCall) -> None:
        """Show only how it stands now, the rest being the same."""
        self._state, self._color = state_of(shown)
        if self._color == "warning" and shown.live.state == "done" and self._icons[1][0] == "check":
            self._icons = (self._icons[0], ("warning", "warning"))
        told = ", ".join(piece for piece in (self._argument, self._summary, self._state) if piece)
        warned = ", not sandboxed" if self._is_warned else ", sandboxed" if self._is_held else ""
        self.setAccessibleName(f"{self._title}: {told}{warned}")
        self.setToolTip(plain_tip(self._argument) if len(self._argument) > 60 else "")
        self.update()

    def show_argument(self, shown: ShownCall) -> None:
        """Show an argument that grew, and how far it has come."""
        self._argument = main_argument_of(shown)
        self.show_state(shown)

    def set_room(self, room: int) -> None:
        """Leave so many pixels at the right to the buttons that lie there."""
        self._room = room

    # --- Qt ---------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(self._theme.space(60), self._theme.space(9))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        if self.underMouse() or self.hasFocus():
            self._paint_ground(painter)
        left = self._paint_icon(painter, *self._icons[0], theme.space(3))
        right = self.width() - theme.space(3) - theme.control("icon")
        self._paint_icon(painter, "chevron-up" if self.isChecked() else "chevron-down", "text.faint", right)
        right -= self._room + theme.space(2)
        left = self._paint_text(painter, self._title, "strong", "text", QRect(left, 0, right - left, self.height()))
        right = self._paint_right(painter, self._state, self._color, left, right)
        right = self._paint_icon_left_of(painter, right)
        if self._is_warned:
            right = self._paint_right(painter, "not sandboxed", "warning", left, right - theme.space(2))
        elif self._is_held:
            right -= theme.control("icon") + theme.space(1)
            self._paint_icon(painter, "shield-check", "success", right)
        if self._summary and right - left > theme.space(_LEAST_ARGUMENT) + self._width(self._summary):
            right = self._paint_right(painter, self._summary, "text.muted", left, right - theme.space(2))
        room = QRect(left + theme.space(0.5), 0, max(0, right - left - theme.space(3)), self.height())
        # Of a path the end says most, of anything else the beginning.
        is_path = "/" in self._argument and " " not in self._argument
        mode = Qt.TextElideMode.ElideMiddle if is_path else Qt.TextElideMode.ElideRight
        self._paint_text(painter, self._argument, "mono.small", "text.muted", room, mode)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        theme = self._theme
        color = theme.color("focus") if self.hasFocus() else theme.color("hover")
        painter.setPen(QPen(color, theme.control("focus")) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if self.hasFocus() else color)
        radius = theme.radius("card") - 1
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), radius, radius)

    def _paint_icon(self, painter: QPainter, name: str, color: str, left: int) -> int:
        side = self._theme.control("icon")
        room = QRect(left, (self.height() - side) // 2, side, side)
        self._theme.icon(name, color).paint(painter, room)
        return left + side + self._theme.space(2)

    def _paint_icon_left_of(self, painter: QPainter, right: int) -> int:
        left = right - self._theme.control("icon") - self._theme.space(1.5)
        self._paint_icon(painter, *self._icons[1], left)
        return left

    def _paint_text(
        self,
        painter: QPainter,
        text: str,
        role: str,
        color: str,
        room: QRect,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> int:
        font = self._fonts[role]
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(text, mode, room.width())
        painter.setFont(font)
        painter.setPen(self._theme.color(color))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)
        return room.left() + metrics.horizontalAdvance(shown) + self._theme.space(2)

    def _paint_right(self, painter: QPainter, text: str, color: str, left: int, right: int) -> int:
        width = min(self._width(text), max(0, right - left))
        room = QRect(right - width, 0, width, self.height())
        self._paint_text(painter, text, "small", color, room)
        return right - width

    def _width(self, text: str) -> int:
        return QFontMetrics(self._fonts["small"]).horizontalAdvance(text) + 1
