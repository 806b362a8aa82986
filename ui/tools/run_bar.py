"""Above the composer: what the agent's run is at, what waits for a person, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.tools.run_words import RunBarState, files_words
from ui.widgets.icon_button import IconButton
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import make_button, make_label, set_property

_ICONS = {
    "": ("activity", "accent"),
    "info": ("hand", "accent"),
    "warning": ("pause", "warning"),
    "error": ("error", "danger"),
}


class RunBar(QFrame):
    """Hidden while there is nothing to say.

    Signals:
        show_requested(): The call that waits is to be brought on the screen.
        continue_requested(), stop_requested(): Of the run.
        review_requested(), undo_requested(): Of what the run changed.
        closed(): The person has read it.
    """

    show_requested = Signal()
    continue_requested = Signal()
    stop_requested = Signal()
    review_requested = Signal()
    undo_requested = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._told = ""
        self.setObjectName("run_bar")
        self.setAccessibleName("Run")
        self.setProperty("role", "callout")
        self._icon = IconLabel(theme, "activity", "accent")
        self._title = make_label("", "strong")
        self._title.setObjectName("run_title")
        self._detail = make_label("", "small", wrap=True)
        self._detail.setObjectName("run_detail")
        self._show = make_button("Show", "", self.show_requested.emit, "run_show_button")
        self._review = make_button("Review", "", self.review_requested.emit, "run_review_button")
        self._undo = make_button("Undo run…", "ghost", self.undo_requested.emit, "run_undo_button")
        self._continue = make_button("Continue", "primary", self.continue_requested.emit, "run_continue_button")
        self._stop = make_button("Stop", "", self.stop_requested.emit, "run_stop_button")
        self._close = IconButton(theme, "close", "Hide this")
        self._close.setObjectName("run_close_button")
        self._close.clicked.connect(self.closed)
        self._build()
        self.hide()

    def show_state(self, state: RunBarState | None) -> None:
        """Show a run's state; None hides the bar."""
        if state is None:
            self._told = ""
            self.hide()
            return
        self._icon.set_icon(*self._icon_of(state))
        self._title.setText(state.title)
        self._detail.setText(state.detail)
        self._show.setVisible(state.waits)
        review = f"Review {files_words(state.changed_files)}…"
        self._review.setText(review)
        self._review.setAccessibleName(review)
        self._review.setVisible(bool(state.changed_files))
        self._undo.setVisible(bool(state.changed_files) and not state.is_active)
        self._continue.setVisible(bool(state.continue_words))
        self._continue.setText(state.continue_words)
        self._continue.setAccessibleName(state.continue_words)
        self._stop.setVisible(state.is_active)
        self._close.setVisible(not state.is_active)
        set_property(self, "level", state.level)
        self.show()
        self._announce(state)

    # --- how --------------------------------------------------------------------------------------------

    def _icon_of(self, state: RunBarState) -> tuple[str, str]:
        if not state.is_active and not state.level:
            return "list", "text.muted"
        return _ICONS[state.level]

    def _build(self) -> None:
        space = self._theme.space
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(space(3), space(2), space(2), space(2))
        layout.setSpacing(space(2))
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        for button in (self._review, self._undo, self._show, self._continue, self._stop, self._close):
            layout.addWidget(button)

    def _announce(self, state: RunBarState) -> None:
        """Tell those who listen what they are waited for, once."""
        words = state.title if state.waits or state.continue_words else ""
        if words and words != self._told and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.window(), words))
        self._told = words
