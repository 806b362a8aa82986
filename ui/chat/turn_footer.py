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
        self._theme = theme
        self._is_lit = False
        self._offered: frozenset[str] = frozenset()
        self._siblings: _Siblings | None = None
        self._summary = ElidedLabel()
        self._summary.setProperty("role", "small")
        self._summary.setFont(theme.font("small"))
        self._buttons: dict[str, IconButton] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.space(0.5))
        self._row.addWidget(self._summary, 1)
        self.setFixedHeight(theme.space(7))

    def show_turn(self, view: TurnView) -> None:
        """Show the figures and offer what fits the turn."""
        turn = view.turn
        if view.sibling_count > 1 or self._siblings is not None:
            self._show_siblings(view)
        self._summary.set_text(summary_of(turn))
        self._summary.set_tip(details_of(turn.stats) if turn.stats else "")
        offered = {"copy", "edit", "delete"}
        if turn.role == "assistant":
            offered.add("regenerate")
            if turn.state in RESUMABLE and view.is_last:
                offered.add("continue")
        elif view.is_last:
            offered.add("regenerate")  # a message whose reply was deleted can be answered again
        if view.is_record:
            offered = {"copy"}
        self._offered = frozenset() if turn.state == "streaming" else frozenset(offered)
        self._light()

    def _show_siblings(self, view: TurnView) -> None:
        if self._siblings is None:
            self._siblings = _Siblings(self._theme)
            self._siblings.requested.connect(self.sibling_requested)
            self._row.insertWidget(0, self._siblings)
        self._siblings.show_place(view.sibling_index, view.sibling_count)

    def set_lit(self, lit: bool) -> None:
        """Show the actions (the pointer or the keyboard is here) or only what must always be seen."""
        if lit != self._is_lit:
            self._is_lit = lit
            self._light()

    def _light(self) -> None:
        wanted = self._offered if self._is_lit else self._offered & {"continue"}
        if wanted and not self._buttons:
            self._buttons = {name: self._make_button(name) for name in ACTIONS}
        for name, button in self._buttons.items():
            button.setVisible(name in wanted)

    def _make_button(self, name: str) -> IconButton:
        """Make one button; most turns are never pointed at, and five buttons are most of a turn's cost."""
        icon, words = ACTIONS[name]
        button = IconButton(self._theme, icon, words, self, size=26)
        button.setObjectName(f"turn_{name}")
        button.clicked.connect(lambda: self.action_requested.emit(name))
        self._row.addWidget(button)
        return button


class _Siblings(QWidget):
    """Arrows between the versions of a turn. Signals: requested(int) with -1 or +1."""

    requested = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._previous = IconButton(theme, "previous", "Earlier version", size=22)
        self._next = IconButton(theme, "next", "Later version", size=22)
        self._previous.setObjectName("sibling_previous")
        self._next.setObjectName("sibling_next")
        self._previous.clicked.connect(lambda: self.requested.emit(-1))
        self._next.clicked.connect(lambda: self.requested.emit(1))
        self._place = make_label("", "small")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, theme.space(1), 0)
        row.setSpacing(theme.space(0.5))
        for widget in (self._previous, self._place, self._next):
            row.addWidget(widget)

    def show_place(self, index: int, count: int) -> None:
        """Show which of how many versions is on show; a single one needs no arrows."""
        self.setVisible(count > 1)
        self._place.setText(f"{index + 1}/{count}")
        self._previous.setEnabled(index > 0)
        self._next.setEnabled(index < count - 1)
