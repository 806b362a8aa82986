"""The middle of the window: transcript above, composer below, in one readable column."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.chat.composer import ComposerPanel
from ui.chat.transcript_view import TranscriptView
from ui.chat.turns_area import MAX_COLUMN
from ui.theme import Theme


class ChatPane(QWidget):
    """Holds the transcript, a place for one card, and the composer."""

    def __init__(
        self, theme: Theme, transcript: TranscriptView, composer: ComposerPanel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._banner: QWidget | None = None
        self._composer = composer
        space = theme.space
        self._column = QVBoxLayout()
        self._column.setSpacing(space(2))
        self._column.addWidget(composer)
        holder = QWidget()
        holder.setMaximumWidth(MAX_COLUMN + 2 * space(6))
        holder.setLayout(self._column)
        self._column.setContentsMargins(space(6), space(1), space(6), space(2.5))
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(holder, 1000)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(transcript, 1)
        layout.addLayout(row)
        self.setFocusProxy(composer)

    def set_banner(self, widget: QWidget | None) -> None:
        """Show a card above the composer in place of the one before."""
        if self._banner is not None:
            self._column.removeWidget(self._banner)
            self._banner.hide()
        self._banner = widget
        if widget is not None:
            self._column.insertWidget(0, widget)
            widget.show()

    def add_above_composer(self, widget: QWidget) -> None:
        """Put a widget right above the composer, below any card; it shows and hides itself."""
        self._column.insertWidget(self._column.indexOf(self._composer), widget)

    # --- Qt ---------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._composer.fit()
