"""The head of the model dialog: what the model is, in a few lines, and the rest of it on request."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ui.models.card_facts import CardFacts
from ui.theme import Theme
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.labels import discard, make_button, make_label

_DETAILS_MOST_STEPS = 54
_NAME_STEPS = 30


class CardView(QWidget):
    """Signals: link_requested(str) with the address of a link that was clicked."""

    link_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._facts = CardFacts("")
        self.setObjectName("card_view")
        self._title = ElidedLabel()
        self._title.setProperty("role", "heading")
        self._provider = ElidedLabel()
        self._provider.setProperty("role", "muted")
        self._facts_line = ElidedLabel()
        self._facts_line.setObjectName("card_facts")
        self._summary = make_label("", "muted", wrap=True)
        self._fold = make_button("Details", "ghost", None, "card_details_button")
        self._fold.setCheckable(True)
        self._links = QHBoxLayout()
        self._scroll = QScrollArea()
        self._build()
        self._fold.toggled.connect(self._on_fold_toggled)
        theme.changed.connect(self._draw_icon)

    def show_facts(self, facts: CardFacts) -> None:
        """Show what is known of a model."""
        if facts == self._facts:
            return
        self._facts = facts
        self._title.set_text(facts.title)
        self._provider.set_text(facts.provider)
        self._facts_line.set_text("   \u00b7   ".join(facts.facts))
        self._summary.setText(facts.summary)
        self._summary.setVisible(bool(facts.summary))
        self._facts_line.setVisible(bool(facts.facts))
        self._fold.setVisible(bool(facts.details))
        self._show_links()
        page = self._make_details()
        self._scroll.setWidget(page)
        self._scroll.setFixedHeight(min(page.sizeHint().height(), self._theme.space(_DETAILS_MOST_STEPS)))
        self._scroll.setVisible(self._fold.isChecked() and bool(facts.details))

    @property
    def facts(self) -> CardFacts:
        """What is on show."""
        return self._facts

    # --- how ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        space = self._theme.space
        self._scroll.setObjectName("card_details")
        self._scroll.setAccessibleName("Details of the model")
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.hide()
        head = QHBoxLayout()
        head.setSpacing(space(2))
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        head.addWidget(self._title)
        head.addWidget(self._provider, 1)
        self._links.setSpacing(space(3))
        head.addLayout(self._links)
        head.addWidget(self._fold)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(space(1))
        layout.addLayout(head)
        layout.addWidget(self._facts_line)
        layout.addWidget(self._summary)
        layout.addWidget(self._scroll)
        self._draw_icon()

    def _show_links(self) -> None:
        while item := self._links.takeAt(0):
            if widget := item.widget():
                discard(widget)
        for number, (words, address) in enumerate(self._facts.links):
            button = make_button(words, "link", partial(self.link_requested.emit, address))
            button.setObjectName(f"card_link_{number}")
            button.setToolTip(address)
            self._links.addWidget(button)

    def _make_details(self) -> QWidget:
        theme = self._theme
        page = QWidget()
        page.setProperty("role", "plain")
        grid = QGridLayout(page)
        grid.setContentsMargins(0, theme.space(1), theme.space(3), theme.space(2))
        grid.setHorizontalSpacing(theme.space(4))
        grid.setVerticalSpacing(theme.space(1.5))
        for row, (name, text) in enumerate(self._facts.details):
            label = make_label(name, "muted")
            label.setMinimumWidth(theme.space(_NAME_STEPS))
            value = make_label(text, wrap=True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(self._facts.details), 1)
        return page

    def _on_fold_toggled(self, is_open: bool) -> None:
        self._scroll.setVisible(is_open)
        self._draw_icon()

    def _draw_icon(self) -> None:
        name = "chevron-up" if self._fold.isChecked() else "chevron-down"
        self._fold.setIcon(self._theme.icon(name, on_color="accent"))
