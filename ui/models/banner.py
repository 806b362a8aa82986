"""A strip that says what is wrong with a list and offers a way on, above what is known all the same."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import make_button, make_label, set_property

_KEPT_WORDS = "Kept in memory until Sawhorse is closed. To keep it for good, set HF_TOKEN."


class Banner(QFrame):
    """Signals.

    retry_requested(): Try it once more.
    token_given(str): An access token was typed.
    """

    retry_requested = Signal()
    token_given = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("listing_banner")
        self.setProperty("role", "callout")
        self._icon = IconLabel(theme, "warning", "warning", theme.space(4.5))
        self._title = make_label("", "strong", wrap=True)
        self._message = make_label("", "muted", wrap=True)
        self._retry = make_button("Try again", "", self.retry_requested.emit, "listing_retry_button")
        self._token = QLineEdit()
        self._use = make_button("Use token", "primary", self._give, "use_token_button")
        self._note = make_label(_KEPT_WORDS, "small", wrap=True)
        self._token_row = QWidget()
        self._build()
        self.hide()

    def show_problem(self, title: str, message: str, *, level: str = "warning", wants_token: bool = False) -> None:
        """Say what is wrong."""
        self._title.setText(title)
        self._message.setText(message)
        self._message.setVisible(bool(message))
        self._icon.set_icon("lock" if wants_token else "warning" if level == "warning" else "error", level)
        self._token_row.setVisible(wants_token)
        set_property(self, "level", "error" if level == "danger" else level)
        self.show()

    def _build(self) -> None:
        space = self._theme.space
        self._token.setObjectName("token_field")
        self._token.setAccessibleName("Hugging Face access token")
        self._token.setPlaceholderText("Access token, hf_\u2026")
        self._token.setEchoMode(QLineEdit.EchoMode.Password)
        self._token.setMaxLength(500)
        self._token.returnPressed.connect(self._give)
        self._token.textChanged.connect(lambda text: self._use.setEnabled(bool(text.strip())))
        self._use.setEnabled(False)
        field = QHBoxLayout()
        field.setSpacing(space(2))
        field.addWidget(self._token, 1)
        field.addWidget(self._use)
        token = QVBoxLayout(self._token_row)
        token.setContentsMargins(0, space(1), 0, 0)
        token.setSpacing(space(1))
        token.addLayout(field)
        token.addWidget(self._note)
        words = QVBoxLayout()
        words.setSpacing(space(0.5))
        words.addWidget(self._title)
        words.addWidget(self._message)
        words.addWidget(self._token_row)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(space(3), space(2), space(3), space(2))
        layout.setSpacing(space(2.5))
        layout.addWidget(self._icon)
        layout.addLayout(words, 1)
        layout.addWidget(self._retry)

    def _give(self) -> None:
        token = self._token.text().strip()
        if token:
            self._token.clear()
            self.token_given.emit(token)
