"""What a person can do about a call that needs one: say yes or no, answer, repair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from app.tools.visible import make_visible
from ui.theme import Theme
from ui.tools.shown_call import ShownCall
from ui.widgets.flow_row import FlowRow
from ui.widgets.labels import make_button
from ui.widgets.stack import Stack

#: A button that lets something run does nothing before it has been on the screen this long.
ARMING_MS = 500


class DeliberateButton(QPushButton):
    """Return does nothing on it: only a click or Space does, and holding a key down does not."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} or event.isAutoRepeat():
            event.accept()
        else:
            super().keyPressEvent(event)


class ApprovalForm(Stack):
    """Signals: chosen(str, object): An action and its payload, as of ``ToolCard``."""

    chosen = Signal(str, object)

    def __init__(self, theme: Theme, shown: ShownCall, parent: QWidget | None = None) -> None:
        super().__init__(theme.space(2), parent)
        self._theme = theme
        self._shown = shown
        self.setObjectName("approval_form")
        self._approve = _deliberate("Approve", "primary", "approve_button")
        self._approve.clicked.connect(lambda: self._emit_approve(remember=False))
        allowing = [self._approve]
        if shown.live.can_remember:
            always = _deliberate("Always allow in this folder", "", "allow_always_button")
            always.clicked.connect(lambda: self._emit_approve(remember=True))
            allowing.append(always)
        self._allowing = tuple(allowing)
        edit = make_button("Edit\u2026", "", lambda: self.chosen.emit("edit", None), "edit_arguments_button")
        instead = make_button("Answer instead\u2026", "ghost", self._on_instead_clicked, "answer_instead_button")
        row = FlowRow(theme.space(2))
        row.show_widgets([*self._allowing, edit, instead])
        self.add(row)
        self._refusal = self._make_refusal()
        self.add(self._refusal)
        self._answer = AnswerForm(theme, shown, "What the model is told in the tool's place", "Send as the result")
        self._answer.answered.connect(lambda text: self.chosen.emit("answer", text))
        self.add(self._answer)
        self._answer.setVisible("answer" in shown.drafts)
        self._arming_timer = QTimer(self)
        self._arming_timer.setSingleShot(True)
        self._arming_timer.setInterval(ARMING_MS)
        self._arming_timer.timeout.connect(lambda: self._set_armed(armed=True))
        self._set_armed(armed=False)

    def _make_refusal(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._theme.space(2))
        self._reason = QLineEdit(self._shown.drafts.get("reason", ""))
        self._reason.setObjectName("deny_reason")
        self._reason.setAccessibleName("Why not; the model is told")
        self._reason.setPlaceholderText("Why not? The model is told. May stay empty")
        self._reason.textChanged.connect(lambda text: self._shown.drafts.update(reason=text))
        self._reason.returnPressed.connect(self._on_deny_clicked)
        layout.addWidget(make_button("Deny", "danger", self._on_deny_clicked, "deny_button"))
        layout.addWidget(self._reason, 1)
        return row

    @property
    def is_armed(self) -> bool:
        """Whether approving works: it has been on the screen long enough to be read."""
        return self._approve.isEnabled()

    def _set_armed(self, *, armed: bool) -> None:
        for button in self._allowing:
            button.setEnabled(armed)

    def _emit_approve(self, *, remember: bool) -> None:
        self.chosen.emit("approve", {"arguments": None, "remember": remember})

    def _on_deny_clicked(self) -> None:
        self.chosen.emit("deny", self._reason.text().strip())

    def _on_instead_clicked(self) -> None:
        self._answer.setVisible(True)
        self.chosen.emit("resized", None)
        self._answer.focus()

    # --- Qt ---------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Being painted is being seen: arming begins with it."""
        super().paintEvent(event)
        if not self.is_armed and not self._arming_timer.isActive():
            self._arming_timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._arming_timer.stop()
        super().hideEvent(event)


class AnswerForm(Stack):
    """Signals: answered(str): What was typed, or the option that was clicked."""

    answered = Signal(str)

    def __init__(
        self,
        theme: Theme,
        shown: ShownCall,
        hint: str,
        send: str,
        options: tuple[str, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme.space(2), parent)
        self._shown = shown
        if options:
            row = FlowRow(theme.space(2))
            row.show_widgets([self._option(number, option) for number, option in enumerate(options)])
            self.add(row)
        self._field = _AnswerEdit()
        self._field.setObjectName("answer_field")
        self._field.setAccessibleName(hint)
        self._field.setPlaceholderText(hint)
        self._field.setFixedHeight(theme.space(16))
        self._field.setTabChangesFocus(True)
        self._field.setPlainText(shown.drafts.get("answer", ""))
        self._field.textChanged.connect(self._on_text_changed)
        self._field.submitted.connect(self._on_send_clicked)
        self.add(self._field)
        row = FlowRow(theme.space(2))
        self._send = make_button(send, "primary", self._on_send_clicked, "answer_button")
        row.show_widgets([self._send])
        self.add(row)
        self._send.setEnabled(bool(self._text))

    def focus(self) -> None:
        """Put the cursor into the field."""
        self._field.setFocus()

    @property
    def _text(self) -> str:
        return self._field.toPlainText().strip()

    def _option(self, number: int, option: str) -> QPushButton:
        shown = make_visible(option).replace("\n", " ")
        button = make_button(shown.replace("&", "&&"), "", lambda: self.answered.emit(option), f"option_{number}")
        button.setAccessibleName(f"Answer: {shown}")
        return button

    def _on_text_changed(self) -> None:
        self._shown.drafts["answer"] = self._field.toPlainText()
        self._send.setEnabled(bool(self._text))

    def _on_send_clicked(self) -> None:
        if self._text:
            self.answered.emit(self._text)


class _AnswerEdit(QPlainTextEdit):
    """Return sends, Shift+Return makes a new line. Signals: submitted()."""

    submitted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_return = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if is_return and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.submitted.emit()
        else:
            super().keyPressEvent(event)


def question_of(arguments: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return the question in a call that asks a person, and the answers it offers."""
    question = next((arguments[key] for key in ("question", "text", "prompt") if key in arguments), "")
    offered: list[Any] = next(
        (arguments[key] for key in ("options", "choices") if isinstance(arguments.get(key), list)), []
    )
    options = tuple(str(one.get("label", "")) if isinstance(one, dict) else str(one) for one in offered)
    return str(question), tuple(option for option in options if option)


def make_repair_row(theme: Theme, choose: Callable[[str], object], more: QWidget) -> QWidget:
    """Return the buttons of a malformed call and one ``more``; ``choose`` is called with an action."""
    row = FlowRow(theme.space(2))
    row.show_widgets(
        [
            make_button("Fix and run\u2026", "primary", lambda: choose("edit"), "fix_button"),
            make_button("Ask again with a grammar", "", lambda: choose("ask_again"), "ask_again_button"),
            make_button("Send as text", "", lambda: choose("as_text"), "as_text_button"),
            more,
        ]
    )
    return row


def _deliberate(text: str, role: str, name: str) -> DeliberateButton:
    button = DeliberateButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setAutoDefault(False)
    button.setDefault(False)
    if role:
        button.setProperty("role", role)
    return button
