"""A run's picture: lanes, steps, totals, and an axis on which long waits are short."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agent.time_scale import Break, TimeScale, scale_of
from app.agent.timeline import lanes_of, length_of, step_at, steps_of, totals_of, with_span
from app.agent.timeline_words import clock_words, describe, seconds_words, started_words, time_words, token_words
from app.agent.trace import Run, Span
from tests.ui.run_examples import demo_run


def span(number, kind, start, end, **fields):
    return Span(number=number, kind=kind, start=start, end=end, **fields)


SPANS = (
    span(0, "prompt", 0.0, 1.0, turn_id=2, tokens=100, reused_tokens=300),
    span(1, "generate", 1.0, 3.0, turn_id=2, tokens=40),
    span(2, "approval", 3.0, 63.0, turn_id=2, call_id="a", title="run_command"),
    span(3, "tool", 63.0, 64.0, turn_id=2, call_id="a", title="run_command", outcome="failed"),
    span(4, "tool", 64.0, 64.5, turn_id=2, call_id="b", title="read_file", outcome="done"),
    span(5, "prompt", 65.0, 66.0, turn_id=4, tokens=50, reused_tokens=440),
    span(6, "generate", 66.0, None, turn_id=4),
)


def run_with(*spans):
    return Run(
        id=1, key="k", conversation_id=1, asked_id=1, state="running", started_at=0.0, workspace="/w", spans=spans
    )


def test_lanes_are_the_models_the_persons_and_one_for_each_tool():
    assert [lane.title for lane in lanes_of(SPANS)] == [
        "Prompt",
        "Generation",
        "Waiting for you",
        "run_command",
        "read_file",
    ]
    assert [lane.spans[0].number for lane in lanes_of(SPANS)] == [0, 1, 2, 3, 4]


def test_a_tool_without_a_name_has_a_lane_all_the_same():
    assert lanes_of([span(0, "tool", 0.0, 1.0)])[0].title == "tool"


def test_a_step_is_a_reply_of_the_model_and_what_came_of_it():
    steps = steps_of(SPANS, now=70.0)
    assert [(step.number, step.turn_id, step.start, step.end) for step in steps] == [
        (1, 2, 0.0, 65.0),
        (2, 4, 65.0, 70.0),
    ]
    assert [step_at(steps, seconds) for seconds in (0.0, 64.9, 65.0, 99.0)] == [1, 1, 2, 2]


def test_totals_add_up_to_the_length_of_the_run():
    totals = totals_of(SPANS, now=70.0)
    assert totals.length == 70.0
    assert totals.seconds == {
        "prompt": 2.0,
        "generate": 6.0,
        "tool": 1.5,
        "waiting": 60.0,
        "queue": 0.0,
        "other": pytest.approx(0.5),
    }
    assert (totals.reused_tokens, totals.processed_tokens, totals.generated_tokens, totals.calls) == (740, 150, 40, 2)
    assert sum(totals.share(share) for share in totals.seconds) == pytest.approx(1.0)


def test_an_empty_run_has_totals_too():
    totals = totals_of(())
    assert totals.length == 0.0
    assert totals.share("tool") == 0.0
    assert time_words(totals) == "No time yet"


def test_a_span_that_is_sent_anew_takes_its_own_place():
    run = with_span(run_with(*SPANS), span(6, "generate", 66.0, 68.0, turn_id=4, tokens=9))
    assert len(run.spans) == 7
    assert run.spans[6].tokens == 9
    assert len(with_span(run, span(7, "pause", 68.0, None)).spans) == 8


def test_a_long_wait_is_short_on_the_axis_and_everything_else_is_not():
    scale = scale_of(SPANS, 70.0, compress=True)
    assert [(pause.start, pause.end) for pause in scale.breaks] == [(3.0, 63.0)]
    assert scale.shown_length < 12.0
    assert scale.to_shown(3.0) == 3.0
    assert scale.to_shown(64.0) - scale.to_shown(63.0) == pytest.approx(1.0)
    assert scale_of(SPANS, 70.0, compress=False).shown_length == 70.0


def test_a_wait_during_which_a_tool_runs_is_not_cut():
    spans = (span(0, "approval", 0.0, 100.0), span(1, "tool", 40.0, 60.0, title="t"))
    scale = scale_of(spans, compress=True)
    assert [(pause.start, pause.end) for pause in scale.breaks] == [(0.0, 40.0), (60.0, 100.0)]


def test_many_waits_leave_room_for_the_rest():
    run = demo_run(200).run
    scale = scale_of(run.spans, compress=True)
    active = scale.length - sum(pause.end - pause.start for pause in scale.breaks)
    assert len(scale.breaks) > 20
    assert sum(pause.shown for pause in scale.breaks) < active / 2


breaks = st.lists(st.tuples(st.floats(0.01, 50.0), st.floats(0.5, 500.0), st.floats(0.05, 0.4)), max_size=6)


@given(breaks, st.lists(st.floats(0.0, 3000.0), min_size=2, max_size=8))
def test_times_and_places_are_each_others_inverse_and_never_run_backwards(made, times):
    found, at = [], 0.0
    for gap, length, shown in made:
        found.append(Break(at + gap, at + gap + length, shown))
        at += gap + length
    scale = TimeScale(at + 10.0, found)
    places = [scale.to_shown(seconds) for seconds in sorted(times)]
    assert places == sorted(places)
    for seconds, place in zip(sorted(times), places, strict=True):
        assert scale.to_time(place) == pytest.approx(seconds, abs=1e-6, rel=1e-6)


def test_ticks_are_round_times_apart_from_each_other_and_outside_breaks():
    scale = TimeScale(200.0, [Break(20.0, 180.0, 5.0)])
    ticks = scale.ticks(0.0, scale.shown_length, 8.0)
    assert [seconds for _place, seconds in ticks] == [0.0, 10.0, 20.0, 190.0, 200.0]
    assert TimeScale(0.0).ticks(0.0, 0.0, 1.0) == ((0.0, 0.0),)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 ms"),
        (0.0421, "42 ms"),
        (0.9996, "1.0 s"),
        (3.24, "3.2 s"),
        (59.96, "1 min 00 s"),
        (245.0, "4 min 05 s"),
        (3599.6, "1 h 00 min"),
        (7380.0, "2 h 03 min"),
    ],
)
def test_durations_are_told_as_people_read_them(seconds, words):
    assert seconds_words(seconds) == words


def test_an_axis_is_as_exact_as_its_ticks():
    assert [clock_words(0.25, step) for step in (0.5, 0.05, 0.005)] == ["0.2 s", "0.25 s", "0.250 s"]
    assert [clock_words(seconds) for seconds in (12.0, 245.0, 3725.0)] == ["12 s", "4:05", "1:02:05"]


def test_spans_and_totals_are_told_in_words():
    words = describe(SPANS[0], 1)
    assert "300 tokens reused, 100 processed" in words
    assert "100.0 tokens/s" in words
    assert describe(SPANS[3], 1).endswith("failed")
    assert describe(SPANS[6], 2, now=70.0).endswith("goes on")
    assert "740 prompt tokens reused (83%), 150 processed, 40 generated" in token_words(totals_of(SPANS, 70.0))
    assert "waiting for you 1 min 00 s (86%)" in time_words(totals_of(SPANS, 70.0))


def test_a_time_that_no_clock_shows_is_left_out():
    assert started_words(run_with()) != ""
    assert started_words(Run(**{**_fields(run_with()), "started_at": 1e300})) == ""


def test_a_run_without_an_end_is_as_long_as_it_has_been():
    assert length_of(SPANS) == 66.0
    assert length_of(SPANS, 80.0) == 80.0


def _fields(run):
    return {name: getattr(run, name) for name in run.__struct_fields__}
