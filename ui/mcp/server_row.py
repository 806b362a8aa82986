"""One MCP server in the list: its state, what it costs, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.tools.mcp.review import command_line
from app.tools.mcp.servers import ServerView
from app.tools.mcp.text import reveal
from ui.mcp.tool_list import ToolList
from ui.mcp.words import STATE_WORDS, tools_words
from ui.theme import Theme
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import make_button, make_label, set_property

#: Name of a verb, its icon, and its words; the server's name is put in.
_BUTTONS = (
    ("restart", "refresh-cw", "Start {} anew"),
    ("log", "scroll-text", "What {} said"),
    ("edit", "edit", "Change {}"),
    ("remove", "delete", "Remove {}"),
)


class ServerRow(QFrame):
    """Signals.

    asked(str, str): A verb ("review", "restart", "log", "edit", "remove") and the server's name.
    switched(str, bool): The server is to be on or off.
    """

    asked = Signal(str, str)
    switched = Signal(str, bool)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = name
        self._view: ServerView | None = None
        self._counts: Sequence[int] | None = None
        self.setObjectName(f"mcp_server_{name}")
        self.setProperty("role", "card")
        self._badge = make_label("", "badge")
        self._command = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self._words = make_label("", "danger", wrap=True)
        self._detail = make_label("", "mono", wrap=True)
        self._review = make_button("Review…", "primary", lambda: self._ask("review"), f"mcp_review_{name}")
        self._switch = QCheckBox("On")
        self._buttons = {verb: self._make_button(verb, icon, words) for verb, icon, words in _BUTTONS}
        self._fold = make_button("", "link", None, f"mcp_tools_{name}")
        self._tools = ToolList(theme)
        self._build()
        self._switch.toggled.connect(lambda is_on: self.switched.emit(self._name, is_on))
        self._fold.toggled.connect(self._on_fold_toggled)

    def show_view(self, view: ServerView) -> None:
        """Show how the server is."""
        if self._view is not None and view.specs != self._view.specs:
            self._counts = None
        self._view = view
        words, level = STATE_WORDS[view.state]
        self._badge.setText(words)
        set_property(self._badge, "level", level)
        self._command.set_text(command_line(view.server) if view.server.is_program else reveal(view.server.url))
        self._words.setText(view.words)
        self._words.setVisible(bool(view.words))
        last = view.detail.splitlines()[-1:] if view.detail else []
        self._detail.setText("".join(last))
        self._detail.setVisible(bool(last))
        self._review.setVisible(view.review is not None)
        blocker = QSignalBlocker(self._switch)
        self._switch.setChecked(view.server.is_enabled)
        blocker.unblock()
        self._buttons["restart"].setEnabled(view.server.is_enabled)
        self._show_tools()

    def show_counts(self, counts: Sequence[int] | None) -> None:
        """Show what its tools cost in tokens, one by one in the order of its specs."""
        self._counts = counts
        self._show_tools()

    def _show_tools(self) -> None:
        if self._view is None:
            return
        words = tools_words(self._view, self._counts)
        self._fold.setText(words)
        self._fold.setAccessibleName(f"Tools of {self._name}: {words}")
        self._fold.setVisible(bool(words))
        is_open = bool(words) and self._fold.isChecked()
        self._tools.setVisible(is_open)
        if is_open:
            self._tools.show_tools(self._view.listed, self._counts)

    def _on_fold_toggled(self) -> None:
        self._show_tools()

    def _ask(self, verb: str) -> None:
        self.asked.emit(verb, self._name)

    def _make_button(self, verb: str, icon: str, words: str) -> IconButton:
        button = IconButton(self._theme, icon, words.format(self._name))
        button.setObjectName(f"mcp_{verb}_{self._name}")
        button.clicked.connect(lambda: self._ask(verb))
        return button

    def _build(self) -> None:
        space = self._theme.space
        self._switch.setObjectName(f"mcp_switch_{self._name}")
        self._switch.setAccessibleName(f"Use {self._name}")
        self._fold.setCheckable(True)
        self._command.setProperty("role", "mono")
        head = QHBoxLayout()
        head.setSpacing(space(2))
        head.addWidget(IconLabel(self._theme, "plug", "text.muted", space(4.5)))
        name = ElidedLabel(self._name)
        name.setProperty("role", "strong")
        head.addWidget(name, 1)
        head.addWidget(self._badge)
        for button in self._buttons.values():
            head.addWidget(button)
        head.addWidget(self._switch)
        fold = QHBoxLayout()
        fold.addWidget(self._fold)
        fold.addStretch(1)
        fold.addWidget(self._review)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(space(4), space(3), space(4), space(3))
        layout.setSpacing(space(2))
        layout.addLayout(head)
        layout.addWidget(self._command)
        layout.addWidget(self._words)
        layout.addWidget(self._detail)
        layout.addLayout(fold)
        layout.addWidget(self._tools)
