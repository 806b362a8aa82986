"""One turn in the transcript: who speaks, what was said, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QEnterEvent, QPalette
from PySide6.QtWidgets import QFrame, QProgressBar, QWidget

from app.conversations.parts import NoticePart
from ui.chat.shown_calls import ShownCalls
from ui.chat.turn_body import TurnBody
from ui.chat.turn_footer import RESUMABLE, TurnFooter
from ui.chat.turn_view import TurnView
from ui.chat.turn_words import speaker_of
from ui.theme import Theme
from ui.tools.shown_call import ShownCall
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import make_label

_ICONS = {"user": "message-square", "assistant": "model", "tool": "tool", "system": "settings"}


class TurnWidget(QFrame):
    """Lays itself out by hand, so that the transcript knows its height at once.

    Signals:
        resized(): Its height is another for the same width.
        action_requested(str): copy, edit, regenerate, continue or delete.
        sibling_requested(int): -1 or +1.
        link_activated(str), notice_action_requested(str): From its parts.
        offers_asked(CodeBlock), code_requested(str, BlockSource): From its blocks of code.
        call_action_requested(str, str, object): Action, call and payload, as of ``ToolCard``.
        reference_opened(object): A ReferencePart is to be shown where it comes from.
    """

    resized = Signal()
    action_requested = Signal(str)
    sibling_requested = Signal(int)
    link_activated = Signal(str)
    offers_asked = Signal(object)
    code_requested = Signal(str, object)
    notice_action_requested = Signal(str)
    call_action_requested = Signal(str, str, object)
    reference_opened = Signal(object)

    def __init__(self, theme: Theme, view: TurnView, calls: ShownCalls, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)  # opaque: scrolling moves its pixels, and nothing below is painted
        self.setBackgroundRole(QPalette.ColorRole.Window)
        self._theme = theme
        self._view = view
        self._is_user = view.turn.role == "user"
        self._icon = IconLabel(theme, _ICONS[view.turn.role], "accent" if not self._is_user else "text.muted", 16, self)
        self._speaker = make_label("", "strong", parent=self)
        self._card = QFrame(self)
        self._card.setObjectName("user_card" if self._is_user else "reply")
        self._body = TurnBody(theme, calls, is_markdown=not self._is_user, parent=self._card)
        self._footer = TurnFooter(theme, self)
        self._progress_words = make_label("", "muted", parent=self)
        self._progress = QProgressBar(self)
        self._progress.setProperty("role", "thin")
        self._progress.setTextVisible(False)
        self._progress.setRange(0, 1000)
        self._show_progress_widgets(shown=False)
        self._connect()
        self.show_turn(view)

    def _connect(self) -> None:
        self._body.resized.connect(self.resized)
        self._body.link_activated.connect(self.link_activated)
        self._body.offers_asked.connect(self.offers_asked)
        self._body.code_requested.connect(self.code_requested)
        self._body.notice_action_requested.connect(self.notice_action_requested)
        self._body.call_action_requested.connect(self.call_action_requested)
        self._body.reference_opened.connect(self.reference_opened)
        self._footer.action_requested.connect(self.action_requested)
        self._footer.sibling_requested.connect(self.sibling_requested)

    @property
    def view(self) -> TurnView:
        """What it shows."""
        return self._view

    @property
    def body(self) -> TurnBody:
        """The widgets of its parts."""
        return self._body

    def show_turn(self, view: TurnView) -> None:
        """Show a turn anew."""
        self._view = view
        speaker = speaker_of(view.turn)
        self._speaker.setText(speaker)
        self.setAccessibleName(f"Message of {speaker}")
        self._body.show_turn(view.turn, is_last=view.is_last)
        self._show_frame()
        is_waiting = view.turn.state == "streaming" and not view.turn.parts
        self._progress_words.setText("Thinking …" if is_waiting else "")
        self._show_progress_widgets(shown=is_waiting, bar=False)

    def show_place(self, view: TurnView) -> None:
        """Show another place among siblings, or that it is no longer the last, of an unchanged turn."""
        was_last, self._view = self._view.is_last, view
        if view.is_last != was_last and any(isinstance(part, NoticePart) for part in view.turn.parts):
            self._body.show_turn(view.turn, is_last=view.is_last)  # a notice offers its actions in the last turn only
        self._show_frame()

    def _show_frame(self) -> None:
        """Show who speaks above the first turn of a piece of work, and what can be done below the last."""
        view = self._view
        for widget in (self._icon, self._speaker):
            widget.setVisible(not view.continues)
        needs_footer = not view.goes_on or view.sibling_count > 1 or view.turn.state in RESUMABLE
        self._footer.setVisible(needs_footer)
        self._footer.show_turn(view)

    def append_text(self, text: str) -> None:
        """Let the answer grow."""
        self._show_progress_widgets(shown=False)
        self._body.append_text(text)

    def append_reasoning(self, text: str) -> None:
        """Let the reasoning grow."""
        self._show_progress_widgets(shown=False)
        self._body.append_reasoning(text)

    def show_call(self, shown: ShownCall) -> None:
        """Show a tool call as it stands now."""
        self._show_progress_widgets(shown=False)
        self._body.show_call(shown)

    def light(self) -> None:
        """Show the actions, as under the pointer."""
        self._footer.set_lit(True)

    def set_progress(self, words: str, fraction: float) -> None:
        """Say how far the prompt has been read."""
        self._progress_words.setText(words)
        self._progress.setValue(round(fraction * 1000))
        self._show_progress_widgets(shown=True)

    def layout_to(self, width: int) -> int:
        """Take ``width`` pixels and return the height."""
        space = self._theme.space
        head = 0 if self._view.continues else space(6)
        self._icon.move(0, (head - self._icon.height()) // 2)
        self._speaker.setGeometry(space(6), 0, width - space(6), head)
        pad = space(3) if self._is_user else 0
        inner = width - 2 * pad
        height = self._body.layout_to(inner)
        self._body.setGeometry(pad, pad, inner, height)
        y = head + space(1.5) if head else 0
        self._card.setGeometry(0, y, width, height + 2 * pad)
        y += height + 2 * pad
        if not self._progress_words.isHidden():
            self._progress_words.setGeometry(0, y, width, space(6))
            self._progress.setGeometry(0, y + space(6), min(width, space(80)), space(1))
            y += space(8)
        if self._footer.isHidden():
            return y
        self._footer.setGeometry(0, y + space(0.5), width, self._footer.height())
        return y + space(0.5) + self._footer.height() + space(2.5)

    def _show_progress_widgets(self, *, shown: bool, bar: bool = True) -> None:
        self._progress_words.setVisible(shown)
        self._progress.setVisible(shown and bar)

    # --- Qt ---------------------------------------------------------------------------------------------

    def enterEvent(self, event: QEnterEvent) -> None:
        self._footer.set_lit(True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._footer.set_lit(self.isAncestorOf(self.window().focusWidget() or self.window()))
        super().leaveEvent(event)
