"""An error in the place where the result would have been: what happened, why, what to do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.errors import AppError
from ui.theme import Theme
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import make_button, make_label

_TEXT_WIDTH_STEPS = 120


def error_details(title: str, message: str, hint: str, detail: str) -> str:
    """Return everything that is known of an error, as text to be sent to someone."""
    return "\n\n".join(part for part in (title, message, hint, detail) if part)


class ErrorView(QWidget):
    """Shows an AppError without a dialog; its text can be selected and copied whole."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("error_view")
        self._details = ""
        self._title = make_label("", "heading", wrap=True)
        self._message = make_label("", "body", wrap=True)
        self._hint = make_label("", "muted", wrap=True)
        self._copy_button = make_button("Copy details", "ghost", self._copy, "error_copy_button")
        self._buttons = QHBoxLayout()
        self._lay_out(theme)

    def show_error(self, error: AppError) -> None:
        """Show what happened."""
        self._details = error_details(error.title, error.message, error.hint, error.detail)
        for label, text in ((self._title, error.title), (self._message, error.message), (self._hint, error.hint)):
            label.setText(text)
            label.setVisible(bool(text))
        self._copy_button.setText("Copy details")

    def add_action(self, text: str, on_click: Callable[[], object], *, primary: bool = False) -> None:
        """Offer something to do about it."""
        name = "error_" + text.lower().replace(" ", "_")
        self._buttons.insertWidget(
            self._buttons.count() - 1, make_button(text, "primary" if primary else "", on_click, name)
        )

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details)
        self._copy_button.setText("Copied")

    def _lay_out(self, theme: Theme) -> None:
        selectable = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        words = QVBoxLayout()
        words.setSpacing(theme.space(2))
        for label in (self._title, self._message, self._hint):
            label.setTextInteractionFlags(selectable)
            label.setMaximumWidth(theme.space(_TEXT_WIDTH_STEPS))
            words.addWidget(label)
        self._buttons.setSpacing(theme.space(2))
        self._buttons.addWidget(self._copy_button)
        self._buttons.addStretch(1)
        words.addSpacing(theme.space(2))
        words.addLayout(self._buttons)
        row = QHBoxLayout()
        row.setSpacing(theme.space(4))
        row.addWidget(IconLabel(theme, "error", "danger", theme.space(6)), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.space(8),) * 4)
        layout.addStretch(1)
        layout.addLayout(row)
        layout.addStretch(2)
