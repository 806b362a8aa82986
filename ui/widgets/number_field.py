"""Spin boxes for exact numbers, at home in a panel that scrolls."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox, QWidget

from ui.theme import Theme

#: Left margin of the digits in steps of the grid; a style sheet cannot set it for a spin box.
_MARGIN_STEPS = 1.5


class IntField(QSpinBox):
    """A whole number; the wheel changes it only while it has the focus, so that scrolling past is safe."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(theme.space(_MARGIN_STEPS), 0, 0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll what is around the field unless the field has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class FloatField(QDoubleSpinBox):
    """A number with as many decimals as it has, two at least; the wheel changes it only while it has the focus."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(theme.space(_MARGIN_STEPS), 0, 0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll what is around the field unless the field has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def textFromValue(self, value: float) -> str:
        """Leave out the zeros at the end."""
        whole, point, decimals = super().textFromValue(value).partition(self.locale().decimalPoint())
        return f"{whole}{point}{decimals.rstrip('0'):0<{min(2, self.decimals())}}" if point else whole
