"""Where messages are written: a field that grows, send and stop in one place, and a line that says what counts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.escape import keeps_escape
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_button, make_label
from ui.widgets.throttle import Throttle

DRAFT_INTERVAL_MS = 500
MIN_LINES = 1
MAX_SHARE = 0.4  # of the window's height
BUSY_HINT = "A reply is being made. Stop it first, or wait; your text stays here."
ASK_WORDS = "Ask, or describe what to change …"
STEER_WORDS = "Message for the model before its next step …"


class ComposerEdit(QPlainTextEdit):
    """The field itself.

    Signals:
        submitted(), up_pressed(), escaped(): Keys with a meaning of their own.
        height_changed(): It wants another height.
        focus_lost(): The keyboard went elsewhere.
    """

    submitted = Signal()
    up_pressed = Signal()
    escaped = Signal()
    height_changed = Signal()
    focus_lost = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_composing = False
        self.setObjectName("composer")
        self.setAccessibleName("Message")
        self.setPlaceholderText(ASK_WORDS)
        self.setProperty("role", "plain")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setFont(theme.font("body"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(self.fit)
        theme.changed.connect(lambda: self.setFont(theme.font("body")))
        self.fit()

    def fit(self) -> None:
        """Be as tall as the text, within the window's share."""
        lines = max(MIN_LINES, int(self.document().size().height()))
        line = self.fontMetrics().lineSpacing()
        limit = max(6 * line, int(self.window().height() * MAX_SHARE))
        height = min(lines * line + self._theme.space(4), limit)
        policy = Qt.ScrollBarPolicy
        fits = lines * line + self._theme.space(4) <= limit
        self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOff if fits else policy.ScrollBarAsNeeded)
        if height != self.height():
            self.setFixedHeight(height)
            self.height_changed.emit()

    # --- Qt ---------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        return keeps_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_composing:  # every key is the input method's
            super().keyPressEvent(event)
            return
        is_enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        breaks = event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier)
        if is_enter:
            if breaks:
                self.textCursor().insertText("\n")
                self.ensureCursorVisible()
            else:
                self.submitted.emit()
        elif event.key() == Qt.Key.Key_Up and not self.toPlainText():
            self.up_pressed.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._is_composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasText():
            self.textCursor().insertText(source.text())
            self.ensureCursorVisible()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_lost.emit()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.height())


class ComposerPanel(QFrame):
    """The composer with its buttons.

    Signals:
        send_requested(str): A message is to be sent; the text stays until ``set_text("")``.
        stop_requested(): The reply is to be stopped.
        edit_last_requested(): The last message is to be edited.
        edit_submitted(int, str): A turn is to have this text.
        draft_changed(str): What is written, at most twice a second.
    """

    send_requested = Signal(str)
    stop_requested = Signal()
    edit_last_requested = Signal()
    edit_submitted = Signal(int, str)
    draft_changed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_generating = False
        self._is_steering = False
        self._is_setting = False
        self._editing: int | None = None
        self._kept_draft = ""
        self._hint_action: Callable[[], object] = lambda: None
        self.setObjectName("composer_panel")
        self.edit = ComposerEdit(theme)
        self._send = IconButton(theme, "send", "Send", color="text.on_accent")
        self._send.setObjectName("send_button")
        self._send.setProperty("role", "primary")
        self._send.set_tooltip("Send", "Enter")
        self._stop = IconButton(theme, "stop", "Stop", color="text.on_accent")
        self._stop.setObjectName("stop_button")
        self._stop.setProperty("role", "primary")
        self._stop.set_tooltip("Stop", "Esc")
        self._stop.hide()
        self._hint = ElidedLabel("Enter sends, Shift+Enter breaks the line")
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
        inner.addLayout(field)
        line = QHBoxLayout()
        line.setContentsMargins(space(1), 0, space(1), 0)
        line.setSpacing(space(1))
        self._controls.setSpacing(space(1))
        line.addLayout(self._controls)
        line.addWidget(self._hint)
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

    def begin_edit(self, turn_id: int, text: str) -> None:
        """Edit a turn's text; what was being written comes back afterwards."""
        if self._editing is None:
            self._draft.flush()
            self._kept_draft = self.text()
        self._editing = turn_id
        self._banner.show()
        self.set_text(text)
        self.focus()

    def cancel_edit(self) -> None:
        """Give up editing."""
        if self._editing is not None:
            self._editing = None
            self._banner.hide()
            self.set_text(self._kept_draft)
            self._kept_draft = ""

    # --- what was done ----------------------------------------------------------------------------------

    def _run_hint_action(self) -> None:
        self._hint_action()

    def _on_edit_submitted(self) -> None:
        text = self.text()
        if not text.strip():
            return
        if self._is_generating and (not self._is_steering or self._editing is not None):
            self.set_hint(BUSY_HINT)
            return
        if self._editing is not None:
            turn_id = self._editing
            self.cancel_edit()
            self.edit_submitted.emit(turn_id, text)
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

    def _refresh(self) -> None:
        self._send.setEnabled(bool(self.edit.document().characterCount() > 1 and self.text().strip()))
