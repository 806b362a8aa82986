"""A card of one line that unfolds: reasoning, a summary."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QToolButton, QWidget

from ui.chat.text_block import TextBlock
from ui.theme import Theme


class FoldCard(QFrame):
    """Signals: resized() when it was folded or unfolded."""

    resized = Signal()

    def __init__(self, theme: Theme, icon: str, body: TextBlock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._body = body
        body.setParent(self)
        body.hide()
        self.setObjectName("fold_card")
        self._head = QToolButton(self)
        self._head.setObjectName("fold_button")
        self._head.setProperty("role", "fold")
        self._head.setCheckable(True)
        self._head.setIcon(theme.icon(icon))
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.toggled.connect(self._on_head_toggled)

    def set_title(self, title: str) -> None:
        """Set the line that is always seen."""
        self._head.setText(title)
        self._head.setAccessibleName(title)

    @property
    def is_unfolded(self) -> bool:
        """Whether the body is shown."""
        return self._head.isChecked()

    def unfold(self) -> None:
        """Show the body."""
        self._head.setChecked(True)

    @property
    def body(self) -> TextBlock:
        """What unfolding shows."""
        return self._body

    def layout_to(self, width: int) -> int:
        """Take ``width`` pixels and return the height."""
        pad = self._theme.space(1)
        head = self._theme.space(7)
        self._head.setGeometry(pad, pad // 2, width - 2 * pad, head)
        if not self._head.isChecked():
            return head + pad
        inner = width - 6 * pad
        height = self._body.layout_to(inner)
        self._body.setGeometry(3 * pad, head + pad, inner, height)
        return head + height + 4 * pad

    def _on_head_toggled(self, unfolded: bool) -> None:
        self._body.setVisible(unfolded)
        self.resized.emit()
