"""What has to be said about a file, above its text: one line each, with what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.icon_button import IconButton
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import discard, make_button, make_label

Level = Literal["info", "warning", "error"]
#: Kinds of banners, the most urgent first.
KINDS = ("failed", "deleted", "outside", "recovered", "hidden", "read_only", "mixed", "long")
_ICONS = {"info": ("info", "accent"), "warning": ("warning", "warning"), "error": ("error", "danger")}
_NARROW_STEPS = 150


@dataclass(frozen=True)
class BannerVerb:
    """Something that can be done; ``name`` is part of the button's objectName."""

    text: str
    name: str
    run: Callable[[], object]


class Banner(QFrame):
    """Signals: closed() by its cross."""

    closed = Signal()

    def __init__(
        self, theme: Theme, kind: str, level: Level, words: str, verbs: Sequence[BannerVerb], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName(f"banner_{kind}")
        self.setAccessibleName(words)
        self.setProperty("role", "callout")
        self.setProperty("level", level)
        self.setProperty("is_strip", True)
        icon, color = _ICONS[level]
        self.words = make_label(words, wrap=True)
        self.words.setObjectName(f"banner_{kind}_words")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = IconButton(theme, "close", "Dismiss", size=theme.space(6))
        self._close.setObjectName(f"banner_{kind}_close")
        self._close.clicked.connect(self.closed)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.space(1.5))
        for verb in verbs:
            button = make_button(verb.text, "strip", verb.run, f"banner_{kind}_{verb.name}")
            buttons.addWidget(button)
        buttons.addStretch(1)
        top = Qt.AlignmentFlag.AlignTop
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(theme.space(2))
        self._body.addWidget(self.words, 1)
        if verbs:
            self._body.addLayout(buttons)
        mark = QVBoxLayout()
        mark.setContentsMargins(0, theme.space(1), 0, 0)
        mark.addWidget(IconLabel(theme, icon, color, theme.space(4)))
        mark.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(3), theme.space(1.5), theme.space(2), theme.space(1.5))
        row.setSpacing(theme.space(2))
        row.addLayout(mark)
        row.addLayout(self._body, 1)
        row.addWidget(self._close, 0, top)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons below the words where it is narrow."""
        super().resizeEvent(event)
        is_narrow = self.width() < self._theme.space(_NARROW_STEPS)
        direction = QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight
        if direction != self._body.direction():
            self._body.setDirection(direction)


class Banners(QWidget):
    """At most one banner of a kind."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: dict[str, Banner] = {}
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self.hide()

    def tell(self, kind: str, level: Level, words: str, verbs: Sequence[BannerVerb] = ()) -> None:
        """Say something, in place of what was said of that kind."""
        self.clear(kind)
        banner = Banner(self._theme, kind, level, words, verbs, self)
        banner.closed.connect(lambda: self.clear(kind))
        self._shown[kind] = banner
        order = sorted(self._shown, key=KINDS.index)
        self._rows.insertWidget(order.index(kind), banner)
        self.show()

    def clear(self, kind: str) -> None:
        """Say that no more."""
        banner = self._shown.pop(kind, None)
        if banner is not None:
            self._rows.removeWidget(banner)
            discard(banner)
            self.setVisible(bool(self._shown))

    def words_of(self, kind: str) -> str:
        """Return what is said of that kind, or nothing."""
        banner = self._shown.get(kind)
        return banner.words.text() if banner else ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that are on show, the most urgent first."""
        return tuple(sorted(self._shown, key=KINDS.index))
