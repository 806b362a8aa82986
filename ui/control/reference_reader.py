"""Reads what messages point at in a process of its own, started when something is first read from the disk."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.conversations.parts import ReferencePart
from app.errors import AppError
from app.files.reference_reading import MODULE, ReferenceTaken, TakenEvent, TakeReference
from app.ipc.job import JobFailed, JobProcess
from app.ipc.launch import clean_environment
from app.ipc.transport import Transport
from ui.process_transport import QtProcessTransport

TICK_MS = 1000
LIMIT_S = 20.0
#: The process is ended when nothing was read for so long, for the memory it takes.
REST_MS = 60_000


class ReferenceReader(QObject):
    """Asks the process; ``close`` ends it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._qt_transport = QtProcessTransport(clean_environment(), self)
        transport: Transport = self._qt_transport
        self._job: JobProcess[TakenEvent] = JobProcess(transport, MODULE, TakenEvent, "Reading the file")
        self._waiting = 0
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._job.tick)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._job.rest)

    def read(self, reference: ReferencePart, folder: str, on_done: Callable[[ReferencePart | AppError], None]) -> None:
        """Read what a reference with an absolute path points at; answered once."""

        def hear(event: ReferenceTaken | JobFailed) -> None:
            self._waiting -= 1
            if not self._waiting:
                self._tick.stop()
                self._rest.start()
            on_done(event.error() if isinstance(event, JobFailed) else event.reference)

        self._waiting += 1
        self._rest.stop()
        self._tick.start()
        self._job.ask(TakeReference(reference=reference, folder=folder), hear, limit_s=LIMIT_S)

    def close(self) -> None:
        """End the process; nothing is answered any more."""
        self._tick.stop()
        self._rest.stop()
        self._job.close()
        self._qt_transport.close()
