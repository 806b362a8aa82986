"""A panel beside the chat that can be moved, floated, closed, and comes back as it was."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_label, set_property
from ui.window.top_bar import BAR_STEPS

LEAST_WIDTH_STEPS = 70


class PanelDock(QDockWidget):
    """A dock with a title bar of our own, as high as the top bar so that their lines meet.

    Signals:
        left(): It was closed while the keyboard was in it, which would go to just anybody.
    """

    left = Signal()

    def __init__(self, theme: Theme, key: str, title: str, widget: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setObjectName(f"dock_{key}")
        self.setAccessibleName(title)
        self.setAllowedAreas(
            Qt.DockWidgetArea.LeftDockWidgetArea
            | Qt.DockWidgetArea.RightDockWidgetArea
            | Qt.DockWidgetArea.BottomDockWidgetArea
        )
        self.setTitleBarWidget(self._make_title_bar(theme, key, title))
        frame = QFrame()
        frame.setProperty("role", "surface")
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(widget)
        frame.setMinimumWidth(theme.space(LEAST_WIDTH_STEPS))
        self.setWidget(frame)
        self._frame = frame
        self.topLevelChanged.connect(self._on_top_level_changed)

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that the keyboard is to go elsewhere."""
        focus = QApplication.focusWidget() or self.window().focusWidget()
        if self.isHidden() and focus is not None and self.isAncestorOf(focus):
            self.left.emit()
        super().hideEvent(event)

    def _on_top_level_changed(self, is_floating: bool) -> None:
        """Outline the panel while it floats, for it has no window frame of the system's."""
        for part in (self._frame, self.titleBarWidget()):
            set_property(part, "floating", is_floating)

    def _make_title_bar(self, theme: Theme, key: str, title: str) -> QWidget:
        bar = QFrame()
        bar.setProperty("role", "dock-title")
        bar.setFixedHeight(theme.space(BAR_STEPS))
        float_button = IconButton(theme, "maximize-2", f"Float or dock {title}", size=theme.space(7))
        float_button.setObjectName(f"dock_{key}_float_button")
        float_button.clicked.connect(lambda: self.setFloating(not self.isFloating()))
        close_button = IconButton(theme, "close", f"Close {title}", size=theme.space(7))
        close_button.setObjectName(f"dock_{key}_close_button")
        close_button.clicked.connect(self.close)
        layout = QHBoxLayout(bar)
        # A dock asks its title bar's layout for the height, whatever the bar's own is fixed to.
        above = (theme.space(BAR_STEPS) - theme.space(7)) // 2
        layout.setContentsMargins(theme.space(4), above, theme.space(2), above)
        layout.setSpacing(theme.space(1))
        layout.addWidget(make_label(title, "strong"), 1)
        layout.addWidget(float_button)
        layout.addWidget(close_button)
        return bar
