"""A run's timeline with its controls: the picture or the table, and where time and tokens went."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.agent.timeline import is_open, length_of, with_span
from app.agent.timeline_words import STATE_WORDS, started_words
from app.agent.trace import Run, Span
from ui.inspect.span_table import SpanTable
from ui.inspect.timeline_canvas import ZOOM_STEP, TimelineCanvas
from ui.inspect.timeline_picture import TimelinePicture
from ui.inspect.totals_strip import TotalsStrip
from ui.theme import Theme
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.empty_state import EmptyState
from ui.widgets.icon_button import IconButton

#: Spans that go on grow this often, while somebody can see it.
GROW_MS = 100


class TimelineView(QWidget):
    """Shows one run, live or long done.

    Attributes:
        tools: Its buttons, to be put where there is room for them.

    Signals:
        jump_requested(int, str): Turn and call (empty for none) of a span that was clicked.
        selected(object): A Span was selected, or None.
    """

    jump_requested = Signal(int, str)
    selected = Signal(object)

    def __init__(self, theme: Theme, clock: Callable[[], float] = time.time, parent: QWidget | None = None) -> None:
        """Build it; ``clock`` tells seconds since the epoch, for spans that go on."""
        super().__init__(parent)
        self._theme = theme
        self._clock = clock
        self._run: Run | None = None
        self._picture: TimelinePicture | None = None
        self.canvas = TimelineCanvas(theme)
        self.table = SpanTable(theme)
        self.totals = TotalsStrip(theme)
        self._words = ElidedLabel()
        self._pages = QStackedWidget()
        self._looks = QStackedWidget()
        self._empty = EmptyState(
            theme,
            "chart-gantt",
            "No run yet",
            "When the model uses tools, this shows where the time went: prompt, generation, waiting, each tool.",
        )
        self.tools = self._make_tools()
        self._grow_timer = QTimer(self)
        self._grow_timer.setInterval(GROW_MS)
        self._grow_timer.timeout.connect(self._draw)
        self._build()
        self._connect()
        self._show()

    # --- what is shown ------------------------------------------------------------------------------------

    @property
    def run(self) -> Run | None:
        """The run on show."""
        return self._run

    def set_run(self, run: Run | None) -> None:
        """Show a run, or that there is none."""
        self._run = run
        self._show()

    def update_span(self, run_id: int, span: Span) -> None:
        """Take a span that is new or has changed; those of another run are let pass."""
        if self._run is not None and self._run.id == run_id:
            self._run = with_span(self._run, span)
            self._show()

    def select_call(self, call_id: str) -> None:
        """Select what is known of a call: the running of its tool, else what was waited for."""
        own = [span for span in self._run.spans if span.call_id == call_id] if self._run else []
        if own:
            self.canvas.select(next((span.number for span in own if span.kind == "tool"), own[-1].number))

    # --- inside -------------------------------------------------------------------------------------------

    def _make_tools(self) -> QWidget:
        theme = self._theme
        tools = QWidget(self)
        layout = QHBoxLayout(tools)
        layout.setContentsMargins(0, 0, theme.space(2), 0)
        layout.setSpacing(theme.space(1))
        self.compress_button = self._toggle("fold-horizontal", "Compress waiting", "timeline_compress")
        self.compress_button.setChecked(True)
        self.table_button = self._toggle("table", "Show as a table", "timeline_as_table")
        self._zoom_buttons = [
            self._zoom_button("minus", "Zoom out", "timeline_zoom_out", lambda: self.canvas.zoom_by(1 / ZOOM_STEP**2)),
            self._zoom_button("plus", "Zoom in", "timeline_zoom_in", lambda: self.canvas.zoom_by(ZOOM_STEP**2)),
            self._zoom_button("maximize-2", "Show the whole run", "timeline_fit", self.canvas.fit),
        ]
        for button in (self.compress_button, self.table_button, *self._zoom_buttons):
            layout.addWidget(button)
        return tools

    def _toggle(self, icon: str, words: str, name: str) -> IconButton:
        button = IconButton(self._theme, icon, words, size=self._theme.space(7))
        button.setObjectName(name)
        button.setCheckable(True)
        return button

    def _zoom_button(self, icon: str, words: str, name: str, on_click: Callable[[], None]) -> IconButton:
        button = IconButton(self._theme, icon, words, size=self._theme.space(7))
        button.setObjectName(name)
        button.clicked.connect(on_click)
        return button

    def _build(self) -> None:
        theme = self._theme
        self._looks.addWidget(self.canvas)
        self._looks.addWidget(self.table)
        foot = QWidget()
        inside = QVBoxLayout(foot)
        inside.setContentsMargins(theme.space(4), theme.space(1.5), theme.space(4), theme.space(2))
        inside.setSpacing(theme.space(1.5))
        self._words.setProperty("role", "small")
        inside.addWidget(self._words)
        inside.addWidget(self.totals)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._looks, 1)
        layout.addWidget(foot)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def _connect(self) -> None:
        self.compress_button.toggled.connect(self._show)
        self.table_button.toggled.connect(self._on_table_button_toggled)
        self.canvas.activated.connect(self.jump_requested)
        self.table.activated_span.connect(self.jump_requested)
        self.canvas.selected.connect(self._on_canvas_selected)
        self.table.selected.connect(self._on_table_selected)

    def _show(self) -> None:
        """Draw the run anew."""
        has_spans = self._run is not None and bool(self._run.spans)
        self._pages.setCurrentIndex(1 if has_spans else 0)
        self.tools.setEnabled(has_spans)
        self._draw()
        if self.table_button.isChecked():
            self._fill_table()
        self._follow()

    def _draw(self) -> None:
        run = self._run
        if run is None or not run.spans:
            self._picture = None
            self.canvas.show_picture(None)
            return
        now = max(length_of(run.spans), self._clock() - run.started_at) if is_open(run) else 0.0
        self._picture = TimelinePicture(run, now, compress=self.compress_button.isChecked())
        self.canvas.show_picture(self._picture)
        self.totals.show_totals(self._picture.totals)
        self._show_words()

    def _fill_table(self) -> None:
        span = self.canvas.selected_span
        self.table.show_picture(self._picture, span.number if span else -1)

    def _follow(self) -> None:
        """Let what goes on grow, while it can be seen."""
        if self._run is not None and is_open(self._run) and self.isVisible():
            self._grow_timer.start()
        else:
            self._grow_timer.stop()

    def _show_words(self) -> None:
        """Say what is selected, or else how the run stands."""
        span = self.canvas.selected_span
        if span is not None:
            self._words.set_text(self.canvas.words_of(span))
        elif self._run is not None and self._picture is not None:
            steps, calls = len(self._picture.steps), self._picture.totals.calls
            pieces = [
                STATE_WORDS[self._run.state],
                self._run.reason,
                f"{steps:,} step{'' if steps == 1 else 's'}",
                f"{calls:,} tool call{'' if calls == 1 else 's'}",
                f"began {started_words(self._run)}",
            ]
            self._words.set_text("  ·  ".join(piece for piece in pieces if piece))

    def _on_canvas_selected(self, span: Span | None) -> None:
        self._show_words()
        if span is not None:
            self.table.select(span.number)
        self.selected.emit(span)

    def _on_table_selected(self, span: Span | None) -> None:
        if span is not None:
            self.canvas.select(span.number)

    def _on_table_button_toggled(self, is_table: bool) -> None:
        self._looks.setCurrentIndex(1 if is_table else 0)
        for button in self._zoom_buttons:
            button.setEnabled(not is_table)
        if is_table:
            self._fill_table()
            self.table.scrollTo(self.table.currentIndex())

    # --- Qt -----------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw()
        self._follow()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._follow()
