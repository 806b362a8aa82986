"""Python's cyclic garbage collector, kept on the window's thread.

A collection that happens to run on another thread would destroy Qt objects there, which crashes. So the
automatic collector is off while the window lives, and a timer collects on the thread that owns them.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 5000


class GarbageCollector(QObject):
    """Collects the young generations often and everything now and then."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        gc.disable()
        gc.freeze()  # what the imports made never becomes garbage, and need not be looked through
        self._rounds = 0
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._timer.start()

    def stop(self) -> None:
        """Give collecting back to Python."""
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()

    def _on_timer_timeout(self) -> None:
        self._rounds += 1
        gc.collect(2 if self._rounds % 12 == 0 else 1)
