"""The line above a block of code: what it is, and what can be done with it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from ui.chat.block_offers import BlockOffers, Offer
from ui.theme import Theme
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import plain_tip

COPIED_MS = 1500


class CodeHeader(QWidget):
    """Shows the offers it is given; without any a block can be wrapped and copied.

    Signals:
        wrap_toggled(bool), copy_clicked(): What was clicked.
        chosen(str): A ``BlockAction``.
        menu_opening(): The menu is about to be shown; the offers may be others by now.
    """

    wrap_toggled = Signal(bool)
    copy_clicked = Signal()
    chosen = Signal(str)
    menu_opening = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._offers: BlockOffers | None = None
        self._words = ""
        self._label = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self._label.setProperty("role", "muted")
        self._label.setFont(theme.font("small"))
        self._run = IconButton(theme, "play", "Run")
        self._run.setObjectName("run_code_button")
        self._run.clicked.connect(lambda: self.chosen.emit("run"))
        self._wrap = IconButton(theme, "wrap-text", "Wrap long lines")
        self._wrap.setObjectName("wrap_code_button")
        self._wrap.setCheckable(True)
        self._wrap.toggled.connect(self.wrap_toggled)
        self._copy = IconButton(theme, "copy", "Copy code")
        self._copy.setObjectName("copy_code_button")
        self._copy.clicked.connect(self._on_copy_clicked)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._on_menu_about_to_show)
        self._apply = self._make_apply()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.space(3), theme.space(1), theme.space(1), theme.space(0.5))
        layout.setSpacing(theme.space(0.5))
        layout.addWidget(self._label, 1)
        for button in (self._run, self._wrap, self._copy, self._apply):
            layout.addWidget(button)
        theme.changed.connect(self._show)
        self._show()

    def _make_apply(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("apply_code_button")
        button.setAccessibleName("Apply")
        button.setProperty("role", "split")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setMenu(self._menu)
        button.clicked.connect(self._on_apply_clicked)
        return button

    def describe(self, words: str) -> None:
        """Say what the block is."""
        self._words = words
        self._show_label()

    def show_offers(self, offers: BlockOffers | None) -> None:
        """Offer these things and no others."""
        if offers != self._offers:
            self._offers = offers
            self._show()

    @property
    def offers(self) -> BlockOffers | None:
        """What is offered."""
        return self._offers

    def _show(self) -> None:
        offers = self._offers
        self._show_label()
        self._run.setVisible(offers is not None and offers.run is not None)
        self._apply.setVisible(offers is not None)
        if offers is None:
            return
        if offers.run is not None:
            self._run.setEnabled(not offers.run.reason)
            self._run.set_tooltip(_tip(offers.run))
        self._apply.setText(offers.primary.short)
        self._apply.setIcon(self._theme.icon(offers.primary.icon, "text.muted"))
        self._apply.setToolTip(_tip(offers.primary))
        self._apply.setAccessibleName(offers.primary.text)

    def _show_label(self) -> None:
        file = self._offers.file if self._offers is not None else ""
        self._label.set_text(f"{file} \u00b7 {self._words}" if file else self._words)

    def _on_apply_clicked(self) -> None:
        if self._offers is None:
            return
        if self._offers.primary.reason:
            self._apply.showMenu()
        else:
            self.chosen.emit(self._offers.primary.action)

    def _on_menu_about_to_show(self) -> None:
        self.menu_opening.emit()
        self._menu.clear()
        for offer in self._offers.menu if self._offers is not None else ():
            action = self._menu.addAction(self._theme.icon(offer.icon), offer.text.replace("&", "&&"))
            action.setObjectName(f"{offer.action}_code_action")
            action.setEnabled(not offer.reason)
            action.setToolTip(_tip(offer))
            action.triggered.connect(partial(self.chosen.emit, offer.action))

    def _on_copy_clicked(self) -> None:
        self.copy_clicked.emit()
        self._copy.set_icon("check", "success")
        self._copy.setToolTip("Copied")
        QTimer.singleShot(COPIED_MS, self, self._show_copy)

    def _show_copy(self) -> None:
        self._copy.set_icon("copy", "text.muted")
        self._copy.set_tooltip("Copy code")


def _tip(offer: Offer) -> str:
    return plain_tip(". ".join(part for part in (offer.text, offer.reason or offer.tip) if part))
