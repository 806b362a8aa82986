"""A button that shows only an icon, with words for those who hover or listen."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from ui.theme import Theme


class IconButton(QToolButton):
    """A flat, square button; its tooltip is its accessible name too."""

    def __init__(
        self,
        theme: Theme,
        icon_name: str,
        tooltip: str,
        parent: QWidget | None = None,
        *,
        color: str = "text.muted",
        size: int | None = None,
    ) -> None:
        """Build the button.

        Args:
            theme: Draws the icon.
            icon_name: The icon, by name.
            tooltip: What a click does; say the shortcut in ``set_tooltip``'s second argument.
            parent: Qt's owner.
            color: Colour token of the icon.
            size: Side in pixels; None takes the theme's.
        """
        super().__init__(parent)
        self._theme = theme
        self._icon_name = icon_name
        self._color = color
        self.setProperty("role", "icon")
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        side = size or theme.control("icon_button")
        self.setFixedSize(side, side)
        icon = theme.control("icon")
        self.setIconSize(QSize(icon, icon))
        self.set_tooltip(tooltip)
        self._show_icon()
        theme.changed.connect(self._show_icon)

    def set_icon(self, icon_name: str, color: str | None = None) -> None:
        """Show another icon, and in another colour token if one is given."""
        self._icon_name = icon_name
        self._color = color or self._color
        self._show_icon()

    def set_tooltip(self, tooltip: str, shortcut: str = "") -> None:
        """Say what a click does, and the keys that do the same."""
        self.setToolTip(f"{tooltip}  ({shortcut})" if shortcut else tooltip)
        self.setAccessibleName(tooltip)

    def _show_icon(self) -> None:
        self.setIcon(self._theme.icon(self._icon_name, self._color))
