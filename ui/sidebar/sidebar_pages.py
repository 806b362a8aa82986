"""The sidebar's pages, one at a time, and the slim switch between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.theme import Theme

_ICON_STEPS = 4
_LEAST_STEPS = 8


class SidebarPages(QWidget):
    """Signals: shown(str) when another page is on show, with its key."""

    shown = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pages: dict[str, QWidget] = {}
        self._makers: dict[str, Callable[[], QWidget]] = {}
        self._current = ""
        self._buttons: dict[str, QToolButton] = {}
        self._icons: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._group = QButtonGroup(self)
        self._stack = QStackedWidget()
        self._switch = QFrame()
        self._switch.setProperty("role", "segments")
        self._switch_row = QHBoxLayout(self._switch)
        self._switch_row.setContentsMargins(2, 2, 2, 2)
        self._switch_row.setSpacing(2)
        around = QHBoxLayout()
        around.setContentsMargins(theme.space(2), 0, theme.space(2), theme.space(2))
        around.addWidget(self._switch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(around)
        layout.addWidget(self._stack, 1)
        theme.changed.connect(self._draw_icons)

    def add_page(self, key: str, words: str, icon: str, make: Callable[[], QWidget], *, tip: str = "") -> None:
        """Add a page, which is made when it is first shown; the first one is on show at once.

        Its button is called ``sidebar_<key>_button``.
        """
        button = QToolButton()
        button.setObjectName(f"sidebar_{key}_button")
        button.setProperty("role", "segment")
        button.setAccessibleName(words)
        button.setToolTip(tip or words)
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(self._theme.space(_ICON_STEPS), self._theme.space(_ICON_STEPS)))
        button.setMinimumWidth(self._theme.space(_LEAST_STEPS))
        button.clicked.connect(lambda _checked=False: self.show_page(key))
        self._group.addButton(button)
        self._makers[key], self._buttons[key] = make, button
        self._icons[key], self._words[key] = icon, words
        self._switch_row.addWidget(button, 1)
        self._draw_icons()
        if not self._current:
            self.show_page(key)

    @property
    def current(self) -> str:
        """The key of the page on show; empty while there is none."""
        return self._current

    def show_page(self, key: str) -> None:
        """Show a page."""
        self._buttons[key].setChecked(True)
        if self._current == key:
            return
        self._current = key
        if key not in self._pages:
            self._pages[key] = self._makers[key]()
            self._stack.addWidget(self._pages[key])
        self._stack.setCurrentWidget(self._pages[key])
        self._fit_words()
        self.shown.emit(key)

    def state(self) -> dict[str, Any]:
        """Return which page is on show, as a value that JSON can hold."""
        return {"page": self.current}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Show the page that ``state`` names, if there is one."""
        key = state.get("page")
        if isinstance(key, str) and key in self._makers:
            self.show_page(key)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_words()

    def _fit_words(self) -> None:
        """Write the words on every button where there is room, else on the one on show alone."""
        theme = self._theme
        furniture = theme.space(_ICON_STEPS) + theme.space(7)
        needed = sum(button.fontMetrics().horizontalAdvance(self._words[key]) + furniture
                     for key, button in self._buttons.items())  # fmt: skip
        has_room = needed <= self.width() - theme.space(6)
        for key, button in self._buttons.items():
            is_worded = has_room or key == self.current
            button.setText(f" {self._words[key]}" if is_worded else "")
            style = Qt.ToolButtonStyle
            button.setToolButtonStyle(style.ToolButtonTextBesideIcon if is_worded else style.ToolButtonIconOnly)
            across = QSizePolicy.Policy.Ignored if is_worded else QSizePolicy.Policy.Fixed
            button.setSizePolicy(across, QSizePolicy.Policy.Fixed)
            self._switch_row.setStretchFactor(button, 1 if is_worded else 0)

    def _draw_icons(self) -> None:
        for key, button in self._buttons.items():
            button.setIcon(self._theme.icon(self._icons[key], on_color="text"))
        self._fit_words()
