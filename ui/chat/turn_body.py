"""The parts of a turn as widgets, one under the other, laid out by hand: height for width, at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.conversations.blocks import Block, BlockSplitter, split_blocks
from app.conversations.parts import (
    AnyPart,
    ContextCutPart,
    NoticePart,
    ReasoningPart,
    ReferencePart,
    TextPart,
    ToolCallPart,
    Turn,
)
from app.files.block_source import BlockSource
from ui.chat.code_block import CodeBlock
from ui.chat.fold_card import FoldCard
from ui.chat.shown_calls import ShownCalls
from ui.chat.text_block import TextBlock
from ui.chat.turn_notice import TurnNotice
from ui.theme import Theme
from ui.tools.shown_call import ShownCall
from ui.tools.tool_card import ToolCard
from ui.widgets.labels import discard
from ui.widgets.stack import height_of

#: Neighbouring paragraphs share a widget up to this length, so that text can be selected across them.
MAX_PROSE_CHARACTERS = 6000


class TurnBody(QWidget):
    """What a turn says.

    Signals:
        resized(): Its height is another for the same width.
        link_activated(str), notice_action_requested(str): From its parts.
        offers_asked(CodeBlock), code_requested(str, BlockSource): From its blocks of code.
        call_action_requested(str, str, object): Action, call and payload, as of ``ToolCard``.
        reference_opened(object): A ReferencePart is to be shown where it comes from.
    """

    resized = Signal()
    link_activated = Signal(str)
    offers_asked = Signal(object)
    code_requested = Signal(str, object)
    notice_action_requested = Signal(str)
    reference_opened = Signal(object)
    call_action_requested = Signal(str, str, object)

    def __init__(self, theme: Theme, calls: ShownCalls, *, is_markdown: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._calls = calls
        self._is_markdown = is_markdown
        self._cards: dict[str, ToolCard] = {}
        self._widgets: list[QWidget] = []
        self._offers_actions = True
        self._stream: _Stream | None = None
        self._reasoning: FoldCard | None = None
        self._reasoning_text = ""

    def show_turn(self, turn: Turn, *, is_last: bool) -> None:
        """Build the parts anew; reasoning that is being read stays unfolded, cards of calls stay as they are."""
        is_read = self._reasoning is not None and self._reasoning.is_unfolded
        kept, self._cards = self._cards, {}
        self._clear(kept=kept.values())
        self._offers_actions = is_last
        self._add_references([part for part in turn.parts if isinstance(part, ReferencePart)])
        is_streaming = turn.state == "streaming"
        for index, part in enumerate(turn.parts):
            is_tail = is_streaming and index == len(turn.parts) - 1
            if isinstance(part, ToolCallPart):
                self._place_card(self._calls.of_part(turn, part), kept.pop(part.call_id, None))
            else:
                self._add_part(part, is_tail=is_tail)
        for card in kept.values():
            discard(card)
        if is_read and self._reasoning is not None:
            self._reasoning.unfold()

    def append_text(self, text: str) -> None:
        """Let the answer grow; several pieces may come at once."""
        if self._stream is None:
            self._stream = _Stream(self)
        self._stream.feed(text)

    def append_reasoning(self, text: str) -> None:
        """Let the reasoning grow."""
        if self._reasoning is None:
            self._reasoning = self._add_fold("reasoning", "Reasoning", "")
        self._reasoning_text += text
        self._reasoning.body.show_text(self._reasoning_text)
        self._reasoning.set_title(f"Reasoning  ·  {len(self._reasoning_text.split()):,} words")

    def show_call(self, shown: ShownCall) -> None:
        """Show a call as it stands now; a new one comes below what there is, and text after it below that."""
        card = self._cards.get(shown.live.part.call_id)
        if card is None:
            self._place_card(shown, None)
        else:
            card.refresh()

    def refresh_call(self, shown: ShownCall) -> None:
        """Show a call as it stands now if it has a card here."""
        card = self._cards.get(shown.live.part.call_id)
        if card is not None:
            card.refresh()

    def card_of(self, call_id: str) -> ToolCard | None:
        """Return the card of a call."""
        return self._cards.get(call_id)

    def layout_to(self, width: int) -> int:
        """Place the parts in ``width`` pixels and return the height."""
        y, gap = 0, self._theme.space(2.5)
        for widget in self._widgets:
            height = height_of(widget, width)
            widget.setGeometry(0, y, width, height)
            y += height + gap
        return max(0, y - gap)

    def ask_offers(self) -> None:
        """Have every block of code ask what can be done with it now."""
        for widget in self._widgets:
            if isinstance(widget, CodeBlock):
                widget.ask_offers()

    @property
    def part_widgets(self) -> Sequence[QWidget]:
        """The widgets of the parts, top to bottom."""
        return self._widgets

    # --- building ---------------------------------------------------------------------------------------

    def _clear(self, kept: Collection[QWidget]) -> None:
        for widget in self._widgets:
            if widget not in kept:
                discard(widget)
        self._widgets = []
        self._stream = self._reasoning = None
        self._reasoning_text = ""

    def _add_part(self, part: AnyPart, *, is_tail: bool) -> None:
        match part:
            case TextPart(text=text) if is_tail:
                self.append_text(text)
            case TextPart(text=text):
                for block in _grouped(split_blocks(text)):
                    self.show_block(self.make_block(block), block, is_closed=True)
            case ReasoningPart(text=text):
                self.append_reasoning(text)
            case ContextCutPart(dropped_turns=count, summary=summary):
                words = "Summarised" if summary else "No longer read by the model"
                what = "the oldest message" if count == 1 else f"the {count:,} oldest messages"
                self._add_fold("context", f"{words}: {what}", summary)
            case NoticePart():
                self._add_notice(part)

    def make_block(self, block: Block) -> TextBlock | CodeBlock:
        """Add an empty widget for a block of text."""
        widget: TextBlock | CodeBlock
        if block.kind == "code":
            widget = CodeBlock(self._theme, parent=self)
            widget.offers_asked.connect(self.offers_asked)
            widget.action_requested.connect(self.code_requested)
            widget.resized.connect(self.resized)
        else:
            widget = TextBlock(self._theme, is_markdown=self._is_markdown, parent=self)
            widget.link_activated.connect(self.link_activated)
        self._add(widget)
        return widget

    def show_block(self, widget: TextBlock | CodeBlock, block: Block, *, is_closed: bool) -> None:
        """Show a block in a widget made for its kind."""
        if isinstance(widget, CodeBlock):
            source = BlockSource(block.text, block.language, block.info, block.lead)
            widget.show_code(source, is_closed=is_closed)
            widget.ask_offers()
        else:
            widget.show_text(block.text, is_growing=not is_closed)

    def discard(self, widget: QWidget) -> None:
        """Take a widget away."""
        self._widgets.remove(widget)
        discard(widget)

    def _place_card(self, shown: ShownCall, card: ToolCard | None) -> None:
        """Put a call's card, made before or now, below what there is."""
        self._end_text()
        if card is None:
            card = ToolCard(self._theme, shown, self)
            card.resized.connect(self.resized)
            card.action_requested.connect(partial(self._on_card_action, card.call_id))
        else:
            card.refresh()
        self._cards[card.call_id] = card
        self._add(card)

    def _on_card_action(self, call_id: str, action: str, payload: object) -> None:
        self.call_action_requested.emit(action, call_id, payload)

    def _end_text(self) -> None:
        """Close the text under way: what comes after a card is another piece."""
        if self._stream is not None:
            self._stream.finish()
            self._stream = None

    def _add_fold(self, icon: str, title: str, text: str) -> FoldCard:
        body = TextBlock(self._theme, is_markdown=True)
        body.show_text(text)
        body.link_activated.connect(self.link_activated)
        card = FoldCard(self._theme, icon, body, self)
        card.set_title(title)
        card.resized.connect(self.resized)
        self._add(card)
        return card

    def _add_references(self, references: Sequence[ReferencePart]) -> None:
        """Show together what a message points at."""
        if references:
            from ui.chat.turn_references import TurnReferences  # noqa: PLC0415 - few turns have any

            widget = TurnReferences(self._theme, references, self)
            widget.opened.connect(self.reference_opened)
            widget.resized.connect(self.resized)
            self._add(widget)

    def _add_notice(self, part: NoticePart) -> None:
        notice = TurnNotice(self._theme, part, offers_actions=self._offers_actions, parent=self)
        notice.action_requested.connect(self.notice_action_requested)
        self._add(notice)

    def _add(self, widget: QWidget) -> None:
        self._widgets.append(widget)
        widget.show()


