"""Opens the window as ``sawhorse`` does and tells when it could be used, and how much memory it takes."""

from __future__ import annotations

import json
import sys
import time

import psutil
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from app.paths import find_paths
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


def main() -> int:
    """Run until the model is loaded."""
    application = QApplication(sys.argv[:1])
    sawhorse = SawhorseWindow(find_paths())
    watch = Watch(application, sawhorse)
    sawhorse.start("starter", new=True)
    code = application.exec()
    sawhorse.close()
    watch.deleteLater()
    return code


if __name__ == "__main__":
    sys.exit(main())
