"""At most one call per interval; of the values that come faster, the latest wins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QTimer

T = TypeVar("T")


class Throttle(QObject, Generic[T]):
    """Calls ``run(value)`` at once, then at the end of each interval in which a newer value came.

    The timer runs only while an interval does, so an idle window is not woken.
    """

    def __init__(self, interval_ms: int, run: Callable[[T], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._waiting: list[T] = []
        self._interval_timer = QTimer(self)
        self._interval_timer.setInterval(interval_ms)
        self._interval_timer.timeout.connect(self._on_interval_timer_timeout)

    def call(self, value: T) -> None:
        """Run with ``value`` now, or at the end of the interval under way."""
        if self._interval_timer.isActive():
            self._waiting[:] = [value]
        else:
            self._interval_timer.start()
            self._run(value)

    def flush(self) -> None:
        """Run now with what is waiting, if anything is."""
        if self._waiting:
            self._run(self._waiting.pop())

    def drop(self) -> None:
        """Forget what is waiting, and let the next call run at once."""
        self._waiting.clear()
        self._interval_timer.stop()

    def _on_interval_timer_timeout(self) -> None:
        if self._waiting:
            self._run(self._waiting.pop())
        else:
            self._interval_timer.stop()
