"""All keyboard shortcuts at a glance, over the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.actions import SECTIONS, Action, ActionTable
from ui.widgets.escape import keeps_escape
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_label

#: Keys that belong to a place, not to an action.
PLACE_KEYS = (
    ("Enter", "Send the message"),
    ("Shift+Enter", "New line in the message"),
    ("Up", "Edit the last message, in an empty composer"),
    ("Esc", "Leave a field or a list"),
    ("Tab", "Next control"),
)
_WIDTH_STEPS = 190
_HEIGHT_STEPS = 140


class ShortcutsOverlay(QFrame):
    """A card with every action that has keys, by menu; Escape closes it."""

    def __init__(self, theme: Theme, table: ActionTable, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("shortcuts_overlay")
        self.setAccessibleName("Keyboard shortcuts")
        self.setProperty("role", "popover")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._theme = theme
        self._table = table
        self._window = window
        self._focus_before: QWidget | None = None
        self._scroll = QScrollArea()
        self._build()
        self.hide()

    def toggle(self) -> None:
        """Open the card, or close it."""
        if self.isVisible():
            self.close_overlay()
            return
        self._focus_before = QApplication.focusWidget()
        self._scroll.setWidget(self._make_page())
        self._place()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_overlay(self) -> None:
        """Hide the card and give the focus back."""
        self.hide()
        if self._focus_before is not None and self._focus_before.isVisible():
            self._focus_before.setFocus(Qt.FocusReason.PopupFocusReason)
        self._focus_before = None

    def _build(self) -> None:
        theme = self._theme
        close = IconButton(theme, "close", "Close", size=theme.space(7))
        close.setObjectName("shortcuts_close_button")
        close.clicked.connect(self.close_overlay)
        head = QHBoxLayout()
        head.addWidget(make_label("Keyboard shortcuts", "heading"), 1)
        head.addWidget(close)
        self._scroll.setObjectName("shortcuts_list")
        self._scroll.setAccessibleName("Keyboard shortcuts")
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space(6), theme.space(4), theme.space(3), theme.space(4))
        layout.setSpacing(theme.space(3))
        layout.addLayout(head)
        layout.addWidget(self._scroll, 1)

    def _make_page(self) -> QWidget:
        theme = self._theme
        page = QWidget()
        page.setProperty("role", "plain")
        columns = QHBoxLayout(page)
        columns.setContentsMargins(0, 0, theme.space(3), 0)
        columns.setSpacing(theme.space(10))
        groups = shortcut_groups(self._table)
        for side in balanced(groups):
            column = QVBoxLayout()
            column.setSpacing(theme.space(4))
            for title, rows in side:
                column.addWidget(make_shortcut_table(theme, title, rows))
            column.addStretch(1)
            columns.addLayout(column, 1)
        return page

    def _place(self) -> None:
        theme = self._theme
        width = min(theme.space(_WIDTH_STEPS), self._window.width() - theme.space(12))
        height = min(theme.space(_HEIGHT_STEPS), self._window.height() - theme.space(24))
        left = (self._window.width() - width) // 2
        self.setGeometry(left, (self._window.height() - height) // 2, width, height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_overlay()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Have Escape for itself while it is open."""
        return keeps_escape(event) or super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the window's size while on show; a filter in Python is felt at every frame."""
        self._window.installEventFilter(self)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave the window's events alone."""
        self._window.removeEventFilter(self)
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle of the window."""
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)


Group = tuple[str, list[tuple[str, str]]]


def shortcut_groups(table: ActionTable) -> list[Group]:
    """Return (title, [(keys, what they do)]) for every menu that has keys, and for keys that belong to a place."""
    groups: list[Group] = []
    for section in SECTIONS:
        rows = [(_native(action), action.text.rstrip("\u2026")) for action in table.of(section) if action.shortcut]
        if rows:
            groups.append((section, rows))
    groups.append(("In the chat", [(QKeySequence(keys).toString(_NATIVE), text) for keys, text in PLACE_KEYS]))
    return groups


def balanced(groups: list[Group]) -> tuple[list[Group], list[Group]]:
    """Return the groups in two columns of about the same height, in order."""
    total = sum(len(rows) + 2 for _, rows in groups)
    left: list[Group] = []
    height = 0
    for place, (_, rows) in enumerate(groups):
        if left and height + (len(rows) + 2) / 2 > total / 2:
            return left, groups[place:]
        left.append(groups[place])
        height += len(rows) + 2
    return left, []


def make_shortcut_table(theme: Theme, title: str, rows: list[tuple[str, str]]) -> QWidget:
    """Return a titled list of keys."""
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(theme.space(4))
    grid.setVerticalSpacing(theme.space(2))
    grid.addWidget(make_label(title, "section"), 0, 0, 1, 2)
    for line, (keys, text) in enumerate(rows, start=1):
        grid.addWidget(make_label(text), line, 0)
        grid.addWidget(make_label(keys, "key"), line, 1, Qt.AlignmentFlag.AlignRight)
    grid.setColumnStretch(0, 1)
    return table


_NATIVE = QKeySequence.SequenceFormat.NativeText


def _native(action: Action) -> str:
    return QKeySequence(action.shortcut.split(", ")[0]).toString(_NATIVE)
