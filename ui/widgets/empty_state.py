"""What a place says while there is nothing in it: what belongs here and what to do next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import make_label

_TEXT_WIDTH_STEPS = 90


class EmptyState(QWidget):
    """An icon, a title, a sentence and buttons, in the middle of the room there is."""

    def __init__(self, theme: Theme, icon_name: str, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel(theme, icon_name, "text.faint", theme.space(8))
        self._title = make_label(title, "heading")
        self._text = make_label(text, "muted", wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setMaximumWidth(theme.space(_TEXT_WIDTH_STEPS))
        self._text.setMinimumWidth(min(theme.space(_TEXT_WIDTH_STEPS), theme.space(50)))
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.space(2))
        self._lay_out(theme)

    def set_words(self, title: str, text: str) -> None:
        """Say something else."""
        self._title.setText(title)
        self._text.setText(text)

    def add_button(self, button: QPushButton) -> None:
        """Offer something to do."""
        self._buttons.addWidget(button)

    def _lay_out(self, theme: Theme) -> None:
        center = Qt.AlignmentFlag.AlignHCenter
        self._buttons.setAlignment(center)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.space(6),) * 4)
        layout.setSpacing(theme.space(2))
        layout.addStretch(2)
        layout.addWidget(self._icon, 0, center)
        layout.addSpacing(theme.space(2))
        layout.addWidget(self._title, 0, center)
        row = QHBoxLayout()  # an aligned label would not be given the height that its lines need
        row.addStretch(1)
        row.addWidget(self._text, 1000)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addSpacing(theme.space(2))
        layout.addLayout(self._buttons)
        layout.addStretch(3)
