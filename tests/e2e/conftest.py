"""The whole program as a fixture."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from app.paths import find_paths
from ui.application import SawhorseWindow

LOAD_TIMEOUT_MS = 60_000


@pytest.fixture
def open_window(qtbot, own_home):
    """Open the program on this test's home, as often as a test asks; each is closed at the end."""
    opened = []

    def open_one(model="starter", *, new=False):
        sawhorse = SawhorseWindow(find_paths())
        opened.append(sawhorse)
        sawhorse.start(model, new=new)
        qtbot.waitUntil(lambda: sawhorse.engine.model is not None, timeout=LOAD_TIMEOUT_MS)
        return sawhorse

    yield open_one
    for sawhorse in opened:
        close(sawhorse)


def close(sawhorse):
    """Close the window as its button does, and have Qt free it; nothing if that was done already."""
    if not isValid(sawhorse):
        return
    sawhorse.window.close()
    sawhorse.close()
    sawhorse.window.deleteLater()
    sawhorse.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
