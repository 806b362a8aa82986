"""One part of the microscope: a title, a verdict, and what it shows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.labels import discard, make_label, set_property


class Section(QFrame):
    """A card. What it shows scrolls inside of it, unless sections stand one above the other."""

    def __init__(self, theme: Theme, key: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("role", "card")
        self.setObjectName(f"microscope_{key}")
        self.setAccessibleName(title)
        self._badge = make_label("", "badge")
        self._badge.hide()
        head = QHBoxLayout()
        head.setSpacing(theme.space(2))
        head.addWidget(make_label(title, "section"))
        head.addStretch(1)
        head.addWidget(self._badge)
        self.content = QVBoxLayout()
        self.content.setSpacing(theme.space(1.5))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space(3), theme.space(2.5), theme.space(3), theme.space(2.5))
        layout.setSpacing(theme.space(1.5))
        layout.addLayout(head)
        layout.addLayout(self.content, 1)

    def set_badge(self, words: str, level: str = "") -> None:
        """Say in a word or two how it is; empty for nothing."""
        self._badge.setText(words)
        set_property(self._badge, "level", level)
        self._badge.setVisible(bool(words))

    def badge(self) -> str:
        """Return what the badge says."""
        return "" if self._badge.isHidden() else self._badge.text()


class RowsSection(Section):
    """A section whose content is rows of widgets, made anew for each call."""

    def __init__(self, theme: Theme, key: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, key, title, parent)
        self._rows: list[QWidget] = []
        self._page = QWidget()
        self._page.setProperty("role", "plain")
        self._list = QVBoxLayout(self._page)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(theme.space(2.5))
        self._list.addStretch(1)
        area = QScrollArea()
        area.setObjectName(f"microscope_{key}_scroll")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        area.setAccessibleName(title)
        area.setWidget(self._page)
        self.content.addWidget(area, 1)

    def show_rows(self, rows: list[QWidget]) -> None:
        """Show these rows and no others."""
        for row in self._rows:
            self._list.removeWidget(row)
            discard(row)
        self._rows = rows
        for place, row in enumerate(rows):
            self._list.insertWidget(place, row)

    @property
    def rows(self) -> list[QWidget]:
        """The rows on show."""
        return self._rows
