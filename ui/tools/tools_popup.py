"""The list of tools: which the model is offered, what each may do in the folder, what each costs."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.tools.permission_box import PermissionBox
from ui.tools.tools_state import (
    ToolRow,
    ToolsState,
    first_sentence,
    grouped,
    source_words,
    tokens_words,
    total_words,
)
from ui.tools.workspace_state import folder_name
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import discard, make_button, make_label, make_line, plain_tip

_WIDTH_STEPS = 172
_HEIGHT_STEPS = 130
_TOKENS_STEPS = 20


class ToolLine(QWidget):
    """One tool of the list.

    Signals:
        switched(bool): It is to be offered, or not.
        permission_chosen(str): See ``PermissionBox``.
    """

    switched = Signal(bool)
    permission_chosen = Signal(str)

    def __init__(self, theme: Theme, row: ToolRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name = row.spec.name
        self._switch = QCheckBox()
        self._switch.setObjectName(f"switch_tool_{name}")
        self._switch.setAccessibleName(f"Offer {row.title}")
        self._switch.setToolTip("Whether the model is offered this tool")
        self._tokens = make_label("", "small")
        self._tokens.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._tokens.setMinimumWidth(round(theme.space(_TOKENS_STEPS) * theme.text_scale))
        self.permission = PermissionBox(theme)
        self.permission.setObjectName(f"permission_{name}")
        self.permission.setAccessibleName(f"What {row.title} may do")
        # A tool that only asks or tells a person needs no permission of the person.
        policy = self.permission.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.permission.setSizePolicy(policy)
        self.permission.setVisible(row.spec.kind != "talk")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(make_label(row.title, "strong"))
        description = ElidedLabel(first_sentence(row.spec.description))
        description.setProperty("role", "small")
        description.set_tip(plain_tip(row.spec.description))
        words.addWidget(description)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.space(2.5))
        layout.addWidget(self._switch)
        layout.addWidget(IconLabel(theme, row.spec.icon))
        layout.addLayout(words, 1)
        layout.addWidget(self._tokens)
        layout.addWidget(self.permission)
        self._switch.clicked.connect(self.switched)
        self.permission.permission_chosen.connect(self.permission_chosen)

    def show_row(self, row: ToolRow, *, has_sandbox: bool) -> None:
        """Show how the tool stands."""
        self._switch.setChecked(row.is_on)
        self._tokens.setText(tokens_words(row.tokens))
        self._tokens.setToolTip("" if row.tokens is not None else "Counted while the model is idle")
        self.permission.show_permission(row.spec.kind, row.default, row.chosen, has_sandbox=has_sandbox)
        self.permission.setEnabled(row.is_on)


class ToolsPopup(QFrame):
    """Opens above the button it belongs to, and closes when something else is clicked.

    Signals:
        switched(str, bool): A tool is to be offered, or not.
        permission_chosen(str, str): Of a tool: a ``Permission``, or "" for the default.
        reset_requested(): Everything is to be as it was at first, in this folder.
        settings_requested(): The page of the settings is asked for.
        closed(): It went from the screen.
    """

    switched = Signal(str, bool)
    permission_chosen = Signal(str, str)
    reset_requested = Signal()
    settings_requested = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._theme = theme
        self._lines: dict[str, ToolLine] = {}
        self._shown: tuple[object, ...] = ()
        self.setObjectName("tools_popup")
        self.setAccessibleName("Tools")
        self.setProperty("role", "popover")
        self._total = make_label("", "small")
        self._total.setObjectName("tools_total")
        self._folder = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self._folder.setProperty("role", "small")
        self._list = QWidget()
        self._list.setProperty("role", "plain")
        self._rows = QVBoxLayout(self._list)
        self._scroll = QScrollArea()
        self._build()

    def show_tools(self, state: ToolsState) -> None:
        """Show how the tools stand."""
        shown = tuple((row.spec.source, row.spec.name, row.spec.description) for row in state.rows)
        if shown != self._shown:
            self._shown = shown
            self._make_lines(state)
        for row in state.rows:
            self._lines[row.spec.name].show_row(row, has_sandbox=state.has_sandbox)
        self._total.setText(total_words(state))
        name = folder_name(state.folder)
        self._folder.set_text(f"What each may do in {name} without asking. Choices are kept for this folder.")

    def open_at(self, button: QWidget) -> None:
        """Open above a button, within its screen."""
        space, scale = self._theme.space, max(1.0, self._theme.text_scale)
        screen = button.screen().availableGeometry()
        width = min(round(space(_WIDTH_STEPS) * scale), screen.width() - space(4))
        self.setFixedWidth(width)
        wanted = self._list.sizeHint().height() + space(38)
        self.setFixedHeight(min(wanted, round(space(_HEIGHT_STEPS) * scale), screen.height() - space(16)))
        above = button.mapToGlobal(QPoint(0, 0))
        left = max(screen.left(), min(above.x(), screen.right() - width))
        top = max(screen.top(), above.y() - self.height() - space(1.5))
        self.move(left, top)
        self.show()

    # --- how --------------------------------------------------------------------------------------------

    def _build(self) -> None:
        space = self._theme.space
        head = QHBoxLayout()
        head.addWidget(make_label("Tools", "heading"))
        head.addStretch(1)
        head.addWidget(self._total)
        self._rows.setContentsMargins(0, 0, space(2), 0)
        self._rows.setSpacing(space(2))
        self._scroll.setWidget(self._list)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        foot = QHBoxLayout()
        reset = make_button("Reset to defaults", "ghost", self.reset_requested.emit, "reset_tools_button")
        reset.setToolTip("All tools on, and nothing chosen for this folder")
        foot.addWidget(reset)
        foot.addStretch(1)
        foot.addWidget(make_button("Settings…", "ghost", self._on_settings_clicked, "tools_settings_button"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(space(4), space(3.5), space(4), space(2.5))
        layout.setSpacing(space(2))
        layout.addLayout(head)
        layout.addWidget(self._folder)
        layout.addWidget(make_line())
        layout.addWidget(self._scroll, 1)
        layout.addWidget(make_line())
        layout.addLayout(foot)

    def _make_lines(self, state: ToolsState) -> None:
        while item := self._rows.takeAt(0):
            if widget := item.widget():
                discard(widget)
        self._lines = {}
        for source, rows in grouped(state.rows):
            self._rows.addWidget(make_label(source_words(source), "section"))
            for row in rows:
                line = ToolLine(self._theme, row)
                line.switched.connect(partial(self.switched.emit, row.spec.name))
                line.permission_chosen.connect(partial(self.permission_chosen.emit, row.spec.name))
                self._lines[row.spec.name] = line
                self._rows.addWidget(line)
        self._rows.addStretch(1)

    def _on_settings_clicked(self) -> None:
        self.hide()
        self.settings_requested.emit()

    # --- Qt ---------------------------------------------------------------------------------------------

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()
