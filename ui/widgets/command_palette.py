"""The command palette: type a few letters of what you want done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QShowEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QListView, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.actions import Action, ActionTable
from ui.widgets.escape import keeps_escape
from ui.widgets.fuzzy import match
from ui.widgets.labels import make_label, make_line
from ui.widgets.palette_delegate import ActionRole, PaletteDelegate, PositionsRole

_WIDTH_STEPS = 140
_MOST_ROWS_SHOWN = 10
_MOST_RECENT = 8
_TOP_STEPS = 16
_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}


class CommandPalette(QFrame):
    """A field and a list over the top of the window; those used last come first.

    ``recent`` holds the ids of the actions used last, the newest first.
    """

    def __init__(self, theme: Theme, table: ActionTable, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("command_palette")
        self.setAccessibleName("Command palette")
        self.setProperty("role", "popover")
        self.recent: list[str] = []
        self._theme = theme
        self._table = table
        self._window = window
        self._focus_before: QWidget | None = None
        self._model = QStandardItemModel(self)
        self._field = QLineEdit()
        self._list = QListView()
        self._rows = QVBoxLayout(self)
        self._nothing = make_label("No command is called that", "muted")
        self._build()
        self.hide()

    def open(self) -> None:
        """Show the palette with an empty field."""
        self._focus_before = QApplication.focusWidget()
        self._field.clear()
        self._show_matches("")
        self.show()
        self._place()
        self.raise_()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_palette(self) -> None:
        """Hide the palette and give the focus back to where it was."""
        if self.isVisible():
            self.hide()
            if self._focus_before is not None and self._focus_before.isVisible():
                self._focus_before.setFocus(Qt.FocusReason.PopupFocusReason)
            self._focus_before = None

    def shown_ids(self) -> list[str]:
        """Return the ids of the listed actions, in order."""
        return [self._model.item(row).data(ActionRole).id for row in range(self._model.rowCount())]

    # --- how ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self._theme
        self._field.setObjectName("palette_field")
        self._field.setAccessibleName("Search commands")
        self._field.setPlaceholderText("What do you want to do?")
        self._field.setProperty("role", "plain")
        self._field.textChanged.connect(self._show_matches)
        self._field.returnPressed.connect(self._run_current)
        self._field.installEventFilter(self)
        self._list.setObjectName("palette_list")
        self._list.setAccessibleName("Commands")
        self._list.setModel(self._model)
        self._list.setItemDelegate(PaletteDelegate(theme, self._table, self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.clicked.connect(self._on_list_clicked)
        self._nothing.setContentsMargins(*(theme.space(3),) * 4)
        layout = self._rows
        layout.setContentsMargins(theme.space(2), theme.space(2), theme.space(2), theme.space(2))
        layout.setSpacing(theme.space(2))
        self._field.setTextMargins(theme.space(2), 0, theme.space(2), 0)
        for widget in (self._field, make_line(), self._list, self._nothing):
            layout.addWidget(widget)

    def _show_matches(self, query: str) -> None:
        self._model.clear()
        for action, positions in ranked(query, self._candidates(), self.recent):
            item = QStandardItem(action.text)
            item.setData(action, ActionRole)
            item.setData(positions, PositionsRole)
            self._model.appendRow(item)
        found = self._model.rowCount()
        self._list.setVisible(found > 0)
        self._nothing.setVisible(found == 0)
        if found:
            self._list.setCurrentIndex(self._model.index(0, 0))
        self._place()

    def _candidates(self) -> list[Action]:
        return [action for action in self._table.all() if self._table.is_enabled(action.id)]

    def _run_current(self) -> None:
        index = self._list.currentIndex()
        if index.isValid() and self._model.rowCount():
            self._run(index)

    def _on_list_clicked(self, index: QModelIndex) -> None:
        self._run(index)

    def _run(self, index: QModelIndex) -> None:
        action: Action = index.data(ActionRole)
        self.recent = [action.id, *(other for other in self.recent if other != action.id)][:_MOST_RECENT]
        self.close_palette()
        self._table.run(action.id)

    def _move(self, rows: int) -> None:
        count = self._model.rowCount()
        if count:
            row = self._list.currentIndex().row() + rows
            row = row % count if abs(rows) == 1 else max(0, min(count - 1, row))
            self._list.setCurrentIndex(self._model.index(row, 0))

    def _place(self) -> None:
        theme = self._theme
        width = min(theme.space(_WIDTH_STEPS), self._window.width() - theme.space(8))
        rows = min(self._model.rowCount(), _MOST_ROWS_SHOWN)
        if rows:
            self._list.setFixedHeight(rows * max(self._list.sizeHintForRow(0), 1) + theme.space(1))
        self.setFixedWidth(width)
        self._rows.activate()
        self.adjustSize()
        self.move((self._window.width() - width) // 2, theme.space(_TOP_STEPS))

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the window's size while on show; a filter in Python is felt at every frame."""
        self._window.installEventFilter(self)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave the window's events alone."""
        self._window.removeEventFilter(self)
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list from the field, and leave with Escape or when the focus goes elsewhere."""
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        if watched is self._field and keeps_escape(event):
            return True
        if watched is self._field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            if key == Qt.Key.Key_Escape:
                self.close_palette()
                return True
            if key in _MOVES:
                self._move(_MOVES[key])
                return True
        if watched is self._field and isinstance(event, QFocusEvent) and _left_for_good(event):
            self._focus_before = None
            self.close_palette()
        return super().eventFilter(watched, event)


def _left_for_good(event: QFocusEvent) -> bool:
    """Say whether the focus went to another widget, not to another window that gives it back."""
    stays = {Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason}
    return event.lostFocus() and event.reason() not in stays


def ranked(query: str, actions: Sequence[Action], recent: Sequence[str]) -> list[tuple[Action, tuple[int, ...]]]:
    """Return the actions that match, best first, each with the matching places in its text.

    With equal matches, and with an empty query, those used last come first.
    """
    found = []
    for place, action in enumerate(actions):
        hit = match(query, action.text)
        if hit is None and match(query, f"{action.section} {action.text}") is not None:
            hit = match("", action.text)
        if hit is not None:
            newest = recent.index(action.id) if action.id in recent else len(recent)
            found.append((-hit.score, newest, place, action, hit.positions))
    found.sort(key=lambda entry: entry[:3])
    return [(action, positions) for _, _, _, action, positions in found]
