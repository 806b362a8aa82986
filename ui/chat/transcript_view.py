"""The transcript: the turns of a conversation, a reply that grows, and the way back to the latest."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.agent.live import LiveCall
from app.conversations.parts import ToolCallPart
from app.tools.tool import ToolSpec
from ui.chat.growth import Piece, joined, lasting, note_growth, put
from ui.chat.pace import Pace
from ui.chat.shown_calls import ShownCalls, without_tool_turns
from ui.chat.turn_view import TurnView
from ui.chat.turn_widget import TurnWidget
from ui.chat.turns_area import TurnsArea
from ui.theme import Theme
from ui.tools.shown_call import ShownCall
from ui.tools.tool_card import ToolCard
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
        code_offers_asked(CodeBlock): What can be done with a block of code now? Answer with its ``show_offers``.
        code_requested(str, BlockSource): A ``BlockAction``, and the block it is to be done with.
        link_activated(str): A link that may be opened.
        call_action_requested(str, str, object): What a person wants with a tool call: action, call and payload.
            "approve": {"arguments": dict or None for the model's, "remember": bool}; "deny": the reason, str;
            "answer": str; "fix": {"name": str, "arguments": dict}; "undo": the name of the step;
            "ask_again", "as_text", "cancel", "inspect": None.
        reference_opened(object): A ReferencePart of a message is to be shown where it comes from.
    """

    regenerate_requested = Signal(int)
    edit_requested = Signal(int)
    continue_requested = Signal(int)
    copy_requested = Signal(int)
    delete_requested = Signal(int)
    sibling_requested = Signal(int, int)
    notice_action_requested = Signal(str, int)
    code_offers_asked = Signal(object)
    code_requested = Signal(str, object)
    models_requested = Signal()
    link_activated = Signal(str)
    call_action_requested = Signal(str, str, object)
    reference_opened = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("transcript")
        self.setAccessibleName("Conversation")
        self._calls = ShownCalls()
        #: What streamed into a turn since it was given, for a widget that has to be made anew.
        self._streamed: dict[int, list[Piece]] = {}
        self._pending: dict[int, list[Piece]] = {}
        self._specs: tuple[ToolSpec, ...] = ()
        self._is_after_tool = False
        self._turns = TurnsArea(theme, self._calls, self)
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
        self._is_after_tool = bool(views) and views[-1].turn.role == "tool"
        views = without_tool_turns(views)
        self._calls.keep(views)
        for view in views[-1:]:
            self._mark_calls_under_way(view)
        is_same = bool(views) and self._turns.view_of(views[0].turn.id) is not None
        self._turns.show_turns(views, at_end=self._turns.is_at_end or not is_same)
        self._empty.setVisible(not views)
        self._turns.setVisible(bool(views))

    def show_empty(self, title: str, text: str, *, offers_models: bool = False) -> None:
        """Say what an empty conversation is for, or what to do first; ``offers_models``: choosing a model is."""
        self._empty.set_words(title, text)
        self._choose.setVisible(offers_models)

    def append_turn(self, view: TurnView) -> None:
        """Add a turn at the end; a turn of tools' results is not shown, their cards are."""
        was_after_tool, self._is_after_tool = self._is_after_tool, view.turn.role == "tool"
        if self._is_after_tool:
            return
        if was_after_tool and view.turn.role == "assistant":
            view = replace(view, continues=True)
        self._calls.take(view.calls)
        self._empty.hide()
        self._turns.show()
        self._turns.append_turn(view)

    def update_turn(self, view: TurnView) -> None:
        """Show a turn anew, with everything that came for it."""
        self._pending.pop(view.turn.id, None)
        self._streamed.pop(view.turn.id, None)
        self._calls.take(view.calls)
        self._turns.update_turn(view)
        self._mark_calls_under_way(view)
        widget = self._turns.widget_of(view.turn.id)
        if widget is not None and view.turn.id in self._streamed:
            put(widget, self._calls, self._streamed[view.turn.id])
            self._turns.grown()

    def append_text(self, turn_id: int, text: str) -> None:
        """Let an answer grow; the screen follows at its ``Pace``."""
        self._append(turn_id, Piece("text", text))

    def append_reasoning(self, turn_id: int, text: str) -> None:
        """Let a reply's reasoning grow."""
        self._append(turn_id, Piece("reasoning", text))

    def show_tools(self, specs: tuple[ToolSpec, ...]) -> None:
        """Say which tools there are, for calls that have to be repaired."""
        self._specs = specs

    def show_call(self, live: LiveCall) -> None:
        """Show a tool call as it stands now; a new one comes below what its turn says so far."""
        self.flush()
        is_new = self._calls.find(live.turn_id, live.part.call_id) is None
        self._calls.take([live])
        shown = self._calls.find(live.turn_id, live.part.call_id)
        widget = self._turns.widget_of(live.turn_id)
        if is_new:
            self._streamed.setdefault(live.turn_id, []).append(Piece("call", call_id=live.part.call_id))
        if widget is not None and shown is not None:
            at_end = self._turns.is_at_end
            widget.show_call(shown)
            if at_end:
                self._turns.scroll_to_end()
            else:
                self._turns.grown()

    def grow_call(self, turn_id: int, call_id: str, key: str, text: str) -> None:
        """Let an argument of a call grow; the screen follows as with text."""
        self._append(turn_id, Piece("written", text, call_id, key))

    def print_tool(self, turn_id: int, call_id: str, text: str) -> None:
        """Let the output of a running call grow; the screen follows as with text."""
        self._append(turn_id, Piece("printed", text, call_id))

    def approve_asking(self) -> None:
        """Approve the call that asks, if it has been on the screen long enough; otherwise bring it there."""
        shown, card = self._asking()
        if card is not None and card.approval is not None and card.approval.is_armed:
            self._request_call("approve", card.call_id, {"arguments": None, "remember": False})
        elif shown is not None:
            self.scroll_to_turn(shown.live.turn_id)

    def deny_asking(self) -> None:
        """Refuse the call that asks."""
        shown, _ = self._asking()
        if shown is not None:
            self._request_call("deny", shown.live.part.call_id, "")

    def card_of(self, turn_id: int, call_id: str) -> ToolCard | None:
        """Return a call's card, None while it is far from the screen."""
        widget = self._turns.widget_of(turn_id)
        return widget.body.card_of(call_id) if widget else None

    def set_progress(self, turn_id: int, words: str, fraction: float) -> None:
        """Say how far the prompt of a reply has been read."""
        widget = self._turns.widget_of(turn_id)
        if widget is not None:
            widget.set_progress(words, fraction)
            self._turns.grown()

    def turn_widget(self, turn_id: int) -> TurnWidget | None:
        """Return a turn's widget, None while it is far from the screen."""
        return self._turns.widget_of(turn_id)

    def ask_code_offers(self) -> None:
        """Have the blocks of code near the screen ask what can be done with them now."""
        self._turns.ask_offers()

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
            grown = joined(pieces)
            note_growth(self._calls, turn_id, grown)
            self._streamed[turn_id] = joined([*self._streamed.get(turn_id, []), *lasting(grown)])
            if widget is not None:
                put(widget, self._calls, grown)
        if at_end:
            self._turns.scroll_to_end()
        else:
            self._turns.grown()

    # --- inside -----------------------------------------------------------------------------------------

    def _append(self, turn_id: int, piece: Piece) -> None:
        self._pending.setdefault(turn_id, []).append(piece)
        if not self._flush_timer.isActive():
            is_seen = self.isVisible() and self._turns.is_at_end
            self._flush_timer.start(self._pace.interval_ms if is_seen else HIDDEN_FLUSH_MS)

    def _on_turn_made(self, widget: TurnWidget) -> None:
        turn_id = widget.view.turn.id
        put(widget, self._calls, self._streamed.get(turn_id, []))
        widget.action_requested.connect(lambda action: self._request(action, turn_id))
        widget.sibling_requested.connect(lambda step: self.sibling_requested.emit(turn_id, step))
        widget.notice_action_requested.connect(lambda code: self.notice_action_requested.emit(code, turn_id))
        widget.link_activated.connect(self.link_activated)
        widget.offers_asked.connect(self.code_offers_asked)
        widget.code_requested.connect(self.code_requested)
        widget.body.ask_offers()  # its blocks were made before it was connected
        widget.reference_opened.connect(self.reference_opened)
        widget.call_action_requested.connect(partial(self._on_call_action_requested, turn_id))

    def _request(self, action: str, turn_id: int) -> None:
        signals = {
            "copy": self.copy_requested,
            "edit": self.edit_requested,
            "regenerate": self.regenerate_requested,
            "continue": self.continue_requested,
            "delete": self.delete_requested,
        }
        signals[action].emit(turn_id)

    def _mark_calls_under_way(self, view: TurnView) -> None:
        """A call that is still being written is not among its turn's parts: its card goes below them."""
        if view.turn.state != "streaming":
            return
        parts = {part.call_id for part in view.turn.parts if isinstance(part, ToolCallPart)}
        ids = [shown.live.part.call_id for shown in self._calls.of_turn(view.turn.id)]
        pieces = [Piece("call", call_id=call_id) for call_id in ids if call_id not in parts]
        if pieces:
            self._streamed[view.turn.id] = pieces

    def _asking(self) -> tuple[ShownCall | None, ToolCard | None]:
        shown = self._calls.asking()
        return shown, self.card_of(shown.live.turn_id, shown.live.part.call_id) if shown else None

    def _request_call(self, action: str, call_id: str, payload: object) -> None:
        self.call_action_requested.emit(action, call_id, payload)

    def _on_call_action_requested(self, turn_id: int, action: str, call_id: str, payload: object) -> None:
        shown = self._calls.find(turn_id, call_id)
        if action == "edit" and shown is not None:
            from ui.tools.arguments_dialog import ArgumentsDialog  # noqa: PLC0415 - a start has no use for it

            dialog = ArgumentsDialog(self._theme, shown.live, self._specs, self.window())
            dialog.submitted.connect(self.call_action_requested)
            dialog.open()
        else:
            self._request_call(action, call_id, payload)

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
