"""A notice inside the transcript: what happened to this reply, why, and what can be done."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.conversations.parts import NoticePart
from ui.theme import Theme
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import make_button, make_label

_ICONS = {"info": ("info", "accent"), "warning": ("warning", "warning"), "error": ("error", "danger")}
#: Notice code -> (action code, words on its button).
_ACTIONS = {
    "engine_died": (("load_again", "Load again"),),
    "context_full": (("drop_oldest", "Leave out oldest turns"), ("summarise", "Summarise oldest turns")),
    "max_tokens": (("continue", "Continue"),),
    "interrupted": (("continue", "Continue"),),
}


class TurnNotice(QFrame):
    """Signals: action_requested(str) with the code of the button that was clicked."""

    action_requested = Signal(str)

    def __init__(self, theme: Theme, part: NoticePart, *, offers_actions: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("turn_notice")
        self.setProperty("level", part.level)
        self.setAccessibleName(f"{part.title}. {part.message} {part.hint}")
        texts = QVBoxLayout()
        texts.setSpacing(theme.space(0.5))
        texts.addWidget(make_label(part.title, "strong", wrap=True))
        for text in (part.message, part.hint):
            if text:
                texts.addWidget(make_label(text, "muted", wrap=True))
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.space(2))
        for code, words in _ACTIONS.get(part.code, ()) if offers_actions else ():
            buttons.addWidget(make_button(words, "", partial(self.action_requested.emit, code), f"notice_{code}"))
        if part.detail:
            copy_details = partial(QGuiApplication.clipboard().setText, part.detail)
            copy = make_button("Copy details", "ghost", copy_details, "notice_copy_details")
            buttons.addWidget(copy)
        if buttons.count():
            buttons.addStretch(1)
            texts.addSpacing(theme.space(1))
            texts.addLayout(buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.space(3), theme.space(2.5), theme.space(3), theme.space(2.5))
        layout.setSpacing(theme.space(2.5))
        icon = QVBoxLayout()
        icon.addWidget(IconLabel(theme, *_ICONS[part.level], size=18))
        icon.addStretch(1)
        layout.addLayout(icon)
        layout.addLayout(texts, 1)

    def layout_to(self, width: int) -> int:
        """Take ``width`` pixels and return the height."""
        self.setFixedWidth(width)
        layout = self.layout()
        return layout.heightForWidth(width) if layout and layout.hasHeightForWidth() else self.sizeHint().height()
