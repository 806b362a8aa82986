"""What a variant will need here: verdict, bars, controls, what would make it fit, and how it turned out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.fit.values import Change, FitPlan
from ui.models.fit_bar import FitBar
from ui.models.fit_legend import FitLegend
from ui.models.fit_words import CHECKING, FAILED, UNKNOWN, FitMark, mark_of
from ui.models.plan_controls import PlanControls
from ui.models.sizes import number_words, speed_words
from ui.models.wishes import PlanValues, Wishes
from ui.theme import Theme
from ui.widgets.flow_row import FlowRow
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import discard, make_button, make_label

_MOST_CHANGES = 4
_CONTROLS_STEPS = 108
_LEAST_BAR_STEPS = 66


@dataclass(frozen=True)
class Outcome:
    """A line of predicted beside actual.

    Attributes:
        name: What was measured.
        difference: How far it was off, in words.
    """

    name: str
    predicted: str
    actual: str
    difference: str


class FitPane(QWidget):
    """Signals.

    wishes_changed(object): The Wishes as they are now; at every step of a slider.
    change_requested(object): The Change whose button was clicked.
    reset_requested(): Everything is to be automatic again.
    retry_requested(): The check failed and is to be made again.
    """

    wishes_changed = Signal(object)
    change_requested = Signal(object)
    reset_requested = Signal()
    retry_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("fit_pane")
        self._icon = IconLabel(theme, CHECKING.icon, CHECKING.color, theme.space(4.5))
        self._verdict = make_label("", "strong")
        self._verdict.setObjectName("fit_verdict")
        self._speed = make_label("", "muted")
        self._speed.setObjectName("fit_speed")
        self._reason = make_label("", "muted", wrap=True)
        self._reason.setObjectName("fit_reason")
        self._retry = make_button("Try again", "", self.retry_requested.emit, "fit_retry_button")
        self._changes = FlowRow(theme.space(2))
        self._bar = FitBar(theme)
        self._legend = FitLegend(theme)
        self._controls = PlanControls(theme)
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._outcome = QGridLayout()
        self._outcome_box = QWidget()
        self._build()
        self._controls.changed.connect(self.wishes_changed)
        self._controls.reset_requested.connect(self.reset_requested)

    def show_plan(self, plan: FitPlan, values: PlanValues, wishes: Wishes, *, is_stale: bool = False) -> None:
        """Show a plan.

        Args:
            is_stale: It was made in haste, and an exact one is on its way.
        """
        mark = mark_of(plan)
        self._say(mark, plan.reason if not is_stale or plan.reason else "")
        self._speed.setText(_speeds(plan))
        self._speed.setToolTip("Estimated from the bytes read per token and the speed of the memory they lie in")
        self._bar.show_plan(plan)
        self._legend.show_plan(plan)
        self._controls.show_values(values, wishes)
        self._show_changes(plan.changes)
        self._set_parts(is_plan=True)

    def show_doubt(self, words: str) -> None:
        """Say why the plan on show is no more than an estimate, and offer to try again."""
        self._reason.setText(words)
        self._reason.show()
        self._retry.show()

    def show_checking(self, words: str) -> None:
        """Say that the check is being made."""
        self._say(CHECKING, words)
        self._set_parts(is_plan=False)

    def show_waiting(self, words: str) -> None:
        """Say what must be there before a check can be made."""
        self._say(UNKNOWN, words)
        self._set_parts(is_plan=False)

    def show_problem(self, title: str, message: str) -> None:
        """Say why no check could be made."""
        self._say(FitMark(FAILED.icon, FAILED.color, FAILED.word, FAILED.short, title), message)
        self._set_parts(is_plan=False)
        self._retry.show()

    def show_outcome(self, outcome: Sequence[Outcome]) -> None:
        """Show how the load turned out; nothing hides the table."""
        while item := self._outcome.takeAt(0):
            if widget := item.widget():
                discard(widget)
        heads = ("After the last load", "Predicted", "Actual", "Difference")
        rows = [heads, *((line.name, line.predicted, line.actual, line.difference) for line in outcome)]
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                label = make_label(text, "section" if row == 0 else "muted" if column == 0 else "")
                side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                self._outcome.addWidget(label, row, column, side)
        self._outcome_box.setVisible(bool(outcome))

    # --- how ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        space = self._theme.space
        head = QHBoxLayout()
        head.setSpacing(space(2))
        head.addWidget(self._icon)
        head.addWidget(self._verdict, 1)
        head.addWidget(self._speed)
        self._reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        retry = QHBoxLayout()
        retry.addWidget(self._retry)
        retry.addStretch(1)
        picture = QVBoxLayout()
        picture.setSpacing(space(2))
        picture.addWidget(self._bar)
        picture.addStretch(1)
        sides = self._sides
        sides.setSpacing(space(6))
        sides.addLayout(picture, 1)
        sides.addWidget(self._controls)
        self._outcome_box.setObjectName("fit_outcome")
        self._outcome_box.setLayout(self._outcome)
        self._outcome.setContentsMargins(0, space(1), 0, 0)
        self._outcome.setHorizontalSpacing(space(6))
        self._outcome.setVerticalSpacing(space(1))
        self._outcome.setColumnStretch(4, 1)
        self._outcome_box.hide()
        self._changes.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(space(2))
        layout.addLayout(head)
        layout.addWidget(self._reason)
        layout.addLayout(retry)
        layout.addWidget(self._changes)
        layout.addSpacing(space(1))
        layout.addLayout(sides)
        layout.addWidget(self._legend)
        layout.addWidget(self._outcome_box)
        layout.addStretch(1)
        self._retry.hide()

    def _say(self, mark: FitMark, reason: str) -> None:
        self._icon.set_icon(mark.icon, mark.color)
        self._verdict.setText(mark.sentence)
        self._reason.setText(reason)
        self._reason.setVisible(bool(reason))

    def _set_parts(self, *, is_plan: bool) -> None:
        self._bar.setVisible(is_plan)
        self._legend.setVisible(is_plan)
        self._controls.setVisible(is_plan)
        self._speed.setVisible(is_plan)
        self._retry.hide()
        if not is_plan:
            self._changes.hide()

    def _show_changes(self, changes: Sequence[Change]) -> None:
        buttons = [
            make_button(change.words, "pill", partial(self.change_requested.emit, change), f"fit_change_{number}")
            for number, change in enumerate(changes[:_MOST_CHANGES])
        ]
        self._changes.show_widgets(buttons)

    # --- Qt -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the controls beside the bars, or below them where that would leave the bars no room."""
        super().resizeEvent(event)
        wanted = round(self._theme.space(_CONTROLS_STEPS) * max(1.0, self._theme.text_scale))
        is_wide = self.width() >= wanted + self._theme.space(_LEAST_BAR_STEPS)
        self._sides.setDirection(QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom)
        if is_wide:
            self._controls.setFixedWidth(wanted)
        else:
            self._controls.setMinimumWidth(0)
            self._controls.setMaximumWidth(wanted + self._theme.space(_LEAST_BAR_STEPS))


def _speeds(plan: FitPlan) -> str:
    writing, reading = speed_words(plan.generation_speed), ""
    if plan.prompt_speed is not None:
        low, high = number_words(plan.prompt_speed.low), number_words(plan.prompt_speed.high)
        reading = f"reads {low} tok/s" if low == high else f"reads {low}\u2013{high} tok/s"
    return ", ".join(part for part in (f"Writes {writing}" if writing else "", reading) if part)
