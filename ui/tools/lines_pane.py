"""Lines of a file, a diff or a search, with numbers beside them and a ground behind those that stand out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pygments.lexer import Lexer
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QTextBlock, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ui.chat.code_text import MAX_WRAPPED_CHARACTERS, CodeText
from ui.chat.highlight import Highlighter, format_range, utf16_length
from ui.theme import Theme

#: A taller pane scrolls inside, so that one result cannot bury the conversation.
MAX_VISIBLE_LINES = 24

#: Tone of a line -> (colour of its ground, of its number, of its text); "" leaves it.
TONES = {
    "": ("", "text.faint", ""),
    "added": ("success.soft", "success", ""),
    "removed": ("danger.soft", "danger", ""),
    "gap": ("surface.sunken", "text.faint", "text.faint"),
    "heading": ("surface.sunken", "text.faint", "text"),
    "problem": ("danger.soft", "danger", ""),
}
#: Mark of a stretch -> (colour of its ground, of its text).
MARKS = {
    "added": ("diff.added", "text"),
    "removed": ("diff.removed", "text"),
    "match": ("warning.soft", "warning"),
    "problem": ("danger.soft", "danger"),
}


@dataclass(frozen=True)
class Line:
    """One line of a pane.

    Attributes:
        text: Without its line end; hidden characters already visible.
        gutter: What stands beside it: numbers, a sign.
        tone: A key of ``TONES``.
        spans: (begin, end, key of ``MARKS``), characters of ``text``.
    """

    text: str
    gutter: str = ""
    tone: str = ""
    spans: tuple[tuple[int, int, str], ...] = ()


class LinesPane(CodeText):
    """Shows lines; colours, grounds and numbers go with them."""

    def __init__(
        self, theme: Theme, name: str, spoken: str, *, wraps: bool = False, parent: QWidget | None = None
    ) -> None:
        """Build an empty pane.

        Args:
            theme: Draws it.
            name: Its objectName.
            spoken: Its accessible name.
            wraps: Whether long lines go on in the next line, so that all of them is seen.
            parent: Qt's owner.
        """
        super().__init__(theme, parent)
        self._theme = theme
        self._lines: Sequence[Line] = ()
        self._wraps = wraps
        self._max_lines = MAX_VISIBLE_LINES
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self._gutter = _Gutter(self)
        self._highlighter = Highlighter(theme, self.document(), self)
        self.updateRequest.connect(self._on_update_requested)

    def show_lines(self, lines: Sequence[Line], lexer: Lexer | None = None) -> None:
        """Show these lines, in the colours of a language if one is given."""
        self._lines = lines
        text = "\n".join(line.text for line in lines)
        self.setPlainText(text)
        can_wrap = self._wraps and max((len(line.text) for line in lines), default=0) <= MAX_WRAPPED_CHARACTERS
        mode = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(mode.WidgetWidth if can_wrap else mode.NoWrap)
        self.setWordWrapMode(
            QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere if can_wrap else QTextOption.WrapMode.NoWrap
        )
        overlays = self._overlays()
        self._highlighter.set_overlays(overlays)
        if lexer is not None:
            self._highlighter.start(lexer, text)
        else:
            self._apply(overlays)
        widest = max((len(line.gutter) for line in lines), default=0)
        self._gutter.chars = widest
        margin = self._gutter_width()
        self.setViewportMargins(margin, 0, 0, 0)

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown."""
        return self._lines

    def layout_to(self, width: int) -> int:
        """Take ``width`` pixels and return the height."""
        self.ensurePolished()
        inner = width - self._gutter_width()
        is_wrapped = self.lineWrapMode() != QPlainTextEdit.LineWrapMode.NoWrap
        count, height = self._wrapped(inner) if is_wrapped else self._unwrapped()
        policy = Qt.ScrollBarPolicy
        scrolls = count > self._max_lines
        if is_wrapped:  # a bar that came and went would wrap the lines anew
            self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOn if scrolls else policy.ScrollBarAlwaysOff)
        else:
            self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded)
        has_bar = not is_wrapped and self._longest() > inner - self._theme.space(4)
        bar = self.horizontalScrollBar().sizeHint().height() if has_bar else 0
        self.setHorizontalScrollBarPolicy(policy.ScrollBarAlwaysOn if has_bar else policy.ScrollBarAlwaysOff)
        most = self._max_lines * self.line_height()
        return math.ceil(min(height, most) if scrolls else height) + bar + 2

    def _unwrapped(self) -> tuple[int, float]:
        count = self.document().blockCount()
        return count, count * self.line_height()

    def _wrapped(self, width: int) -> tuple[int, float]:
        """Return lines and pixels as they wrap: the document does not know before it was shown at this width.

        Lines in other scripts may be taller, and each has to be seen.
        """
        advance = self.fontMetrics().horizontalAdvance("x")
        option = self.document().defaultTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        count, height = 0, 0.0
        for line in self._lines:
            is_short = line.text.isascii() and "\t" not in line.text and len(line.text) * advance < width
            lines, pixels = (1, self.line_height()) if is_short else _measure(line.text, self.font(), option, width)
            count, height = count + lines, height + pixels
            if count > self._max_lines:
                break
        return count, height

    def _longest(self) -> int:
        longest = max((len(line.text) for line in self._lines), default=0)
        return longest * self.fontMetrics().horizontalAdvance("x")

    def _gutter_width(self) -> int:
        chars = self._gutter.chars
        return chars * self.fontMetrics().horizontalAdvance("0") + self._theme.space(3) if chars else 0

    # --- colours ----------------------------------------------------------------------------------------

    def _overlays(self) -> Mapping[int, Sequence[QTextLayout.FormatRange]]:
        standing_out = ((n, line) for n, line in enumerate(self._lines) if line.spans or TONES[line.tone][2])
        return {number: list(self._ranges(line)) for number, line in standing_out}

    def _ranges(self, line: Line) -> Iterator[QTextLayout.FormatRange]:
        color = TONES[line.tone][2]
        if color:
            form = QTextCharFormat()
            form.setForeground(self._theme.color(color))
            if line.tone == "heading":
                form.setFontWeight(QFont.Weight.DemiBold)
            yield _range(line.text, 0, len(line.text), form)
        for begin, end, mark in line.spans:
            ground, text = MARKS[mark]
            form = QTextCharFormat()
            form.setBackground(self._theme.color(ground))
            form.setForeground(self._theme.color(text))
            yield _range(line.text, begin, end, form)

    def _apply(self, overlays: Mapping[int, Sequence[QTextLayout.FormatRange]]) -> None:
        document = self.document()
        for number, ranges in overlays.items():
            block = document.findBlockByNumber(number)
            block.layout().setFormats(ranges)
        document.markContentsDirty(0, document.characterCount())

    # --- Qt ---------------------------------------------------------------------------------------------

    def visible_blocks(self) -> Iterator[tuple[QTextBlock, QRect]]:
        """Yield the blocks on the screen with their places in the viewport."""
        block = self.firstVisibleBlock()
        while block.isValid():
            place = self.blockBoundingGeometry(block).translated(self.contentOffset()).toAlignedRect()
            if place.top() > self.viewport().height():
                return
            yield block, place
            block = block.next()

    def line_of(self, block: QTextBlock) -> Line:
        """Return what a block shows."""
        number = block.blockNumber()
        return self._lines[number] if number < len(self._lines) else Line("")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        for block, place in self.visible_blocks():
            ground = TONES[self.line_of(block).tone][0]
            if ground:
                painter.fillRect(0, place.top(), self.viewport().width(), place.height(), self._theme.color(ground))
        painter.end()
        super().paintEvent(event)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]  # Qt's stub wants its own event class
        inside = self.contentsRect()
        self._gutter.setGeometry(inside.left(), inside.top(), self._gutter_width(), self.viewport().height())

    def _on_update_requested(self, rect: QRect, dy: int) -> None:
        if dy:
            self._gutter.scroll(0, dy)
        else:
            self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())

    def paint_gutter(self, painter: QPainter) -> None:
        """Draw the numbers."""
        theme = self._theme
        painter.setFont(theme.font("mono"))
        for block, place in self.visible_blocks():
            line = self.line_of(block)
            ground, color, _ = TONES[line.tone]
            if ground:
                painter.fillRect(0, place.top(), self._gutter.width(), place.height(), theme.color(ground))
            painter.setPen(theme.color(color))
            area = QRect(0, place.top(), self._gutter.width() - theme.space(2), round(self.line_height()))
            painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, line.gutter)


def _measure(text: str, font: QFont, option: QTextOption, width: int) -> tuple[int, float]:
    """Return how many lines a text takes in ``width`` pixels, and their height."""
    layout = QTextLayout(text, font)
    layout.setTextOption(option)
    layout.beginLayout()
    height = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        height += line.height()
    layout.endLayout()
    return max(1, layout.lineCount()), height


class _Gutter(QWidget):
    """The numbers; nothing in it can be selected, so that copied lines are without them."""

    def __init__(self, pane: LinesPane) -> None:
        super().__init__(pane)
        self._pane = pane
        self.chars = 0

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._pane.paint_gutter(painter)
        painter.end()


def _range(text: str, begin: int, end: int, form: QTextCharFormat) -> QTextLayout.FormatRange:
    return format_range(utf16_length(text[:begin]), utf16_length(text[begin:end]), form)
