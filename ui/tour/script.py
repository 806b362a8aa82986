"""Runs a list of steps on a living window, one after the other, on Qt's own event loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QDialog, QWidget

POLL_MS = 20
#: After a step's condition is met the window gets this long to paint what it led to.
SETTLE_MS = 150


@dataclass(frozen=True)
class Step:
    """One step: ``act`` begins it, ``until`` says when it has worked, then a picture is taken.

    Attributes:
        name: Short words; also the picture's file name.
        expect: What should be seen, for the report of a step that did not work.
        picture: Whether to keep a picture.
    """

    name: str
    expect: str
    act: Callable[[], None]
    until: Callable[[], bool]
    timeout_s: float = 30.0
    picture: bool = True


@dataclass(frozen=True)
class StepResult:
    """How a step went; ``problem`` is empty when it worked."""

    name: str
    seconds: float
    picture: Path | None
    problem: str = ""


class ScriptRunner(QObject):
    """Runs steps in order and stops at the first that does not work; ``finished(list)`` has the results."""

    finished = Signal(object)
    step_finished = Signal(object)

    def __init__(
        self, steps: Sequence[Step], window: Callable[[], QWidget], folder: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._steps = list(steps)
        self._window = window
        self._folder = folder
        self._results: list[StepResult] = []
        self._begun_at = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._on_timer_timeout)

    def start(self) -> None:
        """Begin with the first step."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._begin()

    def _begin(self) -> None:
        if len(self._results) == len(self._steps):
            self.finished.emit(self._results)
            return
        self._begun_at = time.monotonic()
        try:
            self._steps[len(self._results)].act()
        except Exception as error:  # noqa: BLE001 - a step that raises is a step that failed, and is reported
            self._end(f"{type(error).__name__}: {error}")
            return
        self._timer.start()

    def _on_timer_timeout(self) -> None:
        step = self._steps[len(self._results)]
        if step.until():
            self._timer.stop()
            QTimer.singleShot(SETTLE_MS, self, lambda: self._end(""))
        elif time.monotonic() - self._begun_at > step.timeout_s:
            self._timer.stop()
            self._end(f"not seen within {step.timeout_s:g} s: {step.expect}")

    def _end(self, problem: str) -> None:
        step = self._steps[len(self._results)]
        picture = self._take_picture(step) if step.picture or problem else None
        result = StepResult(step.name, time.monotonic() - self._begun_at, picture, problem)
        self._results.append(result)
        self.step_finished.emit(result)
        if problem:
            self.finished.emit(self._results)
        else:
            self._begin()

    def _take_picture(self, step: Step) -> Path:
        path = self._folder / f"{len(self._results) + 1:02d}-{step.name.lower().replace(' ', '-')}.png"
        _grab_with_dialogs(self._window()).save(str(path))
        return path


def _grab_with_dialogs(window: QWidget) -> QPixmap:
    """Return a picture of the window with its dialogs on it, as a screen would show them."""
    picture = window.grab()
    painter = QPainter(picture)
    for dialog in window.findChildren(QDialog):
        if dialog.isVisible() and dialog.isWindow():
            at = dialog.geometry()
            at.moveCenter(window.rect().center())  # off screen nobody places dialogs
            painter.fillRect(window.rect(), QColor(0, 0, 0, 60))
            painter.drawPixmap(at.topLeft(), dialog.grab())
    painter.end()
    return picture
