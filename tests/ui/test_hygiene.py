"""Windows and timers that outlive their test are noticed."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget
from shiboken6 import delete

from tests import hygiene


def test_a_window_that_outlives_its_test_is_found(qapp, monkeypatch):
    monkeypatch.setattr(hygiene, "GRACE_SECONDS", 0.0)
    before = hygiene._windows()
    window = QWidget()
    window.setObjectName("forgotten")
    assert hygiene._left(hygiene._windows, before) == ["window QWidget 'forgotten'"]
    delete(window)
    assert hygiene._left(hygiene._windows, before) == []


def test_a_running_timer_that_outlives_its_test_is_found(qapp, monkeypatch):
    monkeypatch.setattr(hygiene, "GRACE_SECONDS", 0.0)
    before = hygiene._timers()
    timer = QTimer(interval=60_000)
    timer.start()
    assert hygiene._left(hygiene._timers, before) == ["timer of None every 60000 ms"]
    timer.stop()
    assert hygiene._left(hygiene._timers, before) == []
