"""The line under a turn: its siblings, what it cost, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.chat.turn_view import TurnView
from ui.chat.turn_words import details_of, summary_of
from ui.theme import Theme
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_label

#: Action -> (icon, words). Which of them a turn offers depends on who speaks and how it ended.
ACTIONS = {
    "copy": ("copy", "Copy as Markdown"),
    "edit": ("edit", "Edit"),
    "regenerate": ("regenerate", "Regenerate"),
    "continue": ("continue", "Continue"),
    "delete": ("delete", "Delete this message and what follows"),
}
RESUMABLE = frozenset({"stopped", "interrupted", "failed"})


class TurnFooter(QWidget):
    """Signals: action_requested(str) with a key of ``ACTIONS``; sibling_requested(int) with -1 or +1."""

    action_requested = Signal(str)
    sibling_requested = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_lit = False
        self._offered: frozenset[str] = frozenset()
        self._previous = IconButton(theme, "previous", "Earlier version", size=22)
        self._next = IconButton(theme, "next", "Later version", size=22)
        self._previous.clicked.connect(lambda: self.sibling_requested.emit(-1))
        self._next.clicked.connect(lambda: self.sibling_requested.emit(1))
        self._place = make_label("", "small")
        self._summary = ElidedLabel()
        self._summary.setProperty("role", "small")
        self._summary.setFont(theme.font("small"))
        self._buttons = {name: self._make_button(theme, name) for name in ACTIONS}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.space(0.5))
        for widget in (self._previous, self._place, self._next, self._summary):
            layout.addWidget(widget)
        layout.setStretch(3, 1)
        for button in self._buttons.values():
            layout.addWidget(button)
        self.setFixedHeight(theme.space(7))

    def _make_button(self, theme: Theme, name: str) -> IconButton:
        icon, words = ACTIONS[name]
        button = IconButton(theme, icon, words, size=26)
        button.setObjectName(f"turn_{name}")
        button.clicked.connect(lambda: self.action_requested.emit(name))
        return button

    def show_turn(self, view: TurnView) -> None:
        """Show the figures and offer what fits the turn."""
        turn = view.turn
        has_siblings = view.sibling_count > 1
        for widget in (self._previous, self._place, self._next):
            widget.setVisible(has_siblings)
        self._place.setText(f"{view.sibling_index + 1}/{view.sibling_count}")
        self._previous.setEnabled(view.sibling_index > 0)
        self._next.setEnabled(view.sibling_index < view.sibling_count - 1)
        self._summary.set_text(summary_of(turn))
        self._summary.set_tip(details_of(turn.stats) if turn.stats else "")
        offered = {"copy", "edit", "delete"}
        if turn.role == "assistant":
            offered.add("regenerate")
            if turn.state in RESUMABLE and view.is_last:
                offered.add("continue")
        elif view.is_last:
            offered.add("regenerate")  # a message whose reply was deleted can be answered again
        self._offered = frozenset() if turn.state == "streaming" else frozenset(offered)
        self._light()

    def set_lit(self, lit: bool) -> None:
        """Show the actions (the pointer or the keyboard is here) or only what must always be seen."""
        if lit != self._is_lit:
            self._is_lit = lit
            self._light()

    def _light(self) -> None:
        for name, button in self._buttons.items():
            button.setVisible(name in self._offered and (self._is_lit or name == "continue"))
