"""Chooses what a tool may do: ask, allow or deny, or what holds otherwise."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from app.settings import Permission
from app.tools.tool import ToolKind
from ui.theme import Theme
from ui.tools.tools_state import permission_words

_WIDTH_STEPS = 46


class PermissionBox(QComboBox):
    """The wheel does not change it: a permission is not to be scrolled away.

    Signals:
        permission_chosen(str): A ``Permission``, or "" for the default.
    """

    permission_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedWidth(round(theme.space(_WIDTH_STEPS) * max(1.0, theme.text_scale)))
        self.activated.connect(lambda _index: self.permission_chosen.emit(self.currentData()))

    def show_permission(
        self, kind: ToolKind, default: Permission, chosen: Permission | None, *, has_sandbox: bool = True
    ) -> None:
        """Offer the default and the three permissions as they are called for a kind of tool.

        Without a sandbox every command asks, so nothing else is offered but to deny it.
        """
        asks_always = kind == "command" and not has_sandbox
        shown = [one for one in get_args(Permission) if not (asks_always and one == "allow")]
        with QSignalBlocker(self):
            self.clear()
            self.addItem(f"{permission_words(kind, default if default in shown else 'ask')} (default)", "")
            for permission in shown:
                self.addItem(permission_words(kind, permission), permission)
            self.setCurrentIndex(self.findData((chosen if chosen in shown else "ask") if chosen else ""))
        self.setToolTip("Without a sandbox, every command asks" if asks_always else "")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll what is around it."""
        event.ignore()
