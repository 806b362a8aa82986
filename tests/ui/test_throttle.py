"""The throttle: at once, then at most once per interval, and always the latest."""

from __future__ import annotations

from ui.widgets.throttle import Throttle

INTERVAL_MS = 20


def test_first_value_runs_at_once(qtbot):
    seen = []
    throttle = Throttle(INTERVAL_MS, seen.append)
    throttle.call(1)
    assert seen == [1]
    qtbot.waitUntil(lambda: not throttle._interval_timer.isActive())


def test_of_values_within_an_interval_only_the_latest_runs(qtbot):
    seen = []
    throttle = Throttle(INTERVAL_MS, seen.append)
    for value in range(1, 6):
        throttle.call(value)
    assert seen == [1]
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == [1, 5]
    qtbot.waitUntil(lambda: not throttle._interval_timer.isActive())
    assert seen == [1, 5]


def test_flush_runs_what_is_waiting_once(qtbot):
    seen = []
    throttle = Throttle(INTERVAL_MS, seen.append)
    throttle.call("a")
    throttle.call("b")
    throttle.flush()
    throttle.flush()
    assert seen == ["a", "b"]
    qtbot.waitUntil(lambda: not throttle._interval_timer.isActive())
    assert seen == ["a", "b"]


def test_drop_forgets_what_is_waiting():
    seen = []
    throttle = Throttle(INTERVAL_MS, seen.append)
    throttle.call("a")
    throttle.call("b")
    throttle.drop()
    throttle.flush()
    throttle.call("c")
    throttle.drop()
    assert seen == ["a", "c"]


def test_timer_rests_when_nothing_comes(qtbot):
    throttle = Throttle(INTERVAL_MS, lambda _value: None)
    throttle.call(1)
    assert throttle._interval_timer.isActive()
    qtbot.waitUntil(lambda: not throttle._interval_timer.isActive())
