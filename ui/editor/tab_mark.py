"""The mark at the right of a tab: a dot while something is not saved, a cross to close it under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QCursor, QEnterEvent, QMoveEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui.theme import Theme

_SIDE_STEPS = 5
_ICON_STEPS = 3.5
_DOT_STEPS = 2


class TabMark(QAbstractButton):
    """A click closes the tab. The cross is on show where the mouse is, and in the tab that is open."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_dirty = False
        self._is_near = False
        self._is_current = False
        self._is_over = False
        side = theme.space(_SIDE_STEPS)
        self.setFixedSize(side, side)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        theme.changed.connect(self.update)

    def show_state(self, *, is_dirty: bool, is_current: bool) -> None:
        """Say whether something is not saved, and whether this is the tab that is open."""
        if (is_dirty, is_current) != (self._is_dirty, self._is_current):
            self._is_dirty, self._is_current = is_dirty, is_current
            self.update()

    def set_near(self, is_near: bool) -> None:
        """Say whether the mouse is over the tab."""
        if is_near != self._is_near:
            self._is_near = is_near
            self.update()

    @property
    def shows_dot(self) -> bool:
        """Whether the dot is on show."""
        return self._is_dirty and not self._is_over

    def sizeHint(self) -> QSize:
        return self.size()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._is_over = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._is_over = False
        self.update()
        super().leaveEvent(event)

    def moveEvent(self, event: QMoveEvent) -> None:
        """Tabs move under a mouse that rests, which Qt does not count as leaving."""
        super().moveEvent(event)
        self._is_over = self.rect().contains(self.mapFromGlobal(QCursor.pos()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.shows_dot:
            painter.setBrush(self._theme.color("text.muted" if not self._is_current else "text"))
            radius = self._theme.space(_DOT_STEPS) / 2
            painter.drawEllipse(QPointF(self.width() / 2, self.height() / 2), radius, radius)
        elif self._is_over or self._is_near or self._is_current:
            if self._is_over:
                painter.setBrush(self._theme.color("pressed"))
                corner = self._theme.radius("small")
                painter.drawRoundedRect(self.rect(), corner, corner)
            side = self._theme.space(_ICON_STEPS)
            place = self.rect().adjusted(*((self.width() - side) // 2,) * 2, 0, 0)
            place.setSize(QSize(side, side))
            self._theme.icon("close", "text" if self._is_over else "text.muted").paint(painter, place)
        painter.end()
