"""Widgets one under the other, laid out by hand: height for width, at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from PySide6.QtWidgets import QWidget

from ui.widgets.labels import discard


@runtime_checkable
class PartWidget(Protocol):
    """A widget that can say at once how tall it is at a width."""

    def layout_to(self, width: int) -> int:
        """Take ``width`` pixels and return the height."""
        ...


def height_of(widget: QWidget, width: int) -> int:
    """Return how tall a widget is at a width, whichever way it has of saying so."""
    if isinstance(widget, PartWidget):
        return widget.layout_to(width)
    widget.ensurePolished()
    layout = widget.layout()
    if layout is not None and layout.hasHeightForWidth():
        return layout.heightForWidth(width)
    if widget.hasHeightForWidth():
        return widget.heightForWidth(width)
    return max(widget.minimumHeight(), min(widget.sizeHint().height(), widget.maximumHeight()))


class Stack(QWidget):
    """Holds widgets, top to bottom; hidden ones take no room."""

    def __init__(self, gap: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gap = gap
        self._parts: list[QWidget] = []

    @property
    def parts(self) -> Sequence[QWidget]:
        """The widgets, top to bottom."""
        return self._parts

    def add(self, widget: QWidget) -> None:
        """Put a widget at the bottom."""
        self._parts.append(widget)
        widget.setParent(self)
        widget.show()

    def clear(self) -> None:
        """Take all widgets away."""
        parts, self._parts = self._parts, []
        for widget in parts:
            discard(widget)

    def layout_to(self, width: int) -> int:
        """Take ``width`` pixels and return the height."""
        y = 0
        for widget in self._parts:
            if widget.isHidden():
                continue
            height = height_of(widget, width)
            widget.setGeometry(0, y, width, height)
            y += height + self._gap
        return max(0, y - self._gap)
