"""The frame of the sidebar: head with menu and name, room for the conversations, foot with settings."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.labels import make_label
from ui.window.top_bar import BAR_STEPS

LEAST_WIDTH_STEPS = 52
MOST_WIDTH_STEPS = 100


class SidebarFrame(QFrame):
    """What stands around the list of conversations."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setAccessibleName("Sidebar")
        self.setProperty("role", "sidebar")
        self._theme = theme
        self._mark = QLabel()
        self._head = QHBoxLayout()
        self._body = QVBoxLayout()
        self._foot = QHBoxLayout()
        self._content: QWidget | None = None
        self._build()

    def set_content(self, widget: QWidget) -> None:
        """Put a widget into the middle, in place of the one before."""
        if self._content is not None:
            self._body.removeWidget(self._content)
            self._content.setParent(None)
        self._content = widget
        self._body.addWidget(widget)

    def add_to_head(self, widget: QWidget, *, at_end: bool = False) -> None:
        """Put a button into the head, before the name or at the right end."""
        self._head.insertWidget(self._head.count() if at_end else 0, widget)

    def add_to_foot(self, widget: QWidget, *, stretch: int = 0) -> None:
        """Put a button into the foot."""
        self._foot.addWidget(widget, stretch)

    def _build(self) -> None:
        theme = self._theme
        self.setMinimumWidth(theme.space(LEAST_WIDTH_STEPS))
        self.setMaximumWidth(theme.space(MOST_WIDTH_STEPS))
        side = theme.space(5)
        self._mark.setPixmap(theme.app_icon().pixmap(side, side))
        self._mark.setFixedSize(side, side)
        head = QWidget()
        head.setFixedHeight(theme.space(BAR_STEPS))
        head.setLayout(self._head)
        self._head.setContentsMargins(theme.space(2), 0, theme.space(2), 0)
        self._head.setSpacing(theme.space(2))
        self._head.addWidget(self._mark)
        self._head.addWidget(make_label("Sawhorse", "strong"))
        self._head.addStretch(1)
        self._foot.setContentsMargins(theme.space(2), theme.space(1), theme.space(2), theme.space(1))
        self._foot.setSpacing(theme.space(1))
        self._foot.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addLayout(self._body, 1)
        layout.addLayout(self._foot)
