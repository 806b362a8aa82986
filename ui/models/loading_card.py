"""A card that says how far a model has been loaded, and stops it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.labels import make_button, make_label


class LoadingCard(QFrame):
    """Signals: cancel_requested()."""

    cancel_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setObjectName("loading_card")
        self._words = make_label("", "strong")
        self._share = make_label("", "muted")
        self._share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._bar = QProgressBar()
        self._bar.setProperty("role", "thin")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName("Loading the model")
        line = QHBoxLayout()
        line.addWidget(self._words, 1)
        line.addWidget(self._share)
        line.addWidget(make_button("Cancel", "", self.cancel_requested.emit, "cancel_load_button"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space(4), theme.space(3), theme.space(3), theme.space(3))
        layout.setSpacing(theme.space(2))
        layout.addLayout(line)
        layout.addWidget(self._bar)

    def show_progress(self, name: str, fraction: float) -> None:
        """Say what is loaded and how much of it has been read."""
        self._words.setText(f"Loading {name}")
        self._share.setMinimumWidth(self._share.fontMetrics().horizontalAdvance("100 %"))  # it does not jump
        self._share.setText(f"{100 * fraction:.0f} %")
        self._bar.setValue(round(fraction * 1000))
