"""Where a text would be, of a file that cannot be shown as one: why, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.errors import AppError
from ui.theme import Theme
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import discard, make_label

_WIDTH_STEPS = 110


class ProblemPage(QWidget):
    """An icon, what happened, why, what to do, and buttons, in the middle of the room there is."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("file_problem")
        self._title = make_label("", "heading", wrap=True)
        self._message = make_label("", "body", wrap=True)
        self._hint = make_label("", "muted", wrap=True)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.space(2))
        center = Qt.AlignmentFlag.AlignHCenter
        self._buttons.setAlignment(center)
        middle = QWidget()
        middle.setMaximumWidth(theme.space(_WIDTH_STEPS))
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(2))
        column.addStretch(2)
        column.addWidget(IconLabel(theme, "file-text", "text.faint", theme.space(8)), 0, center)
        column.addSpacing(theme.space(1))
        for label in (self._title, self._message, self._hint):
            label.setAlignment(center)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        column.addSpacing(theme.space(2))
        column.addLayout(self._buttons)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.setContentsMargins(*(theme.space(6),) * 4)
        row.addStretch(1)
        row.addWidget(middle, 1000)
        row.addStretch(1)

    def show_problem(self, error: AppError, buttons: Sequence[QPushButton]) -> None:
        """Say why, and offer what can be done."""
        for label, words in ((self._title, error.title), (self._message, error.message), (self._hint, error.hint)):
            label.setText(words)
            label.setVisible(bool(words))
        while item := self._buttons.takeAt(0):
            if widget := item.widget():
                discard(widget)
        for button in buttons:
            self._buttons.addWidget(button)
