"""Compares two texts: short ones at once, long ones in a process, so that the window never waits."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.errors import AppError
from app.files.diff_child import MODULE, Compare, Compared, CompareEvent
from app.files.hunks import TextDiff, find_places, hunks_at, split_lines
from app.ipc.job import JobFailed, JobProcess
from app.ipc.launch import clean_environment
from ui.process_transport import QtProcessTransport

#: Texts with more characters together are compared in the process; below, it takes a few milliseconds.
MAX_AT_ONCE = 60_000
_TICK_MS = 1000

OnDiff = Callable[[TextDiff | AppError], None]


class Differ(QObject):
    """The process starts with the first long texts and ends with this object, or when ``rest`` is called."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._transport: QtProcessTransport | None = None
        self._job: JobProcess[CompareEvent] | None = None
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)

    def find(self, before: str, after: str, on_done: OnDiff) -> int:
        """Compare; answered once, before this returns where the texts are short.

        Returns:
            What ``forget`` takes; 0 if it was answered.
        """
        old, new = split_lines(before), split_lines(after)
        if len(before) + len(after) <= MAX_AT_ONCE:
            on_done(TextDiff(old, new, hunks_at(old, new, find_places(old, new))))
            return 0

        def hear(event: Compared | JobFailed) -> None:
            self.rest()
            if isinstance(event, JobFailed):
                on_done(event.error())
            else:
                on_done(TextDiff(old, new, hunks_at(old, new, event.places)))

        job = self._started()
        self._tick.start()
        return job.ask(Compare(before=before, after=after), hear)

    def forget(self, request: int) -> None:
        """Want an answer no more."""
        if self._job is not None and request:
            self._job.forget(request)

    def rest(self) -> None:
        """End the process if it has nothing to do."""
        self._tick.stop()
        if self._job is not None:
            self._job.rest()

    def close(self) -> None:
        """End the process; no answer comes any more."""
        self._tick.stop()
        if self._job is not None and self._transport is not None:
            self._job.close()
            self._transport.close()
            self._job = self._transport = None

    def _started(self) -> JobProcess[CompareEvent]:
        if self._job is None:
            self._transport = QtProcessTransport(clean_environment(), self)
            self._job = JobProcess(self._transport, MODULE, CompareEvent, "Comparing the texts")
            self._tick.timeout.connect(self._job.tick)
        return self._job
