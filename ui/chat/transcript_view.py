"""The transcript: the turns of a conversation, a reply that grows, and the way back to the latest."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui.chat.pace import Pace
from ui.chat.turn_view import TurnView
from ui.chat.turn_widget import TurnWidget
from ui.chat.turns_area import TurnsArea
from ui.theme import Theme
from ui.widgets.empty_state import EmptyState
from ui.widgets.labels import make_button

#: Text is put on the screen at most this often while it streams, and less often where nobody looks.
HIDDEN_FLUSH_MS = 100


class TranscriptView(QWidget):
    """Shows a conversation and follows a reply that grows.

    Signals:
        regenerate_requested, edit_requested, continue_requested, copy_requested, delete_requested(int): Of a turn.
        sibling_requested(int, int): Of a turn, -1 or +1.
        notice_action_requested(str, int): Code of a button in a turn's notice, and the turn.
        open_in_editor_requested(str, str): Text and language of a code block.
        link_activated(str): A link that may be opened.
    """

    regenerate_requested = Signal(int)
    edit_requested = Signal(int)
    continue_requested = Signal(int)
    copy_requested = Signal(int)
    delete_requested = Signal(int)
    sibling_requested = Signal(int, int)
    notice_action_requested = Signal(str, int)
    open_in_editor_requested = Signal(str, str)
    models_requested = Signal()
    link_activated = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("transcript")
        self.setAccessibleName("Conversation")
        #: What streamed into a turn since it was given, for a widget that has to be made anew.
        self._streamed: dict[int, list[tuple[str, bool]]] = {}
        self._pending: dict[int, list[tuple[str, bool]]] = {}
        self._turns = TurnsArea(theme, self)
        self._turns.turn_made.connect(self._on_turn_made)
        self._turns.scrolled.connect(self._show_pill)
        self._empty = EmptyState(theme, "message-square", "", "", parent=self)
        self._choose = make_button("Choose a model\u2026", "primary", self.models_requested.emit, "empty_choose_button")
        self._empty.add_button(self._choose)
        self._pill = QPushButton("Jump to latest", self)
        self._pill.setObjectName("jump_to_latest")
        self._pill.setProperty("role", "pill")
        self._pill.setAccessibleName("Jump to the latest message")
        self._pill.setIcon(theme.icon("jump_to_latest"))
        self._pill.clicked.connect(self.scroll_to_latest)
        self._pill.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._turns)
        self._pace = Pace()
        self._flush_timer = QTimer(self)
        self._flush_timer.setSingleShot(True)
        self._flush_timer.timeout.connect(self.flush)
        theme.changed.connect(self._on_theme_changed)
        self.setFocusProxy(self._turns)

    # --- what is shown ----------------------------------------------------------------------------------

    def show_turns(self, views: list[TurnView]) -> None:
        """Show a whole branch; the same conversation keeps its place, another begins at its end."""
        self._pending.clear()
        self._streamed.clear()
        is_same = bool(views) and self._turns.view_of(views[0].turn.id) is not None
        self._turns.show_turns(views, at_end=self._turns.is_at_end or not is_same)
        self._empty.setVisible(not views)
        self._turns.setVisible(bool(views))

    def show_empty(self, title: str, text: str, *, offers_models: bool = False) -> None:
        """Say what an empty conversation is for, or what to do first; ``offers_models``: choosing a model is."""
        self._empty.set_words(title, text)
        self._choose.setVisible(offers_models)

    def append_turn(self, view: TurnView) -> None:
        """Add a turn at the end."""
        self._empty.hide()
        self._turns.show()
        self._turns.append_turn(view)

    def update_turn(self, view: TurnView) -> None:
        """Show a turn anew, with everything that came for it."""
        self._pending.pop(view.turn.id, None)
        self._streamed.pop(view.turn.id, None)
        self._turns.update_turn(view)

    def append_text(self, turn_id: int, text: str) -> None:
        """Let an answer grow; the screen follows at its ``Pace``."""
        self._append(turn_id, text, is_reasoning=False)

    def append_reasoning(self, turn_id: int, text: str) -> None:
        """Let a reply's reasoning grow."""
        self._append(turn_id, text, is_reasoning=True)

    def set_progress(self, turn_id: int, words: str, fraction: float) -> None:
        """Say how far the prompt of a reply has been read."""
        widget = self._turns.widget_of(turn_id)
        if widget is not None:
            widget.set_progress(words, fraction)
            self._turns.grown()

    def turn_widget(self, turn_id: int) -> TurnWidget | None:
        """Return a turn's widget, None while it is far from the screen."""
        return self._turns.widget_of(turn_id)

    def scroll_to_latest(self) -> None:
        """Bring the last line on the screen and follow it from now on."""
        self._turns.scroll_to_end()

    def scroll_to_turn(self, turn_id: int) -> None:
        """Bring a turn's beginning to the top."""
        self._turns.scroll_to_turn(turn_id)

    def flush(self) -> None:
        """Put on the screen what has come."""
        self._flush_timer.stop()
        self._pace.tick()
        pending, self._pending = self._pending, {}
        at_end = self._turns.is_at_end
        for turn_id, pieces in pending.items():
            widget = self._turns.widget_of(turn_id)
            joined = _joined(pieces)
            self._streamed[turn_id] = _joined([*self._streamed.get(turn_id, []), *joined])
            if widget is not None:
                _append_to(widget, joined)
        if at_end:
            self._turns.scroll_to_end()
        else:
            self._turns.grown()

    # --- inside -----------------------------------------------------------------------------------------

    def _append(self, turn_id: int, text: str, *, is_reasoning: bool) -> None:
        self._pending.setdefault(turn_id, []).append((text, is_reasoning))
        if not self._flush_timer.isActive():
            is_seen = self.isVisible() and self._turns.is_at_end
            self._flush_timer.start(self._pace.interval_ms if is_seen else HIDDEN_FLUSH_MS)

    def _on_turn_made(self, widget: TurnWidget) -> None:
        turn_id = widget.view.turn.id
        _append_to(widget, self._streamed.get(turn_id, []))
        widget.action_requested.connect(lambda action: self._request(action, turn_id))
        widget.sibling_requested.connect(lambda step: self.sibling_requested.emit(turn_id, step))
        widget.notice_action_requested.connect(lambda code: self.notice_action_requested.emit(code, turn_id))
        widget.link_activated.connect(self.link_activated)
        widget.open_requested.connect(self.open_in_editor_requested)

    def _request(self, action: str, turn_id: int) -> None:
        signals = {
            "copy": self.copy_requested,
            "edit": self.edit_requested,
            "regenerate": self.regenerate_requested,
            "continue": self.continue_requested,
            "delete": self.delete_requested,
        }
        signals[action].emit(turn_id)

    def _show_pill(self) -> None:
        is_needed = not self._turns.is_at_end and self._turns.isVisible()
        self._pill.setVisible(is_needed)
        if is_needed:
            size = self._pill.sizeHint()
            bottom = self.height() - size.height() - self._theme.space(3)
            self._pill.setGeometry((self.width() - size.width()) // 2, bottom, size.width(), size.height())
            self._pill.raise_()

    def _on_theme_changed(self) -> None:
        self._pill.setIcon(self._theme.icon("jump_to_latest"))
        self._turns.restyle()

    # --- Qt ---------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._empty.setGeometry(self.rect())
        self._show_pill()


def _append_to(widget: TurnWidget, pieces: Sequence[tuple[str, bool]]) -> None:
    for text, is_reasoning in pieces:
        (widget.append_reasoning if is_reasoning else widget.append_text)(text)


def _joined(pieces: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Join neighbouring pieces of one kind."""
    joined: list[tuple[str, bool]] = []
    for text, is_reasoning in pieces:
        if joined and joined[-1][1] == is_reasoning:
            joined[-1] = (joined[-1][0] + text, is_reasoning)
        else:
            joined.append((text, is_reasoning))
    return joined
