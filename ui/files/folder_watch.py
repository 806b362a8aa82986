"""Hears when something in the folders on show is made, renamed or deleted outside of the window."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

#: Each watched folder takes one of the system's watches, of which all programs together have some thousands.
MAX_WATCHED = 256
#: A build or a checkout makes many changes at once.
SETTLE_MS = 300


class FolderWatch(QObject):
    """Watches folders; several changes in a short time are told once.

    Signals:
        changed(list): Absolute paths of folders in which something has come or gone.
    """

    changed = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._on_watcher_directory_changed)
        self._heard: dict[str, None] = {}
        self._settle_timer = QTimer(self)
        self._settle_timer.setSingleShot(True)
        self._settle_timer.setInterval(SETTLE_MS)
        self._settle_timer.timeout.connect(self._on_settle_timer_timeout)

    @property
    def watched(self) -> set[str]:
        """The folders that are watched."""
        return set(self._watcher.directories())

    def watch(self, folders: Iterable[str]) -> None:
        """Watch these folders, and no other; of too many, the first."""
        wanted = dict.fromkeys(list(folders)[:MAX_WATCHED])
        watched = self.watched
        gone = [folder for folder in watched if folder not in wanted]
        if gone:
            self._watcher.removePaths(gone)
        new = [folder for folder in wanted if folder not in watched and Path(folder).is_dir()]
        if new:
            self._watcher.addPaths(new)

    def stop(self) -> None:
        """Watch nothing."""
        self._settle_timer.stop()
        self._heard.clear()
        self.watch(())

    def _on_watcher_directory_changed(self, folder: str) -> None:
        self._heard[folder] = None
        if not self._settle_timer.isActive():
            self._settle_timer.start()

    def _on_settle_timer_timeout(self) -> None:
        heard, self._heard = self._heard, {}
        self.changed.emit(list(heard))
