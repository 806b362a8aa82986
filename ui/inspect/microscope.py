"""The microscope: one tool call from the model's own words to what it was told, side by side."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.agent.live import LiveCall
from app.agent.token_lookup import Spelling
from app.agent.token_pieces import TokenText, pieces_of_calls
from app.conversations.parts import ToolCallPart, Turn
from ui.inspect.call_sections import ParsedSection, SchemaSection, SentSection
from ui.inspect.raw_section import RawSection
from ui.inspect.section import Section
from ui.theme import Theme
from ui.widgets.empty_state import EmptyState

FindPieces = Callable[[Turn, Callable[[Spelling], None]], None]
CountTokens = Callable[[str, Callable[[int | None], None]], None]

_LOOKING = "Looking for its tokens …"
#: From these widths on, so many sections stand side by side.
_COLUMN_STEPS = 60
#: Heights of a section where they stand one above the other.
_STACKED_STEPS = 64


class _Whole(QWidget):
    """Gives a widget exactly the room there is, whatever the widget would like."""

    def __init__(self) -> None:
        super().__init__()
        self._held: QWidget | None = None

    def hold(self, widget: QWidget | None) -> None:
        """Take a widget, or let the one it has go to whoever takes it next."""
        self._held = widget
        if widget is not None:
            widget.setParent(self)
            widget.setGeometry(self.rect())
            widget.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._held is not None:
            self._held.setGeometry(self.rect())


class Microscope(QWidget):
    """Shows one call at a time."""

    def __init__(
        self, theme: Theme, find_pieces: FindPieces, count_tokens: CountTokens, parent: QWidget | None = None
    ) -> None:
        """Build it.

        Args:
            theme: Colours and spaces.
            find_pieces: Tells, now or later, how the tokens of a turn spell it, or why that is not known.
            count_tokens: Tells, now or later, how many tokens a text has; None without a model.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._theme = theme
        self._find_pieces = find_pieces
        self._count_tokens = count_tokens
        self._call: LiveCall | None = None
        self._turn: Turn | None = None
        self._asks_pieces = self._asks_count = False
        self._columns = 0
        self.setObjectName("microscope")
        self.setAccessibleName("Microscope")
        self.raw = RawSection(theme)
        self.parsed = ParsedSection(theme)
        self.schema = SchemaSection(theme)
        self.sent = SentSection(theme)
        self._grid = QGridLayout()
        self._page = QWidget()
        self._pages = QStackedWidget()
        self._area = QScrollArea()
        self._whole = _Whole()
        self._build()

    def show_call(self, live: LiveCall, turn: Turn) -> None:
        """Show a call of an assistant's turn."""
        is_same = self._call is not None and self._call.part == live.part and self._turn == turn
        self._call, self._turn = live, turn
        if not is_same:
            self.raw.show_call(live.part, _LOOKING if live.state != "writing" else "It is still being written.")
        self.parsed.show_call(live)
        self.schema.show_call(live)
        self.sent.show_call(live)
        self._show_page()
        self._asks_pieces = self._asks_pieces or (not is_same and live.state != "writing")
        self._asks_count = live.result is not None
        self._ask()

    def ask_again(self) -> None:
        """Look for the tokens anew: another model is loaded, or none."""
        self._asks_pieces = self._call is not None and self._call.state != "writing"
        self._asks_count = self._call is not None and self._call.result is not None
        self._ask()

    def clear(self) -> None:
        """Show none."""
        self._call = self._turn = None
        self._asks_pieces = self._asks_count = False
        self._show_page()

    @property
    def call(self) -> LiveCall | None:
        """The call on show."""
        return self._call

    # --- inside -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self._theme
        self._page.setProperty("role", "plain")
        self._page.setLayout(self._grid)
        self._grid.setContentsMargins(theme.space(3), theme.space(2), theme.space(3), theme.space(3))
        self._grid.setSpacing(theme.space(2))
        self._area.setObjectName("microscope_scroll")
        self._area.setAccessibleName("Microscope")
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._empty = EmptyState(
            theme,
            "microscope",
            "No call chosen",
            "Choose a tool call in the conversation or in the timeline: its raw text, what was understood of it, "
            "its schema check and what the model was told stand here side by side.",
        )
        for page in (self._empty, self._area, self._whole):
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self._arrange(4)

    def _sections(self) -> tuple[Section, ...]:
        return (self.raw, self.parsed, self.schema, self.sent)

    def _arrange(self, columns: int) -> None:
        """Put the sections into so many columns: four, two or one."""
        if columns == self._columns:
            return
        self._columns = columns
        least = self._theme.space(_STACKED_STEPS) if columns < 4 else self._theme.space(30)
        for number, section in enumerate(self._sections()):
            self._grid.removeWidget(section)
            section.setMinimumHeight(least)
            self._grid.addWidget(section, number // columns, number % columns)
        for column in range(4):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        if columns == 4:
            self._area.takeWidget()
            self._whole.hold(self._page)
        else:
            self._whole.hold(None)
            self._area.setWidget(self._page)
        self._show_page()

    def _show_page(self) -> None:
        page = self._whole if self._columns == 4 else self._area
        self._pages.setCurrentWidget(page if self._call else self._empty)

    def _ask(self) -> None:
        """Ask for the tokens of what is on show, once somebody can see it."""
        call, turn = self._call, self._turn
        if call is None or turn is None or not self.isVisible():
            return
        asks_pieces, asks_count = self._asks_pieces, self._asks_count
        self._asks_pieces = self._asks_count = False
        if asks_pieces:
            self._find_pieces(turn, lambda found: self._take_pieces(call, turn, found))
        if asks_count and call.result is not None:
            self._count_tokens(call.result.content, lambda tokens: self._take_count(call, tokens))

    def _take_pieces(self, call: LiveCall, turn: Turn, found: Spelling) -> None:
        if self._call is None or self._call.part != call.part:
            return  # another call is on show by now
        if not isinstance(found, TokenText):
            self.raw.show_pieces((), found)
            return
        parts = [part for part in turn.parts if isinstance(part, ToolCallPart)]
        place = next((n for n, part in enumerate(parts) if part.call_id == call.part.call_id), None)
        pieces = () if place is None else pieces_of_calls(found, [part.raw for part in parts])[place]
        self.raw.show_pieces(pieces, "" if pieces else "Its text was not found among the tokens of this reply.")

    def _take_count(self, call: LiveCall, tokens: int | None) -> None:
        if self._call is not None and self._call.result == call.result:
            self.sent.show_tokens(tokens)

    # --- Qt -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        fitting = self.width() // self._theme.space(_COLUMN_STEPS)
        self._arrange(4 if fitting >= 4 else 2 if fitting >= 2 else 1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()
