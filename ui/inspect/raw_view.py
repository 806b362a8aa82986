"""What the model wrote for a call, with the tokens it came from and the places of its problems."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QPoint, QTimer, Signal
from PySide6.QtGui import QHelpEvent, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QTextEdit, QToolTip, QWidget

from app.agent.token_pieces import Piece, piece_at
from app.conversations.parts import CallProblem
from app.tools.visible import is_hidden
from ui.chat.highlight import format_range
from ui.inspect.text_pane import TextPane, name_of
from ui.theme import Theme
from ui.widgets.labels import plain_tip

#: Lines that get their formats in one go; the others follow when the window has time.
LINES_A_SLICE = 40
MAX_QUOTED = 60


class RawView(TextPane):
    """Tints every other token; a click or the keys choose one.

    Signals:
        piece_changed(object): The Piece under the cursor, or None.
    """

    piece_changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "raw_call", "Raw text of the call", parent=parent)
        self._pieces: Sequence[Piece] = ()
        self._problems: Sequence[CallProblem] = ()
        self._number: int | None = None
        self._slices: Iterator[None] = iter(())
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._run_slice)
        self.cursorPositionChanged.connect(self._on_cursor_position_changed)
        theme.changed.connect(self._redraw)

    # --- what is shown ------------------------------------------------------------------------------------

    def show_call(self, raw: str, problems: Sequence[CallProblem]) -> None:
        """Show what was written; its tokens come later, with ``show_pieces``."""
        self.show_text(raw)
        self._problems = [problem for problem in problems if problem.end > problem.start]
        self.show_pieces(())

    def show_pieces(self, pieces: Sequence[Piece]) -> None:
        """Show which tokens it came from; none where that is not known."""
        self._pieces = pieces
        self._number = None
        self._redraw()
        self._mark()
        self.piece_changed.emit(None)

    @property
    def pieces(self) -> Sequence[Piece]:
        """The tokens on show."""
        return self._pieces

    def words_of(self, piece: Piece) -> str:
        """Return a token in one line: its place, id and text."""
        number = piece_at(self._pieces, piece.start)
        place = f"Token {(number or 0) + 1:,} of {len(self._pieces):,}"
        ids = ", ".join(f"{token:,}".replace(",", "\u202f") for token in piece.token_ids)
        text = self.text[piece.start : piece.end]
        quoted = repr(text if len(text) <= MAX_QUOTED else text[:MAX_QUOTED] + "…")
        hidden = [name_of(char) for char in text if is_hidden(char)]
        pieces = [place, f"id {ids}", f"place {piece.position:,} in the reply", quoted, *hidden]
        return "  ·  ".join(pieces)

    def tip_at(self, place: QPoint) -> str:
        """Return what is said of a place of the viewport: problems first, then the token."""
        character = self.places.from_qt(self.cursorForPosition(place).position())
        number = piece_at(self._pieces, character)
        problems = [problem.message for problem in self._problems if problem.start <= character < problem.end]
        words = self.words_of(self._pieces[number]).split("  ·  ") if number is not None else []
        return "\n".join([*problems, *words])

    # --- inside -------------------------------------------------------------------------------------------

    def _redraw(self) -> None:
        self._slices = self._format_lines()
        self._timer.start()
        self._run_slice()

    def _run_slice(self) -> None:
        try:
            next(self._slices)
        except StopIteration:
            self._timer.stop()
            self.viewport().update()

    def _format_lines(self) -> Iterator[None]:
        """Give each line its formats, and pause now and then."""
        tints = [self._tint("token.even"), self._tint("token.odd")]
        starts = [piece.start for piece in self._pieces]
        block, begin = self.document().firstBlock(), 0
        while block.isValid():
            newline = self.text.find("\n", begin)
            end = len(self.text) if newline < 0 else newline
            ranges: list[QTextLayout.FormatRange] = []
            number = max(0, bisect_right(starts, begin) - 1)
            while number < len(starts) and starts[number] < end:
                piece = self._pieces[number]
                self._add_range(ranges, begin, end, piece.start, piece.end, tints[number % 2])
                number += 1
            for problem in self._problems:
                self._add_range(ranges, begin, end, problem.start, problem.end, self._underline(problem))
            block.layout().setFormats(ranges)
            self.document().markContentsDirty(block.position(), block.length())
            block, begin = block.next(), end + 1
            if block.blockNumber() % LINES_A_SLICE == 0:
                yield

    def _add_range(
        self,
        ranges: list[QTextLayout.FormatRange],
        begin: int,
        end: int,
        start: int,
        stop: int,
        form: QTextCharFormat,
    ) -> None:
        """Add what of the characters from ``start`` to ``stop`` is in the line from ``begin`` to ``end``."""
        start, stop = max(begin, start), min(end, stop)
        if start >= stop:
            return
        first, last = self.places.to_qt(start), self.places.to_qt(stop)
        ranges.append(format_range(first - self.places.to_qt(begin), last - first, form))

    def _tint(self, token: str) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setBackground(self._theme.color(token))
        return form

    def _underline(self, problem: CallProblem) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        form.setUnderlineColor(self._theme.color("danger" if problem.is_fatal else "warning"))
        return form

    def _on_cursor_position_changed(self) -> None:
        number = piece_at(self._pieces, self.places.from_qt(self.textCursor().position()))
        if number != self._number:
            self._number = number
            self._mark()
            self.piece_changed.emit(None if number is None else self._pieces[number])

    def _mark(self) -> None:
        """Mark the chosen token."""
        marks: list[QTextEdit.ExtraSelection] = []
        if self._number is not None:
            piece = self._pieces[self._number]
            mark = QTextEdit.ExtraSelection()
            mark.cursor = self.cursor_at(piece.start, piece.end)
            mark.format.setBackground(self._theme.color("accent"))
            mark.format.setForeground(self._theme.color("text.on_accent"))
            marks.append(mark)
        self.setExtraSelections(marks)

    # --- Qt -----------------------------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        """Say what the pointer rests on."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), plain_tip(self.tip_at(event.pos())), self)
            return True
        return super().viewportEvent(event)
