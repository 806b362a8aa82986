"""What every page of the settings is made of: a title, and rows of a label, a control and a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from app.settings import Settings
from ui.theme import Theme
from ui.widgets.labels import make_label


class SettingsPage(QScrollArea):
    """A page that scrolls when the window is small."""

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("settings_page_" + title.lower().replace(" ", "_"))
        self.setAccessibleName(title)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        page.setProperty("role", "page")
        self.rows = QVBoxLayout(page)
        self.rows.setContentsMargins(theme.space(8), theme.space(6), theme.space(8), theme.space(6))
        self.rows.setSpacing(theme.space(5))
        self.rows.addWidget(make_label(title, "heading"))
        self.rows.addSpacing(theme.space(1))
        self.setWidget(page)

    def add_row(self, label: str, control: QWidget, hint: str = "", name: str = "") -> None:
        """Add a control with its name on the left and a sentence on it below."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(self._theme.space(6))
        grid.setVerticalSpacing(self._theme.space(1))
        words = make_label(label)
        words.setBuddy(control)
        grid.addWidget(words, 0, 0)
        grid.addWidget(control, 0, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if hint:
            grid.addWidget(make_label(hint, "small", wrap=True), 1, 0)
        grid.setColumnStretch(0, 1)
        control.setAccessibleName(label)
        control.setAccessibleDescription(hint)
        if name:
            control.setObjectName(name)
        if isinstance(control, QComboBox):
            control.setMinimumWidth(self._theme.space(36))
        self.rows.addLayout(grid)

    def add_text(self, text: str, role: str = "muted") -> None:
        """Add a paragraph."""
        self.rows.addWidget(make_label(text, role, wrap=True))

    def finish(self) -> None:
        """Keep the rows at the top."""
        self.rows.addStretch(1)


class AddedPage(SettingsPage):
    """A page that another part of the program brings.

    Signals:
        changed(dict): The fields of Settings that were changed, with their new values.
    """

    changed = Signal(dict)

    def show_settings(self, settings: Settings) -> None:
        """Show settings."""
        raise NotImplementedError


@dataclass(frozen=True)
class PageEntry:
    """A page to be made when the settings are first opened; its accessible name is its title in the list."""

    icon: str
    make: Callable[[], AddedPage]
