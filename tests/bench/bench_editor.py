"""Whether the editor keeps up: opening a file of 100,000 lines, and typing in it."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.files.service import FileService
from app.ipc.launch import clean_environment
from tests.bench.bench_conversation import Heartbeat, settle, wait
from tests.bench.measurement import Measurement, percentile
from tests.ui.editor_desk import Desk
from ui.control.drain import drain
from ui.editor.code_editor import CodeEditor
from ui.process_transport import QtProcessTransport
from ui.theme import Theme

LINES = 100_000
KEY_INTERVAL_SECONDS = 0.05
WORDS = "for name in names:\nprint(f'{name!r}')  # a word\nreturn [x for x in (1, 2)]\n"


def run() -> Iterator[Measurement]:
    """Measure in a tab, off screen, on a module of the standard library many times over."""
    application = cast("QApplication", QApplication.instance() or QApplication(sys.argv[:1]))
    module = Path(os.__file__).read_text("utf-8")
    text = "\n".join((module * (LINES // module.count("\n") + 1)).split("\n")[:LINES])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "long.py").write_text(text, "utf-8")
        transport = QtProcessTransport(clean_environment())
        service = FileService(transport, str(folder / "unsaved"))
        desk = Desk(Theme("light"), folder, folder / "settings.json", service)
        desk.window.resize(900, 1000)
        desk.open("other.py", "x = 1\n")
        wait(application, lambda: not service.is_busy)
        settle(application)
        try:
            yield from measure_opening(application, desk, folder / "long.py", len(text))
            for line in (LINES - 5, LINES // 2, 5):
                yield from measure_typing(application, desk.page.editor, line)
        finally:
            desk.end()
            drain(lambda: service.is_busy)
            service.close()
            transport.close()


def measure_opening(application: QApplication, desk: Desk, path: Path, length: int) -> Iterator[Measurement]:
    """From the file on disk to its first painting and until all of it is there."""
    heart = Heartbeat()
    begun = time.perf_counter()
    desk.control.open_file(str(path))
    editor = desk.page.editor
    paints = Paints(editor)
    wait(application, lambda: paints.count > 0)
    first = (time.perf_counter() - begun) * 1000
    wait(application, lambda: editor.blockCount() >= LINES and not editor.is_loading)
    whole = (time.perf_counter() - begun) * 1000
    heart.stop()
    note = f"{length:,} characters"
    yield Measurement(f"open {LINES:,} lines, to the first screen", first, "ms", 100, note=note)
    yield Measurement(f"open {LINES:,} lines, until all can be changed", whole, "ms", 500)
    yield Measurement("event loop gap while opening, longest", max(heart.gaps_ms), "ms", 50)


def measure_typing(application: QApplication, editor: CodeEditor, line: int) -> Iterator[Measurement]:
    """Gaps of the event loop while text is typed, twenty keys a second."""
    editor.go_to(line)
    settle(application)
    heart, keys = Heartbeat(), []
    for character in WORDS * 3:
        begun = time.perf_counter()
        if character == "\n":
            QTest.keyClick(editor, Qt.Key.Key_Return)
        else:
            QTest.keyClicks(editor, character)
        keys.append((time.perf_counter() - begun) * 1000)
        wait(application, lambda until=begun + KEY_INTERVAL_SECONDS: time.perf_counter() > until)  # type: ignore[misc]
    heart.stop()
    note = f"{len(keys)} keys at line {line:,}"
    yield Measurement("event loop gap while typing, p99", percentile(heart.gaps_ms, 99), "ms", 16, note=note)
    yield Measurement("event loop gap while typing, longest", max(heart.gaps_ms), "ms", 50)
    yield Measurement("one key, p99", percentile(keys, 99), "ms", 16)


class Paints(QObject):
    """Counts how often an editor painted a text, of more than one line."""

    def __init__(self, editor: CodeEditor) -> None:
        super().__init__(editor)
        self.count = 0
        self._editor = editor
        editor.viewport().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """See its events go by."""
        if event.type() == QEvent.Type.Paint and self._editor.blockCount() > 1:
            self.count += 1
        return False
