"""Asked before Sawhorse is closed while something is being downloaded."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import make_button, make_label

_WIDTH_STEPS = 110


class QuitDialog(QDialog):
    """Accepted: quit, and go on with the downloads the next time."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("quit_dialog")
        self.setWindowTitle("Downloads are under way")
        self._words = make_label("", "strong", wrap=True)
        self._words.setObjectName("quit_words")
        more = make_label("What has been fetched is kept, and the rest is fetched when Sawhorse runs again.", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(theme.space(1))
        words.addWidget(self._words)
        words.addWidget(more)
        head = QHBoxLayout()
        head.setSpacing(theme.space(3))
        head.addWidget(IconLabel(theme, "download", "accent", theme.space(6)))
        head.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.space(2))
        buttons.addStretch(1)
        stay = make_button("Keep Sawhorse open", "", self.reject, "stay_button")
        leave = make_button("Quit and go on next time", "primary", self.accept, "quit_anyway_button")
        leave.setDefault(True)
        buttons.addWidget(stay)
        buttons.addWidget(leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.space(5),) * 4)
        layout.setSpacing(theme.space(5))
        layout.addLayout(head)
        layout.addLayout(buttons)
        self.setFixedWidth(round(theme.space(_WIDTH_STEPS) * max(1.0, theme.text_scale)))

    def ask(self, words: str) -> None:
        """Say what is under way and wait for an answer, without stopping anything else."""
        self._words.setText(words)
        self.open()
