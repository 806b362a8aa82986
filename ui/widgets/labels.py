"""Labels and buttons with a role of the theme, in one line each."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QWidget


def make_label(text: str, role: str = "", *, wrap: bool = False, parent: QWidget | None = None) -> QLabel:
    """Return a label of plain text.

    Args:
        text: What it says.
        role: Its look: title, heading, strong, body, small, caption, muted, faint, mono, section, badge, key …
        wrap: Whether long text goes on in the next line.
        parent: Qt's owner.
    """
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    if role:
        label.setProperty("role", role)
    if role in {"badge", "key"}:
        label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return label


def make_button(
    text: str,
    role: str = "",
    on_click: Callable[[], object] | None = None,
    name: str = "",
    parent: QWidget | None = None,
) -> QPushButton:
    """Return a push button.

    Args:
        text: What a click does, also its accessible name.
        role: Its look: primary, ghost, danger, pill, link, row; empty for the ordinary one.
        on_click: Called without arguments.
        name: Its objectName.
        parent: Qt's owner.
    """
    button = QPushButton(text, parent)
    button.setAccessibleName(text.replace("&", "").strip())
    button.setAutoDefault(False)
    if role:
        button.setProperty("role", role)
    if name:
        button.setObjectName(name)
    if on_click is not None:
        button.clicked.connect(lambda _checked=False: on_click())
    return button


def make_line(*, vertical: bool = False, parent: QWidget | None = None) -> QFrame:
    """Return a hairline that parts two things."""
    line = QFrame(parent)
    line.setProperty("role", "line-vertical" if vertical else "line")
    return line


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and paint the widget accordingly."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()


def plain_tip(text: str) -> str:
    """Return a text so that a tooltip, which guesses at rich text, shows it as it is."""
    return text.replace("<", "\u2039")


def discard(widget: QWidget) -> None:
    """Take a widget out of the window now, and delete it when Qt has done with it."""
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()
