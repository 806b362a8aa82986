"""The processes behind the editor, as the window owns them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.ipc.job import JobProcess
from app.ipc.launch import clean_environment
from ui.control.drain import drain
from ui.process_transport import QtProcessTransport

if TYPE_CHECKING:
    from app.files.block_messages import BlockEvent
    from app.files.service import FileService

TICK_MS = 1000
#: So long a closing window waits until what was being saved is saved.
SAVE_WAIT_MS = 15_000


class FileProcesses(QObject):
    """The processes that read, save and place for the editor; each is made and started when it is first needed."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        """Keep unsaved texts in ``folder``."""
        super().__init__(parent)
        self._folder = folder
        self._saving = QtProcessTransport(clean_environment(), self)
        self._placing = QtProcessTransport(clean_environment(), self)
        self._files: FileService | None = None
        self._blocks: JobProcess[BlockEvent] | None = None
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._on_tick_timeout)

    @property
    def files(self) -> FileService:
        """Reads and saves."""
        if self._files is None:
            from app.files.service import FileService  # noqa: PLC0415 - few starts read a file

            self._files = FileService(self._saving, str(self._folder))
            self._tick.start()
        return self._files

    @property
    def blocks(self) -> JobProcess[BlockEvent]:
        """Puts blocks of code into files."""
        if self._blocks is None:
            from app.files.block_messages import MODULE, BlockEvent  # noqa: PLC0415 - as above

            self._blocks = JobProcess(self._placing, MODULE, BlockEvent, "Placing the block")
            self._tick.start()
        return self._blocks

    def close(self) -> None:
        """End the processes; what was being saved is saved before."""
        self._tick.stop()
        if self._files is not None:
            drain(lambda: self.files.is_busy, SAVE_WAIT_MS)
            self._files.close()
        if self._blocks is not None:
            self._blocks.close()
        self._saving.close()
        self._placing.close()

    def _on_tick_timeout(self) -> None:
        for made in (self._files, self._blocks):
            if made is not None:
                made.tick()
