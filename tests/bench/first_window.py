"""Opens the window as ``sawhorse`` does and tells when it could be used, and how much memory it takes."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import psutil
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

import ui.entry
import ui.start
from app.paths import find_paths

if TYPE_CHECKING:
    from ui.application import SawhorseWindow

TIMEOUT_MS = 60_000
CHECK_MS = 20


class Watch(QObject):
    """Waits for the composer to be painted and to have the keyboard, then for the model, then ends the program."""

    def __init__(self, application: QApplication, sawhorse: SawhorseWindow) -> None:
        super().__init__(application)
        self._application = application
        self._sawhorse = sawhorse
        self._usable_at = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(CHECK_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        sawhorse.composer.edit.viewport().installEventFilter(self)
        QTimer.singleShot(TIMEOUT_MS, self, lambda: application.exit(1))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the composer painted for the first time; it is usable once everything before that is done."""
        if event.type() == QEvent.Type.Paint and not self._timer.isActive():
            self._timer.start()
            QTimer.singleShot(0, self, self._note_usable)
        return False

    def _note_usable(self) -> None:
        if self._sawhorse.composer.edit.isEnabled():
            self._usable_at = time.monotonic()

    def _on_timer_timeout(self) -> None:
        if self._usable_at and self._sawhorse.engine.model is not None:
            self._timer.stop()
            figures = {"usable_at": self._usable_at, "rss_bytes": psutil.Process().memory_info().rss}
            sys.stdout.write(json.dumps(figures) + "\n")
            self._application.exit(0)


def open_window(model: str, *, new: bool) -> int:
    """Do what ``ui.start.open_window`` does, with the watch beside it."""
    paths = find_paths()
    ui.start.start_logging(paths)
    application = ui.start.make_application()
    from ui.application import SawhorseWindow

    sawhorse = SawhorseWindow(paths)
    watch = Watch(application, sawhorse)
    sawhorse.start(model, new=new)
    code = application.exec()
    sawhorse.close()
    watch.deleteLater()
    return code


if __name__ == "__main__":
    ui.start.open_window = open_window
    sys.argv[1:] = ["--model", "starter", "--new"]
    sys.exit(ui.entry.main())
