"""The scrolling part of the transcript: real widgets for the turns near the viewport, arithmetic for the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.conversations.parts import ReferencePart, ToolCallPart
from ui.chat.shown_calls import ShownCalls
from ui.chat.turn_layout import TurnLayout, estimate_height
from ui.chat.turn_view import TurnView
from ui.chat.turn_widget import TurnWidget
from ui.theme import Theme

MAX_COLUMN = 820
#: Widgets this many screens above and below the viewport are kept alive.
KEPT_SCREENS = 0.75


class TurnsArea(QAbstractScrollArea):
    """Holds the turns.

    Signals:
        turn_made(TurnWidget): A widget was made; it has to be connected.
        scrolled(): What is on the screen may be another part, or the end another distance away.
    """

    turn_made = Signal(object)
    scrolled = Signal()

    def __init__(self, theme: Theme, calls: ShownCalls, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._calls = calls
        self._views: list[TurnView] = []
        self._index: dict[int, int] = {}
        self._widgets: dict[int, TurnWidget] = {}
        self._layout = TurnLayout(theme.space(2.5), theme.space(6))
        self._column = 0
        self._is_placing = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.verticalScrollBar().setSingleStep(theme.space(10))
        self.verticalScrollBar().valueChanged.connect(self._on_bar_value_changed)

    # --- what is shown ----------------------------------------------------------------------------------

    @property
    def is_at_end(self) -> bool:
        """Whether the last line is on the screen, to within a few pixels."""
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - self._theme.space(2)

    def view_of(self, turn_id: int) -> TurnView | None:
        """Return what is shown of a turn."""
        index = self._index.get(turn_id)
        return None if index is None else self._views[index]

    def widget_of(self, turn_id: int) -> TurnWidget | None:
        """Return a turn's widget if it is alive."""
        index = self._index.get(turn_id)
        return None if index is None else self._widgets.get(index)

    def show_turns(self, views: Sequence[TurnView], *, at_end: bool) -> None:
        """Show these turns and no others; widgets of turns that did not change are kept."""
        kept = {widget.view.turn.id: widget for widget in self._widgets.values()}
        heights = {view.turn.id: self._layout.height(index) for index, view in enumerate(self._views)}
        self._widgets = {}
        self._views = list(views)
        self._index = {view.turn.id: index for index, view in enumerate(views)}
        for index, view in enumerate(views):
            widget = kept.get(view.turn.id)
            if widget is not None and widget.view.turn == view.turn and widget.view.is_last == view.is_last:
                for shown in self._calls.of_turn(view.turn.id):
                    widget.body.refresh_call(shown)
                widget.show_place(view)
                self._widgets[index] = kept.pop(view.turn.id)
        for widget in kept.values():
            self._discard(widget)
        width = self._column or MAX_COLUMN
        # What is above the screen keeps its height, so that what is on it keeps its place.
        self._layout.reset([heights.get(view.turn.id) or _estimate(view, width) for view in views])
        self._place(stick_to_end=at_end)

    def append_turn(self, view: TurnView) -> None:
        """Add a turn at the end."""
        at_end = self.is_at_end
        if self._views:
            self._demote(len(self._views) - 1, goes_on=view.continues)
        self._index[view.turn.id] = len(self._views)
        self._views.append(view)
        self._layout.append(_estimate(view, self._column or MAX_COLUMN))
        self._place(stick_to_end=at_end)

    def update_turn(self, view: TurnView) -> None:
        """Show a turn anew."""
        index = self._index.get(view.turn.id)
        if index is None:
            return
        at_end = self.is_at_end
        known = self._views[index]
        view = replace(view, continues=view.continues or known.continues, goes_on=view.goes_on or known.goes_on)
        self._views[index] = view
        if index in self._widgets:
            self._widgets[index].show_turn(view)
        self._place(stick_to_end=at_end)

    def grown(self) -> None:
        """A widget's content changed its height."""
        self._place(stick_to_end=self.is_at_end)

    def ask_offers(self) -> None:
        """Have every block of code that has a widget ask what can be done with it now."""
        for widget in self._widgets.values():
            widget.body.ask_offers()

    def restyle(self) -> None:
        """Make every widget anew, in another theme."""
        for widget in self._widgets.values():
            self._discard(widget)
        self._widgets = {}
        self._place(stick_to_end=self.is_at_end)

    def scroll_to_turn(self, turn_id: int) -> None:
        """Bring a turn's beginning to the top."""
        index = self._index.get(turn_id)
        if index is not None:
            self.verticalScrollBar().setValue(self._layout.top(index) - self._theme.space(4))

    def scroll_to_end(self) -> None:
        """Bring the last line on the screen."""
        self._place(stick_to_end=True)

    # --- placing ----------------------------------------------------------------------------------------

    def _place(self, *, stick_to_end: bool) -> None:
        """Make, measure and move widgets so that the screen is right, whatever the estimates were.

        What is at the top of the screen stays there while heights above it turn out to be others, unless
        the end is to be followed.
        """
        if self._is_placing or self.viewport().width() <= 0:
            return
        self._is_placing = True
        try:
            self._measure(stick_to_end=stick_to_end)
        finally:
            self._is_placing = False
        self._move_widgets()
        self.scrolled.emit()

    def _measure(self, *, stick_to_end: bool) -> None:
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        column = min(MAX_COLUMN, self.viewport().width() - 2 * self._theme.space(6))
        self._column = column
        anchor = self._layout.at(bar.value())
        offset = bar.value() - self._layout.top(anchor) if anchor >= 0 else 0
        for _attempt in range(4):
            value = self._layout.total - height if stick_to_end else self._anchored(anchor, offset)
            value = max(0, min(value, self._layout.total - height))
            reach = int(height * KEPT_SCREENS)
            near = self._layout.between(value - reach, value + height + reach)
            changed = False
            for index in near:
                widget = self._widgets.get(index) or self._make(index)
                changed |= self._layout.set_height(index, widget.layout_to(column))
            if not changed:
                break
        self._forget_far(near)
        bar.setRange(0, max(0, self._layout.total - height))
        bar.setPageStep(height)
        bar.setValue(self._layout.total - height if stick_to_end else self._anchored(anchor, offset))

    def _anchored(self, anchor: int, offset: int) -> int:
        return self._layout.top(anchor) + offset if 0 <= anchor < len(self._layout) else 0

    def _move_widgets(self) -> None:
        top = self.verticalScrollBar().value()
        left = (self.viewport().width() - self._column) // 2
        for index, widget in self._widgets.items():
            widget.setGeometry(left, self._layout.top(index) - top, self._column, self._layout.height(index))
            widget.show()

    def _make(self, index: int) -> TurnWidget:
        widget = TurnWidget(self._theme, self._views[index], self._calls, self.viewport())
        widget.resized.connect(self.grown)
        self._widgets[index] = widget
        self.turn_made.emit(widget)
        return widget

    def _forget_far(self, near: range) -> None:
        focus = self.window().focusWidget()
        for index in [index for index in self._widgets if index not in near]:
            widget = self._widgets[index]
            is_growing = self._views[index].turn.state == "streaming"
            if not is_growing and (focus is None or not widget.isAncestorOf(focus)):
                self._discard(self._widgets.pop(index))

    def _discard(self, widget: TurnWidget) -> None:
        widget.hide()
        widget.deleteLater()

    def _demote(self, index: int, *, goes_on: bool) -> None:
        """A turn is no longer the last."""
        self._views[index] = replace(self._views[index], is_last=False, goes_on=goes_on)
        if index in self._widgets:
            self._widgets[index].show_place(self._views[index])

    def _on_bar_value_changed(self) -> None:
        if not self._is_placing:
            self._place(stick_to_end=False)

    # --- Qt ---------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        at_end = self.is_at_end and event.oldSize().isValid()
        super().resizeEvent(event)
        self._place(stick_to_end=at_end)

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        """Nothing: ``valueChanged`` has moved the widgets already."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        page = bar.pageStep() - self._theme.space(10)
        steps = {
            Qt.Key.Key_Up: -bar.singleStep(),
            Qt.Key.Key_Down: bar.singleStep(),
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -bar.maximum(),
            Qt.Key.Key_End: bar.maximum(),
        }
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_End:
            self.scroll_to_end()
        elif key in steps:
            bar.setValue(bar.value() + steps[key])
        else:
            super().keyPressEvent(event)


def _estimate(view: TurnView, width: int) -> int:
    cards = sum(isinstance(part, ToolCallPart) for part in view.turn.parts)
    cards += any(isinstance(part, ReferencePart) for part in view.turn.parts)
    return estimate_height(len(view.turn.text), cards, width)