class _Stream:
    """Growing text: one widget per closed block, and one for the block under way."""

    def __init__(self, body: TurnBody) -> None:
        self._body = body
        self._splitter = BlockSplitter()
        self._shown = 0  # closed blocks that have their last look
        self._tail: TextBlock | CodeBlock | None = None
        self._tail_kind = ""

    def feed(self, text: str) -> None:
        self._splitter.feed(text)
        for block in self._splitter.closed[self._shown :]:
            self._show(block, is_closed=True)
            self._tail = None
        self._shown = len(self._splitter.closed)
        tail = self._splitter.open_block
        if tail is not None:
            self._show(tail, is_closed=False)

    def finish(self) -> None:
        """Give the block under way its last look."""
        self._splitter.finish()
        self.feed("")

    def _show(self, block: Block, *, is_closed: bool) -> None:
        if self._tail is None or self._tail_kind != block.kind:
            self._discard_tail()
            self._tail, self._tail_kind = self._body.make_block(block), block.kind
        self._body.show_block(self._tail, block, is_closed=is_closed)

    def _discard_tail(self) -> None:
        """A line that began as prose may turn out to be a fence: what it was shown in goes."""
        if self._tail is not None:
            self._body.discard(self._tail)


def _grouped(blocks: Sequence[Block]) -> list[Block]:
    """Join neighbouring prose."""
    grouped: list[Block] = []
    for block in blocks:
        last = grouped[-1] if grouped else None
        fits = last is not None and len(last.text) + len(block.text) < MAX_PROSE_CHARACTERS
        if last is not None and fits and last.kind == block.kind == "prose":
            grouped[-1] = Block("prose", f"{last.text}\n\n{block.text}")
        else:
            grouped.append(block)
    return grouped
