"""The timeline of a run: drawn, zoomed, walked through, clicked, and live."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip

from app.agent.trace import Span
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from tests.ui.run_examples import demo_run
from tests.ui.turns import words_in
from ui.inspect.span_table import COLUMNS
from ui.inspect.timeline_picture import TimelinePicture, bar_words, color_of
from ui.inspect.timeline_view import TimelineView

RUN = demo_run(30).run
LEFT = Qt.MouseButton.LeftButton


@dataclass
class Clock:
    """Tells the time that a test sets, in seconds of the run."""

    seconds: float = 0.0

    def __call__(self):
        return RUN.started_at + self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def view(theme, qtbot, clock):
    made = TimelineView(theme, clock)
    qtbot.addWidget(made)
    made.resize(1000, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def shown(view):
    view.set_run(RUN)
    return view


def live_run(*spans):
    return msgspec.structs.replace(RUN, state="running", spans=spans)


def center(view, number):
    return view.canvas.rect_of(RUN.spans[number]).center()


def wheel(view, notches, x, modifiers=Qt.KeyboardModifier.NoModifier):
    viewport = view.canvas.viewport()
    place = QPointF(x, 60)
    event = QWheelEvent(
        place,
        QPointF(viewport.mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


# --- what is shown ---------------------------------------------------------------------------------------------


def test_without_a_run_it_says_what_it_will_show(view):
    assert "No run yet" in words_in(view)
    assert not view.tools.isEnabled()
    view.set_run(live_run())
    assert "No run yet" in words_in(view)


def test_a_run_is_told_with_its_totals(shown):
    words = shown.totals.words()
    assert any(word.startswith("Waiting for you") for word in words)
    assert any(word.startswith("Reused") for word in words)
    assert "waiting for you" in shown.totals.accessibleName()
    assert any("30 steps" in word and "tool calls" in word for word in words_in(shown))


def test_the_whole_run_is_in_sight_at_first(shown):
    layout = shown.canvas.layout_now()
    for span in RUN.spans:
        rect = shown.canvas.rect_of(span)
        assert rect.left() >= layout.gutter - 1
        assert rect.right() <= layout.width + 1
    assert shown.canvas.is_fitted


def test_bars_have_the_colour_of_what_they_are_and_failures_that_of_danger():
    assert {color_of(span) for span in RUN.spans} == {
        "timeline.prompt",
        "timeline.generate",
        "timeline.tool",
        "timeline.waiting",
        "danger",
    }
    assert bar_words(RUN.spans[1], 0.0)[0] == f"{RUN.spans[1].tokens:,} tokens"


def test_every_pixel_of_a_bar_is_painted_in_its_colour(shown, theme):
    shown.canvas.zoom_by(8)
    shown.canvas.select(1)
    shown.canvas.select(0)
    rect = shown.canvas.rect_of(RUN.spans[1])
    picture = shown.canvas.viewport().grab().toImage()
    place = QPoint(round(rect.right()) - 6, round(rect.top()) + 3)
    scale = picture.width() / shown.canvas.viewport().width()
    assert picture.pixelColor(place * scale).name() == theme.color("timeline.generate").name()


def test_a_prompt_shows_the_tokens_reused_and_processed_in_two_shades(shown, theme):
    prompt = max((span for span in RUN.spans if span.kind == "prompt"), key=lambda span: span.end - span.start)
    shown.canvas.select(prompt.number)
    shown.canvas.zoom_by(20)
    shown.canvas.select(prompt.number)
    rect = shown.canvas.rect_of(prompt)
    picture = shown.canvas.viewport().grab().toImage()
    y = round(rect.bottom()) - 3
    right = min(round(rect.right()), shown.canvas.viewport().width()) - 4
    assert picture.pixelColor(round(rect.left()) + 5, y).name() == theme.color("timeline.reused").name()
    assert picture.pixelColor(right, y).name() == theme.color("timeline.prompt").name()


def test_waits_are_drawn_at_their_length_when_that_is_wanted(shown):
    wait = max((span for span in RUN.spans if span.kind == "approval"), key=lambda span: span.end - span.start)
    short = shown.canvas.rect_of(wait).width()
    shown.compress_button.setChecked(False)
    assert shown.canvas.rect_of(wait).width() > 5 * short


# --- zoom and pan ----------------------------------------------------------------------------------------------


def test_the_wheel_with_ctrl_zooms_around_the_pointer(shown):
    canvas = shown.canvas
    place = canvas.layout_now().shown(700)
    wheel(shown, 5, 700, Qt.KeyboardModifier.ControlModifier)
    assert not canvas.is_fitted
    assert canvas.layout_now().shown(700) == pytest.approx(place, abs=0.2)
    wheel(shown, -30, 700, Qt.KeyboardModifier.ControlModifier)
    assert canvas.is_fitted


def test_the_wheel_alone_pans_and_buttons_zoom(shown, qtbot):
    canvas = shown.canvas
    for button in shown._zoom_buttons[1:2]:
        qtbot.mouseClick(button, LEFT)
        qtbot.mouseClick(button, LEFT)
    before = canvas.horizontalScrollBar().value()
    wheel(shown, -1, 600)
    assert canvas.horizontalScrollBar().value() > before
    qtbot.mouseClick(shown._zoom_buttons[2], LEFT)
    assert canvas.is_fitted


def test_dragging_pans_and_chooses_nothing(shown, qtbot):
    canvas, told = shown.canvas, []
    canvas.zoom_by(10)
    canvas.horizontalScrollBar().setValue(2000)
    shown.jump_requested.connect(lambda *what: told.append(what))
    viewport = canvas.viewport()
    qtbot.mousePress(viewport, LEFT, pos=QPoint(700, 60))
    qtbot.mouseMove(viewport, QPoint(600, 60))
    qtbot.mouseRelease(viewport, LEFT, pos=QPoint(600, 60))
    assert canvas.horizontalScrollBar().value() == 2100
    assert not told


def test_zoom_has_an_end_on_both_sides(shown):
    for _ in range(100):
        shown.canvas.zoom_by(2)
    assert shown.canvas.layout_now().zoom == 20_000
    for _ in range(100):
        shown.canvas.zoom_by(0.5)
    assert shown.canvas.is_fitted


# --- choosing --------------------------------------------------------------------------------------------------


def test_a_click_on_a_bar_selects_it_and_asks_to_jump(shown, qtbot):
    span = next(span for span in RUN.spans if span.kind == "approval")
    with qtbot.waitSignal(shown.jump_requested) as asked:
        qtbot.mouseClick(shown.canvas.viewport(), LEFT, pos=center(shown, span.number).toPoint())
    assert asked.args == [span.turn_id, span.call_id]
    assert shown.canvas.selected_span == span
    assert any("Waiting for your approval" in word for word in words_in(shown))


def test_a_click_beside_all_bars_selects_nothing(shown, qtbot):
    shown.canvas.select(3)
    qtbot.mouseClick(shown.canvas.viewport(), LEFT, pos=QPoint(20, 60))
    assert shown.canvas.selected_span is None


def test_a_thin_bar_can_be_hit_beside_it(shown, qtbot):
    span = next(span for span in RUN.spans if span.title == "read_file")
    rect = shown.canvas.rect_of(span)
    assert rect.width() < 4
    assert shown.canvas.span_at(QPointF(rect.left() - 3, rect.center().y())) == span


def test_arrows_walk_in_time_and_between_lanes_and_enter_jumps(shown, qtbot):
    canvas = shown.canvas
    canvas.setFocus()
    for key, number in ((Qt.Key.Key_Right, 0), (Qt.Key.Key_Right, 1), (Qt.Key.Key_Left, 0), (Qt.Key.Key_Left, 0)):
        qtbot.keyClick(canvas, key)
        assert canvas.selected_span.number == number
    qtbot.keyClick(canvas, Qt.Key.Key_Down)
    assert canvas.selected_span.kind == "generate"
    qtbot.keyClick(canvas, Qt.Key.Key_End)
    assert canvas.selected_span == RUN.spans[-1]
    with qtbot.waitSignal(shown.jump_requested) as asked:
        qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert asked.args == [RUN.spans[-1].turn_id, ""]
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    assert canvas.selected_span.number == 0


def test_walking_brings_what_is_chosen_into_sight(shown, qtbot):
    canvas = shown.canvas
    canvas.zoom_by(40)
    canvas.setFocus()
    for _ in range(15):
        qtbot.keyClick(canvas, Qt.Key.Key_Right)
        rect, layout = canvas.rect_of(canvas.selected_span), canvas.layout_now()
        assert rect.right() > layout.gutter
        assert rect.left() < layout.width


def test_keys_zoom(shown, qtbot):
    shown.canvas.setFocus()
    qtbot.keyClick(shown.canvas, Qt.Key.Key_Plus)
    assert not shown.canvas.is_fitted
    qtbot.keyClick(shown.canvas, Qt.Key.Key_0)
    assert shown.canvas.is_fitted


def test_what_is_chosen_can_be_heard(shown):
    shown.canvas.select(0)
    words = shown.canvas.accessibleDescription()
    assert "Prompt processing" in words
    assert "step 1" in words
    assert "tokens reused" in words


def test_the_pointer_learns_what_a_bar_is(shown):
    viewport = shown.canvas.viewport()
    place = center(shown, 1).toPoint()
    QApplication.sendEvent(viewport, QHelpEvent(QEvent.Type.ToolTip, place, viewport.mapToGlobal(place)))
    assert QToolTip.text().startswith("Generation\nstep 1")
    QToolTip.hideText()


def test_a_call_can_be_found_from_outside(shown):
    call = next(span for span in RUN.spans if span.kind == "tool" and span.title == "run_command")
    shown.select_call(call.call_id)
    assert shown.canvas.selected_span == call
    shown.select_call("no such call")
    assert shown.canvas.selected_span == call


# --- the table -------------------------------------------------------------------------------------------------


def test_the_same_run_can_be_read_as_a_table(shown):
    shown.table_button.setChecked(True)
    model = shown.table.model()
    assert model.rowCount() == len(RUN.spans)
    first = [model.index(0, column).data() for column in range(len(COLUMNS))]
    assert first[:2] == ["1", "Prompt processing"]
    assert first[4] == f"{RUN.spans[0].reused_tokens:,}"
    assert [model.headerData(n, Qt.Orientation.Horizontal) for n in range(len(COLUMNS))] == list(COLUMNS)
    assert model.index(0, 1).data(Qt.ItemDataRole.AccessibleTextRole) == "What: Prompt processing"


def test_picture_and_table_choose_together(shown, qtbot):
    shown.canvas.select(4)
    shown.table_button.setChecked(True)
    assert shown.table.currentIndex().row() == 4
    qtbot.keyClick(shown.table, Qt.Key.Key_Down)
    assert shown.canvas.selected_span.number == 5
    with qtbot.waitSignal(shown.jump_requested) as asked:
        qtbot.keyClick(shown.table, Qt.Key.Key_Return)
    assert asked.args == [RUN.spans[5].turn_id, RUN.spans[5].call_id]


# --- live ------------------------------------------------------------------------------------------------------


def test_a_span_that_goes_on_grows_with_the_clock(view, clock, qtbot):
    first = Span(number=0, kind="prompt", start=0.0, end=1.0, turn_id=2, tokens=10)
    view.set_run(live_run(first, Span(number=1, kind="generate", start=1.0, turn_id=2)))
    clock.seconds = 9.0
    qtbot.waitUntil(lambda: view.totals.words()[1].startswith("Generation 8.0 s"))
    view.update_span(RUN.id, Span(number=1, kind="generate", start=1.0, end=10.0, turn_id=2, tokens=5))
    assert not view._grow_timer.isActive()
    assert view.totals.words()[1].startswith("Generation 9.0 s")


def test_nothing_runs_while_nobody_can_see_it_or_nothing_goes_on(view, clock):
    view.set_run(live_run(Span(number=0, kind="tool", start=0.0, title="t")))
    assert view._grow_timer.isActive()
    view.hide()
    assert not view._grow_timer.isActive()
    view.show()
    assert view._grow_timer.isActive()
    view.set_run(RUN)
    assert not view._grow_timer.isActive()


def test_spans_of_another_run_are_let_pass(shown):
    shown.update_span(RUN.id + 1, Span(number=999, kind="tool", start=0.0, end=1.0))
    assert shown.run == RUN


def test_what_is_chosen_stays_so_while_the_run_goes_on(view, clock):
    first = Span(number=0, kind="prompt", start=0.0, end=1.0, turn_id=2, tokens=10)
    view.set_run(live_run(first))
    view.canvas.select(0)
    view.update_span(RUN.id, Span(number=1, kind="generate", start=1.0, end=4.0, turn_id=2))
    assert view.canvas.selected_span.number == 0
    view.set_run(msgspec.structs.replace(RUN, id=77))
    assert view.canvas.selected_span is None


def test_a_span_that_goes_on_is_not_beyond_the_end_when_the_clock_is_late(view, clock):
    clock.seconds = 0.5
    view.set_run(live_run(Span(number=0, kind="generate", start=3.0, turn_id=2)))
    assert view.totals.words() == ["Between 3.0 s (100%)"]


# --- the whole -------------------------------------------------------------------------------------------------


def test_a_run_of_500_steps_is_painted_without_touching_what_is_out_of_sight(theme):
    run = demo_run(500).run
    picture = TimelinePicture(run, 0.0, compress=True)
    assert len(run.spans) > 1000
    stretch = picture.scale.shown_length / 100
    inside = [bar for bars in picture.lanes for bar in bars.between(500.0, 500.0 + stretch)]
    assert 0 < len(inside) < 60
    assert all(bar.end >= 500.0 and bar.start <= 500.0 + stretch for bar in inside)


def test_a_long_span_is_found_from_its_middle_though_others_began_later():
    spans = (
        Span(number=0, kind="tool", start=0.0, end=100.0, title="t"),
        *(Span(number=n, kind="tool", start=float(n), end=n + 0.5, title="t") for n in range(1, 20)),
    )
    picture = TimelinePicture(msgspec.structs.replace(RUN, spans=spans), 0.0, compress=False)
    assert [bar.span.number for bar in picture.lanes[0].between(50.0, 60.0)] == [0]


def test_another_theme_and_larger_text_are_no_trouble(shown, theme):
    theme.set_mode("dark")
    theme.set_text(1.5)
    assert not shown.grab().isNull()


def test_everything_can_be_found_and_heard(shown):
    shown.table_button.setChecked(True)
    for widget in (shown, shown.tools):
        assert_accessible(widget)
        assert_names_are_unique(widget)
    assert shown.canvas.objectName() == "tool_timeline"
    assert shown.canvas.accessibleName() == "Run timeline"
