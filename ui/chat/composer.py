"""Where messages are written: a field that grows, send and stop in one place, and a line that says what counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.conversations.parts import ReferencePart
from ui.chat.composer_edit import ASK_WORDS, ComposerEdit, local_paths
from ui.chat.reference_chips import MAX_REFERENCES, ReferenceChips
from ui.theme import Theme
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_button, make_label
from ui.widgets.throttle import Throttle

DRAFT_INTERVAL_MS = 500
BUSY_HINT = "A reply is being made. Stop it first, or wait; your text stays here."
STEER_WORDS = "Message for the model before its next step …"


class ComposerPanel(QFrame):
    """The composer with its buttons.

    Signals:
        send_requested(str): A message is to be sent; it and ``references`` stay until ``set_draft("")``.
        stop_requested(): The reply is to be stopped.
        edit_last_requested(): The last message is to be edited.
        edit_submitted(int, str, object): A turn is to have this text, and a tuple of references.
        draft_changed(str): What is written, at most twice a second.
        draft_references_changed(object): The tuple of what the draft points at is another.
        references_changed(): What the text on show points at is another.
        reference_opened(object): A ReferencePart is to be shown where it comes from.
        text_set(): Another text is on show, which nobody typed.
    """

    send_requested = Signal(str)
    stop_requested = Signal()
    edit_last_requested = Signal()
    edit_submitted = Signal(int, str, object)
    draft_changed = Signal(str)
    draft_references_changed = Signal(object)
    references_changed = Signal()
    reference_opened = Signal(object)
    text_set = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_generating = False
        self._is_steering = False
        self._is_setting = False
        self._is_waiting = False
        self._editing: int | None = None
        self._kept_draft = ""
        self._kept_references: tuple[ReferencePart, ...] = ()
        self._edited_references: tuple[ReferencePart, ...] = ()
        self._hint_action: Callable[[], object] = lambda: None
        self.setObjectName("composer_panel")
        self.setAcceptDrops(True)
        self.edit = ComposerEdit(theme)
        self.chips = ReferenceChips(theme)
        self._send = IconButton(theme, "send", "Send", color="text.on_accent")
        self._send.setObjectName("send_button")
        self._send.setProperty("role", "primary")
        self._send.set_tooltip("Send", "Enter")
        self._stop = IconButton(theme, "stop", "Stop", color="text.on_accent")
        self._stop.setObjectName("stop_button")
        self._stop.setProperty("role", "primary")
        self._stop.set_tooltip("Stop", "Esc")
        self._stop.hide()
        self._hint = ElidedLabel("Enter sends, Shift+Enter breaks the line", gives_way=True)
        self._hint.setProperty("role", "small")
        self._controls = QHBoxLayout()
        self._hint_button = make_button("", "link", self._run_hint_action, "composer_hint_action")
        self._hint_button.hide()
        self._tokens = make_label("", "small")
        self._banner = QFrame()
        self._draft = Throttle[str](DRAFT_INTERVAL_MS, self.draft_changed.emit, self)
        self._build()
        self._connect()
        self._refresh()

    def _build(self) -> None:
        space = self._theme.space
        self._banner.setObjectName("edit_banner")
        banner = QHBoxLayout(self._banner)
        banner.setContentsMargins(space(3), space(1), space(1), space(1))
        banner.addWidget(make_label("Editing a message; the earlier version is kept", "small"), 1)
        banner.addWidget(make_button("Cancel", "link", self.cancel_edit, "cancel_edit_button"))
        self._banner.hide()
        field = QHBoxLayout()
        field.setContentsMargins(space(3), space(1), space(2), space(1.5))
        field.setSpacing(space(2))
        field.addWidget(self.edit, 1)
        for button in (self._send, self._stop):
            field.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        frame = QFrame()
        frame.setObjectName("composer_frame")
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self._banner)
        self.chips.setContentsMargins(space(2), space(2), space(2), 0)
        inner.addWidget(self.chips)
        inner.addLayout(field)
        line = QHBoxLayout()
        line.setContentsMargins(space(1), 0, space(1), 0)
        line.setSpacing(space(1))
        self._controls.setSpacing(space(1))
        line.addLayout(self._controls)
        line.addWidget(self._hint, 1000)
        line.addWidget(self._hint_button)
        line.addStretch(1)
        line.addWidget(self._tokens)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(space(1.5))
        layout.addWidget(frame)
        layout.addLayout(line)
        self.setFocusProxy(self.edit)

    def _connect(self) -> None:
        self.edit.submitted.connect(self._on_edit_submitted)
        self.edit.up_pressed.connect(self.edit_last_requested)
        self.edit.escaped.connect(self._on_edit_escaped)
        self.edit.textChanged.connect(self._on_edit_text_changed)
        self.edit.focus_lost.connect(self._draft.flush)
        self.edit.erased_at_start.connect(self.chips.remove_last)
        self.edit.left_at_start.connect(self.chips.take_focus)
        self.edit.go_before = self.chips.take_focus
        self.chips.changed.connect(self._on_chips_changed)
        self.chips.opened.connect(self.reference_opened)
        self.chips.left.connect(self.focus)
        self._send.clicked.connect(self._on_edit_submitted)
        self._stop.clicked.connect(self.stop_requested)

    @property
    def is_editing(self) -> bool:
        """Whether a turn's text is being edited."""
        return self._editing is not None

    # --- values -----------------------------------------------------------------------------------------

    def text(self) -> str:
        """Return what is written."""
        return self.edit.toPlainText()

    @property
    def references(self) -> tuple[ReferencePart, ...]:
        """What the text on show points at."""
        return self.chips.references

    @property
    def edited_references(self) -> tuple[ReferencePart, ...]:
        """What the message pointed at that is being edited: these have their texts already."""
        return self._edited_references

    def add_reference(self, reference: ReferencePart) -> None:
        """Let what is being written point at something more, with an absolute path."""
        if self.chips.is_full:
            self.set_hint(f"A message can point at {MAX_REFERENCES} things.")
        else:
            self.chips.add(reference)

    def set_draft(self, text: str, references: Sequence[ReferencePart] = ()) -> None:
        """Show another message, as no draft of the user's."""
        self.set_text(text)
        self._set_references(references)

    def set_text(self, text: str) -> None:
        """Show other text, as no draft of the user's."""
        if text == self.text():
            return
        self._is_setting = True
        self.edit.setPlainText(text)
        self.edit.moveCursor(QTextCursor.MoveOperation.End)
        self._is_setting = False
        self._draft.drop()
        self._refresh()
        self.text_set.emit()

    def flush_draft(self) -> None:
        """Say now what was written last."""
        self._draft.flush()

    def focus(self) -> None:
        """Take the keyboard."""
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def fit(self) -> None:
        """Keep to the share of a window that has another height now."""
        self.edit.fit()

    def add_control(self, widget: QWidget) -> None:
        """Put a control of its own below the field, before the hint."""
        self._controls.addWidget(widget)

    def set_generating(self, generating: bool, *, can_steer: bool = False) -> None:
        """Offer stop in place of send; with ``can_steer`` beside it, for a message to a model at work."""
        self._is_generating = generating
        self._is_steering = generating and can_steer
        self._stop.setVisible(generating)
        self._send.setVisible(not generating or can_steer)
        self._send.set_tooltip("Send before the next step" if self._is_steering else "Send", "Enter")
        self.edit.setPlaceholderText(STEER_WORDS if self._is_steering else ASK_WORDS)

    def set_waiting(self, waiting: bool) -> None:
        """Show that a message is about to be sent, once what it points at was read."""
        self._is_waiting = waiting
        self._refresh()

    def set_hint(self, text: str, action_text: str = "", action: Callable[[], object] | None = None) -> None:
        """Say something under the field, with something to do about it."""
        self._hint.set_text(text)
        self._hint_button.setText(action_text)
        self._hint_button.setAccessibleName(action_text)
        self._hint_button.setVisible(bool(action_text))
        self._hint_action = action or (lambda: None)

    def set_token_count(self, tokens: int | None, n_ctx: int) -> None:
        """Show how long the prompt would be; None while that is not known."""
        self._tokens.setText("" if tokens is None else f"{tokens:,} of {n_ctx:,} tokens")
        level = "danger" if tokens is not None and tokens >= n_ctx else "small"
        if self._tokens.property("role") != level:
            self._tokens.setProperty("role", level)
            self._tokens.style().polish(self._tokens)

    def begin_edit(self, turn_id: int, text: str, references: Sequence[ReferencePart] = ()) -> None:
        """Edit a turn's text and what it points at; what was being written comes back afterwards."""
        if self._editing is None:
            self._draft.flush()
            self._kept_draft, self._kept_references = self.text(), self.references
        self._editing = turn_id
        self._edited_references = tuple(references)
        self._banner.show()
        self.set_draft(text, references)
        self.focus()

    def cancel_edit(self) -> None:
        """Give up editing."""
        if self._editing is not None:
            self._editing = None
            self._edited_references = ()
            self._banner.hide()
            self.set_draft(self._kept_draft, self._kept_references)
            self._kept_draft, self._kept_references = "", ()

    # --- what was done ----------------------------------------------------------------------------------

    def _run_hint_action(self) -> None:
        self._hint_action()

    def _on_edit_submitted(self) -> None:
        text, references = self.text(), self.references
        if not (text.strip() or references):
            return
        if self._is_generating and (not self._is_steering or self._editing is not None):
            self.set_hint(BUSY_HINT)
            return
        if self._editing is not None:
            turn_id = self._editing
            self.cancel_edit()
            self.edit_submitted.emit(turn_id, text, references)
        else:
            self.send_requested.emit(text)

    def _on_edit_escaped(self) -> None:
        if self._editing is not None:
            self.cancel_edit()
        elif self._is_generating:
            self.stop_requested.emit()

    def _on_edit_text_changed(self) -> None:
        self._refresh()
        if not self._is_setting and self._editing is None:
            self._draft.call(self.text())

    def _on_chips_changed(self) -> None:
        self._refresh()
        if self._editing is None:
            self.draft_references_changed.emit(self.references)
        self.references_changed.emit()

    def _set_references(self, references: Sequence[ReferencePart]) -> None:
        if tuple(references) != self.references:
            self.chips.set_references(references)
            self._refresh()
            self.references_changed.emit()

    def _refresh(self) -> None:
        has_text = self.edit.document().characterCount() > 1 and self.text().strip()
        self._send.setEnabled(bool(has_text or self.references) and not self._is_waiting)

    # --- Qt ---------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.edit.files_given.emit(local_paths(event.mimeData()))
