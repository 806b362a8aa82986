"""Notices: small cards at the window's top right that tell and offer, and never block."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.errors import AppError
from ui.theme import Theme
from ui.widgets.notice import Notice, NoticeAction
from ui.widgets.notice_card import NoticeCard

UNDO_MS = 10_000
#: More would cover what the user works on; the oldest that would fade anyway makes room.
_MOST_CARDS = 4
_WIDTH_STEPS = 104
_LOG = logging.getLogger(__name__)


class Notices(QWidget):
    """The stack of cards; keeps itself at the top right of the widget it is made for."""

    def __init__(self, theme: Theme, window: QWidget, top: int = 0) -> None:
        """Lay the stack over ``window``, ``top`` pixels below its upper edge."""
        super().__init__(window)
        self.setObjectName("notices")
        self.setAccessibleName("Notices")
        self._theme = theme
        self._window = window
        self._top = top
        self._cards: list[NoticeCard] = []
        self._layout = QVBoxLayout(self)
        margin = theme.space(3)
        self._layout.setContentsMargins(margin, margin, margin, margin)
        self._layout.setSpacing(theme.space(2))
        self.hide()

    def show_error(self, error: AppError, *actions: NoticeAction) -> None:
        """Show what an AppError says; it stays until it is dismissed."""
        self.show_notice(Notice("error", error.title, error.message, error.hint, error.detail, actions))

    def show_undo(self, title: str, undo: Callable[[], object]) -> None:
        """Say that something was done and offer to take it back."""
        self.show_notice(Notice("info", title, actions=(NoticeAction("Undo", undo),), stay_ms=UNDO_MS))

    def show_info(self, title: str, message: str = "") -> None:
        """Say something that may go by unread."""
        self.show_notice(Notice("info", title, message))

    def show_notice(self, notice: Notice) -> None:
        """Show a card; one that says the same already is counted up instead."""
        if notice.level in {"error", "warning"}:
            _LOG.warning("%s. %s %s %s", notice.title, notice.message, notice.hint, notice.detail)
        same = next((card for card in self._cards if _says_same(card.notice, notice)), None)
        if same is not None and not notice.actions:
            same.count_up()
            return
        self._make_room()
        card = NoticeCard(self._theme, notice)
        card.dismissed.connect(self._on_card_dismissed)
        self._cards.append(card)
        self._layout.insertWidget(0, card)
        self._announce(notice)
        card.show()
        self._place()

    def notices(self) -> list[Notice]:
        """Return what is on show, newest last."""
        return [card.notice for card in self._cards]

    def dismiss_all(self) -> None:
        """Take every card away."""
        for card in list(self._cards):
            self._on_card_dismissed(card)

    def _make_room(self) -> None:
        while len(self._cards) >= _MOST_CARDS:
            fading = [card for card in self._cards if card.notice.shown_ms]
            self._on_card_dismissed((fading or self._cards)[0])

    def _on_card_dismissed(self, card: NoticeCard) -> None:
        if card in self._cards:
            self._cards.remove(card)
            self._layout.removeWidget(card)
            card.hide()
            card.deleteLater()
            self._place()

    def _place(self) -> None:
        self.setVisible(bool(self._cards))
        width = min(self._theme.space(_WIDTH_STEPS), self._window.width())
        self.setFixedWidth(width)
        height = self._layout.heightForWidth(width) if self._layout.hasHeightForWidth() else self.sizeHint().height()
        self.setGeometry(self._window.width() - width, self._top, width, height)
        self.raise_()

    def _announce(self, notice: Notice) -> None:
        if QAccessible.isActive():
            words = ". ".join(part for part in (notice.title, notice.message, notice.hint) if part)
            event = QAccessibleAnnouncementEvent(self._window, words)
            event.setPoliteness(
                QAccessible.AnnouncementPoliteness.Assertive
                if notice.level == "error"
                else QAccessible.AnnouncementPoliteness.Polite
            )
            QAccessible.updateAccessibility(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the window's size while on show; a filter in Python is felt at every frame."""
        self._window.installEventFilter(self)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave the window's events alone."""
        self._window.removeEventFilter(self)
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep to the corner when the window's size changes."""
        if watched is self._window and event.type() == QEvent.Type.Resize and self._cards:
            self._place()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Grow and shrink with the cards."""
        if event.type() == QEvent.Type.LayoutRequest and self._cards:
            self._place()
        return super().event(event)


def _says_same(one: Notice, other: Notice) -> bool:
    return (one.level, one.title, one.message) == (other.level, other.title, other.message)
