"""Waits for the last answers of a process when the window is closed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer

LIMIT_MS = 5000
LOOK_MS = 5


def drain(is_busy: Callable[[], bool], limit_ms: int = LIMIT_MS) -> None:
    """Let answers come in until none is waited for, or for so long; what people do meanwhile waits."""
    if not is_busy():
        return
    loop = QEventLoop()
    look = QTimer(loop)
    look.timeout.connect(lambda: None if is_busy() else loop.quit())
    look.start(LOOK_MS)
    limit = QTimer(loop)
    limit.setSingleShot(True)
    limit.timeout.connect(loop.quit)
    limit.start(limit_ms)
    loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
    look.stop()
    limit.stop()
