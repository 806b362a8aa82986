"""What a message being written points at: chips above its text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.conversations.parts import ReferencePart
from ui.chat.reference_words import is_same_place
from ui.theme import Theme
from ui.widgets.flow_row import FlowRow

if TYPE_CHECKING:
    from ui.chat.reference_chip import ReferenceChip

#: More would push the text out of the window, and no model reads so much with care.
MAX_REFERENCES = 30


class ReferenceChips(FlowRow):
    """Holds the chips.

    Signals:
        changed(): A person added one or took one out.
        opened(object): A ReferencePart is to be shown where it comes from.
        left(): The keyboard goes back to the text.
    """

    changed = Signal()
    opened = Signal(object)
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme.space(1), parent)
        self.setObjectName("reference_chips")
        self.setAccessibleName("What the message points at")
        self._theme = theme
        self._chips: list[ReferenceChip] = []
        self.hide()

    @property
    def references(self) -> tuple[ReferencePart, ...]:
        """What the chips stand for, in order."""
        return tuple(chip.reference for chip in self._chips)

    @property
    def is_full(self) -> bool:
        """Whether no more can be added."""
        return len(self._chips) >= MAX_REFERENCES

    def set_references(self, references: Sequence[ReferencePart]) -> None:
        """Show these and no others, as nothing a person did."""
        if tuple(references) != self.references:
            self._show(references)

    def add(self, reference: ReferencePart) -> None:
        """Add one that is not there yet; one more than there may be is left out."""
        if not self.is_full and not any(is_same_place(reference, other) for other in self.references):
            self._show((*self.references, reference))
            self.changed.emit()

    def remove(self, place: int) -> None:
        """Take one out; the keyboard goes to the one before it, or back to the text."""
        kept = [reference for index, reference in enumerate(self.references) if index != place]
        had_focus = self.isAncestorOf(self.window().focusWidget() or self.window())
        self._show(kept)
        if had_focus:
            self._go_to(max(0, place - 1))
        self.changed.emit()

    def remove_last(self) -> None:
        """Take the last one out, if there is any."""
        if self._chips:
            self.remove(len(self._chips) - 1)

    def take_focus(self) -> bool:
        """Give the keyboard to the last one; return whether there is any."""
        if self._chips:
            self._chips[-1].take_focus()
        return bool(self._chips)

    def show_cost(self, reference: ReferencePart, words: str, problem: str = "") -> None:
        """Say what a reference costs, or what is wrong with it."""
        for chip in self._chips:
            if chip.reference == reference:
                chip.show_cost(words, problem)

    def _show(self, references: Sequence[ReferencePart]) -> None:
        from ui.chat.reference_chip import ReferenceChip  # noqa: PLC0415 - most starts show none

        self._chips = [ReferenceChip(self._theme, reference, can_remove=True) for reference in references]
        for place, chip in enumerate(self._chips):
            chip.opened.connect(partial(self.opened.emit, chip.reference))
            chip.removed.connect(partial(self.remove, place))
            chip.moved.connect(partial(self._move, place))
        self.show_widgets(self._chips)

    def _move(self, place: int, step: int) -> None:
        self._go_to(place + step)

    def _go_to(self, place: int) -> None:
        if 0 <= place < len(self._chips):
            self._chips[place].take_focus()
        elif place >= len(self._chips):
            self.left.emit()
