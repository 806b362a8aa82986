"""A label that shortens its text to the room there is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from ui.widgets.labels import plain_tip


class ElidedLabel(QLabel):
    """Plain text on one line; while it is cut short, the whole of it is the tooltip."""

    def __init__(
        self,
        text: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._whole = text
        self._mode = mode
        self._tip = ""
        self._show()

    def set_text(self, text: str) -> None:
        """Show another text."""
        if text != self._whole:
            self._whole = text
            self.updateGeometry()
            self._show()

    def set_tip(self, tip: str) -> None:
        """Show a tooltip of its own instead of the whole text."""
        self._tip = tip
        self._show()

    def whole_text(self) -> str:
        """Return the text before it is shortened."""
        return self._whole

    def _show(self) -> None:
        one_line = " ".join(self._whole.split())
        shown = self.fontMetrics().elidedText(one_line, self._mode, max(0, self.contentsRect().width()))
        if shown != self.text():
            super().setText(shown)
        # Tooltips guess at rich text; a leading newline is stripped, and what follows is plain.
        whole = plain_tip(self._whole) if shown != one_line else ""
        self.setToolTip(self._tip or whole)
        self.setAccessibleName(self._whole)

    def sizeHint(self) -> QSize:
        """Ask for room for the whole text."""
        hint = super().sizeHint()
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 2, hint.height())

    def minimumSizeHint(self) -> QSize:
        """Make do with a few characters."""
        return QSize(self.fontMetrics().averageCharWidth() * 4, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten anew."""
        super().resizeEvent(event)
        self._show()
