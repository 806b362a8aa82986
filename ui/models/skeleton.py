"""What stands in for a table while it is fetched: rows without words, and a line that says what is awaited."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme import Theme

_ROWS = 6
_SHARES = (0.16, 0.09, 0.34, 0.2, 0.09)


class Skeleton(QWidget):
    """Does not move: a picture that moves says no more, and tires."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words = ""
        self.setObjectName("listing_skeleton")
        theme.changed.connect(self.update)

    def show_words(self, words: str) -> None:
        """Say what is awaited."""
        self._words = words
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.space(100), self._theme.space(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words and the rows."""
        del event
        theme, space = self._theme, self._theme.space
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font("control"))
            painter.setPen(theme.color("text.muted"))
            head = self.rect().adjusted(space(2.5), space(2), 0, 0)
            painter.drawText(head, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, self._words)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("surface.sunken"))
            top = space(11)
            for row in range(_ROWS):
                left = float(space(2.5))
                room = self.width() - 2 * left - space(4) * len(_SHARES)
                painter.setOpacity(1.0 - row / (_ROWS + 1))
                for share in _SHARES:
                    width = room * share * (1.0 if (row + int(share * 100)) % 2 else 0.8)
                    painter.drawRoundedRect(QRectF(left, top, width, space(3)), space(1), space(1))
                    left += room * share + space(4)
                top += space(7.5)
                if top > self.height():
                    break
