"""Asks the child process for GPU backends, and keeps what it said for the page in the settings."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.backends.messages import (
    MODULE,
    BackendEvent,
    BackendProgress,
    BackendsFound,
    FindBackends,
    InstallBackend,
    RemoveBackend,
)
from app.backends.values import Backend
from app.ipc.job import JobCommand, JobFailed, JobProcess
from ui.process_transport import QtProcessTransport

_TICK_MS = 1000
#: Fetching says how far it is; a server that sends nothing for so long is given up.
_LIMIT_S = 120.0


class BackendsControl(QObject):
    """What there is of GPU backends; one thing is done at a time.

    Signals:
        changed(): Something of what is kept here is another.
        failed(AppError): A backend could not be had.
        removed(str): The backend of this name is there no more.

    Attributes:
        found: What fits and what is installed; None before it is known.
        fetching: The name of the backend that is being fetched, empty for none.
        fetched: So many bytes of it are here.
    """

    changed = Signal()
    failed = Signal(object)
    removed = Signal(str)

    def __init__(self, transport: QtProcessTransport, data: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._transport = transport
        self._data = str(data)
        self._job: JobProcess[BackendEvent] = JobProcess(transport, MODULE, BackendEvent, "Looking for GPU backends")
        self._request = 0
        self._is_busy = False
        self.found: BackendsFound | None = None
        self.fetching = ""
        self.fetched = 0
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._job.tick)

    @property
    def is_busy(self) -> bool:
        """Something is being done."""
        return self._is_busy

    def refresh(self) -> None:
        """Ask drivers and folders anew."""
        self._ask(FindBackends(data=self._data))

    def install(self, backend: Backend) -> None:
        """Fetch a backend."""
        if not self._is_busy:
            self.fetching, self.fetched = backend.name, 0
            self._ask(InstallBackend(data=self._data, backend=backend))

    def remove(self, name: str) -> None:
        """Delete a backend."""
        if not self._is_busy:
            self.removed.emit(name)
            self._ask(RemoveBackend(data=self._data, name=name))

    def cancel(self) -> None:
        """Stop fetching; nothing of it is kept."""
        if self.fetching:
            self._job.forget(self._request)
            self._end()

    def close(self) -> None:
        """End the child."""
        self._tick.stop()
        self._job.close()
        self._transport.close()

    def _ask(self, command: JobCommand) -> None:
        if self._is_busy:
            return
        self._is_busy = True
        self._tick.start()
        self._request = self._job.ask(command, self._on_event, limit_s=_LIMIT_S)
        self.changed.emit()

    def _on_event(self, event: BackendEvent) -> None:
        match event:
            case BackendProgress():
                self.fetched = event.fetched
                self.changed.emit()
            case BackendsFound():
                self.found = event
                self._end()
            case JobFailed():
                self._end()
                self.failed.emit(event.error())

    def _end(self) -> None:
        self._is_busy, self.fetching = False, ""
        self._tick.stop()
        self._job.rest()
        self.changed.emit()
