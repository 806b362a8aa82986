"""What a message in the transcript points at: chips, and on demand exactly the text that the model read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from app.chat.reference_text import references_text
from app.conversations.parts import ReferencePart
from app.files.block_source import BlockSource
from app.tools.text import size_words
from ui.chat.code_block import CodeBlock
from ui.chat.reference_chip import ReferenceChip
from ui.theme import Theme
from ui.widgets.flow_row import FlowRow

_SHOW, _HIDE = "Show what the model read", "Hide what the model read"


class TurnReferences(QWidget):
    """Laid out by hand, as every part of a turn.

    Signals:
        opened(object): A ReferencePart is to be shown where it comes from.
        resized(): Its height is another for the same width.
    """

    opened = Signal(object)
    resized = Signal()

    def __init__(self, theme: Theme, references: Sequence[ReferencePart], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._references = tuple(references)
        self._text: CodeBlock | None = None
        self.setObjectName("turn_references")
        self._chips = FlowRow(theme.space(1), self)
        self._chips.show_widgets([self._make_chip(reference) for reference in self._references])
        self._fold = QToolButton(self)
        self._fold.setObjectName("references_fold")
        self._fold.setProperty("role", "fold")
        self._fold.setCheckable(True)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.toggled.connect(self._on_fold_toggled)
        self._show_fold()

    def layout_to(self, width: int) -> int:
        """Take ``width`` pixels and return the height."""
        gap = self._theme.space(1)
        self._chips.ensurePolished()
        y = self._chips.heightForWidth(width)
        self._chips.setGeometry(0, 0, width, y)
        self._fold.ensurePolished()
        hint = self._fold.sizeHint()
        self._fold.setGeometry(0, y + gap, min(width, hint.width()), hint.height())
        y += gap + hint.height()
        if self._text is not None and not self._text.isHidden():
            height = self._text.layout_to(width)
            self._text.setGeometry(0, y + gap, width, height)
            y += gap + height
        return y

    def _make_chip(self, reference: ReferencePart) -> ReferenceChip:
        chip = ReferenceChip(self._theme, reference, can_remove=False)
        size = size_words(len(reference.text.encode()))
        chip.show_cost(f"{size}, cut" if reference.is_cut else size)
        chip.opened.connect(partial(self.opened.emit, reference))
        return chip

    def _on_fold_toggled(self, unfolded: bool) -> None:
        if self._text is None:  # most are never unfolded
            self._text = CodeBlock(self._theme, parent=self)
            self._text.show_code(BlockSource(references_text(self._references)), is_closed=True)
            self._text.resized.connect(self.resized)
        self._text.setVisible(unfolded)
        self._show_fold()
        self.resized.emit()

    def _show_fold(self) -> None:
        unfolded = self._fold.isChecked()
        words = _HIDE if unfolded else _SHOW
        self._fold.setText(words)
        self._fold.setAccessibleName(words)
        self._fold.setIcon(self._theme.icon("chevron-down" if unfolded else "chevron-right"))
