"""A check that every test of a widget can make: whoever listens instead of looking can use it too."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTextEdit,
    QWidget,
)

INTERACTIVE = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)
#: Parts that Qt makes inside of others; the whole has the name.
PARTS_OF_QT = (QScrollBar, QHeaderView)


def interactive_widgets(widget: QWidget) -> list[QWidget]:
    """Return the widget and those inside of it that can be clicked or typed into."""
    inside = [widget, *widget.findChildren(QWidget)]
    return [one for one in inside if isinstance(one, INTERACTIVE) and not _is_part_of_qt(one)]


def assert_accessible(widget: QWidget) -> None:
    """Fail, naming each, if an interactive widget inside has no objectName or no accessible name."""
    found = interactive_widgets(widget)
    unnamed = [_describe(one) for one in found if not one.objectName()]
    unspoken = [_describe(one) for one in found if not one.accessibleName()]
    assert not unnamed, f"no objectName: {unnamed}"
    assert not unspoken, f"no accessible name: {unspoken}"


def assert_names_are_unique(widget: QWidget) -> None:
    """Fail if two interactive widgets inside share an objectName."""
    names = [one.objectName() for one in interactive_widgets(widget)]
    twice = sorted({name for name in names if names.count(name) > 1})
    assert not twice, f"used twice: {twice}"


def _is_part_of_qt(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    is_made_by_qt = widget.objectName().startswith("qt_") or isinstance(widget, PARTS_OF_QT)
    is_clear_button = isinstance(widget, QAbstractButton) and isinstance(parent, QLineEdit)
    is_inner_field = isinstance(widget, QLineEdit) and isinstance(parent, QAbstractSpinBox | QComboBox)
    is_popup_of_combo = isinstance(widget, QAbstractItemView) and widget.window().windowType() == Qt.WindowType.Popup
    return is_made_by_qt or is_clear_button or is_inner_field or is_popup_of_combo


def _describe(widget: QWidget) -> str:
    parent = widget.parentWidget()
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    where = parent.objectName() or type(parent).__name__ if parent else "top level"
    return f"{type(widget).__name__} {widget.objectName()!r} {text!r} in {where}"
