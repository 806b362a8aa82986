"""A tool call in the transcript: one line that says how it stands, and everything about it when unfolded."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.agent.live import LiveCall
from ui.theme import Theme
from ui.tools.call_forms import ApprovalForm
from ui.tools.call_words import title_of
from ui.tools.card_body import CardBody
from ui.tools.card_head import CardHead
from ui.tools.shown_call import ShownCall
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import discard, set_property

#: The elapsed time of a running call is drawn this often.
TICK_MS = 1000


class ToolCard(QFrame):
    """Shows one call; the transcript tells it what changed.

    Signals:
        resized(): Its height is another for the same width.
        action_requested(str, object): What a person wants, and its payload:
            "approve": {"arguments": dict or None, "remember": bool}; "deny": the reason, str; "answer": str;
            "edit": None, its arguments are to be edited; "ask_again", "as_text", "cancel", "inspect": None;
            "undo": the name of its step.
    """

    resized = Signal()
    action_requested = Signal(str, object)

    def __init__(self, theme: Theme, shown: ShownCall, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown = shown
        self._drawn = shown.live
        self._body: CardBody | None = None
        self._tick_timer: QTimer | None = None
        self.setObjectName("tool_card")
        self.setProperty("state", _look_of(shown))
        self._head = CardHead(theme, self)
        self._head.toggled.connect(self._on_head_toggled)
        self._inspect = IconButton(theme, "microscope", "Inspect this call", self, color="text.faint", size=26)
        self._inspect.setObjectName("inspect_call_button")
        self._inspect.clicked.connect(lambda: self.action_requested.emit("inspect", None))
        self._head.set_room(self._inspect.width())
        self._show_head()
        self._fold_by_state()
        self._tick()

    @property
    def call_id(self) -> str:
        """The call it shows."""
        return self._shown.live.part.call_id

    @property
    def live(self) -> LiveCall:
        """How the call stood when it was last drawn."""
        return self._drawn

    @property
    def is_unfolded(self) -> bool:
        """Whether everything is shown."""
        return self._head.isChecked()

    @property
    def head(self) -> CardHead:
        """The line that is always seen."""
        return self._head

    @property
    def body(self) -> CardBody | None:
        """What unfolding shows, once it has been unfolded."""
        return self._body

    @property
    def approval(self) -> ApprovalForm | None:
        """The form that asks for approval, while it does."""
        return self._body.approval if self._body else None

    def unfold(self) -> None:
        """Show everything."""
        self._head.setChecked(True)

    def refresh(self) -> None:
        """Show the call as it stands now."""
        live = self._shown.live
        if live == self._drawn:
            return
        self._drawn = live
        set_property(self, "state", _look_of(self._shown))
        self._show_head()
        if self._body is not None:
            discard(self._body)
            self._body = None
        self._fold_by_state()
        if self.is_unfolded:
            self._make_body()
        self._tick()
        self.resized.emit()

    def grow(self, key: str, text: str) -> None:
        """Show more of an argument that is being written; ``ShownCall`` has it already."""
        self._head.show_argument(self._shown)
        if self._body is not None and self._drawn.state == "writing":
            self._body.grow(key, text)

    def print(self, text: str) -> None:
        """Show more of what it prints; ``ShownCall`` has it already."""
        if self._body is not None and self._drawn.state == "running":
            self._body.print(text)

    def layout_to(self, width: int) -> int:
        """Take ``width`` pixels and return the height."""
        space = self._theme.space
        height = self._head.sizeHint().height()
        self._head.setGeometry(0, 0, width, height)
        side = self._inspect.width()
        right = width - space(3) - self._theme.control("icon") - space(1)
        self._inspect.move(right - side, (height - side) // 2)
        if self._body is None or self._body.isHidden():
            return height
        inner = width - 2 * space(3)
        body = self._body.layout_to(inner)
        self._body.setGeometry(space(3), height + space(1), inner, body)
        return height + space(1) + body + space(3)

    # --- inside -----------------------------------------------------------------------------------------

    def _show_head(self) -> None:
        self._head.show_call(self._shown)
        self.setAccessibleName(f"Tool call: {title_of(self._shown)}")

    def _fold_by_state(self) -> None:
        with QSignalBlocker(self._head):
            self._head.setChecked(self._shown.shows_body)
        if self.is_unfolded and self._body is None:
            self._make_body()

    def _make_body(self) -> None:
        if self._body is None:
            self._body = CardBody(self._theme, self._shown, self)
            self._body.chosen.connect(self.action_requested)
            self._body.resized.connect(self.resized)
            self._body.show()

    def _on_head_toggled(self, unfolded: bool) -> None:
        self._shown.is_unfolded = unfolded
        if unfolded:
            self._make_body()
        if self._body is not None:
            self._body.setVisible(unfolded)
        self.resized.emit()

    def _tick(self) -> None:
        """Count the seconds while it runs, and only then."""
        if self._drawn.state == "running":
            if self._tick_timer is None:
                self._tick_timer = QTimer(self)
                self._tick_timer.setInterval(TICK_MS)
                self._tick_timer.timeout.connect(lambda: self._head.show_state(self._shown))
            self._tick_timer.start()
        elif self._tick_timer is not None:
            self._tick_timer.stop()


def _look_of(shown: ShownCall) -> str:
    """Return the state as the style sheet knows it: a call that ended badly looks so."""
    live = shown.live
    has_failed = live.result is not None and live.result.outcome in {"failed", "timed_out", "invalid"}
    return "failed" if live.state == "done" and has_failed else live.state
