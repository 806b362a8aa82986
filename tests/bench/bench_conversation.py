"""Whether the window keeps up: opening a long conversation, and streaming into one."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.conversations.parts import TextPart
from app.conversations.store import ConversationStore
from app.paths import Paths, find_paths
from tests.bench.measurement import Measurement, percentile
from tests.bench.texts import question, reply
from ui.application import SawhorseWindow
from ui.chat.turn_widget import TurnWidget

LONG_MESSAGES = 5000
STREAM_MESSAGES = 2000
STREAM_SECONDS = 15.0
HEARTBEAT_MS = 1
TIMEOUT_SECONDS = 60.0


def run() -> Iterator[Measurement]:
    """Measure with the whole window, off screen, and the scripted engine in a child process."""
    application = cast("QApplication", QApplication.instance() or QApplication(sys.argv[:1]))
    with TemporaryDirectory(prefix="sawhorse-bench-") as folder:
        paths = find_paths({"SAWHORSE_HOME": folder})
        long, streamed = fill(paths.database, LONG_MESSAGES), fill(paths.database, STREAM_MESSAGES)
        sawhorse = open_window(application, paths)
        try:
            yield from measure_opening(application, sawhorse, long)
            yield from measure_streaming(application, sawhorse, streamed)
        finally:
            sawhorse.close()
            sawhorse.window.close()


def fill(database: Path, messages: int) -> int:
    """Store a conversation of so many messages; return its id."""
    store = ConversationStore(database)
    conversation = store.create(f"{messages:,} messages")
    parent = None
    for number in range(messages // 2):
        asked = store.add_turn(conversation.id, parent, "user", [TextPart(text=question(number))], "complete")
        answer = [TextPart(text=reply(number))]
        parent = store.add_turn(conversation.id, asked.id, "assistant", answer, "complete", model="echo").id
    store.close()
    return conversation.id


def open_window(application: QApplication, paths: Paths) -> SawhorseWindow:
    """Show the window with the echo in the engine's place, and wait until it is loaded."""
    sawhorse = SawhorseWindow(paths)
    sawhorse.engine._command = [sys.executable, "-m", "tests.bench.echo_child"]
    sawhorse.start("starter", new=True)
    wait(application, lambda: sawhorse.engine.state == "ready")
    return sawhorse


def measure_opening(application: QApplication, sawhorse: SawhorseWindow, conversation: int) -> Iterator[Measurement]:
    """From the choice of a conversation until its last turns are painted: the first time and again."""
    times = []
    for _ in range(4):
        sawhorse.chat.show(None)
        settle(application)
        paints = Paints(application)
        begun = time.perf_counter()
        sawhorse.chat.show(conversation)
        wait(application, lambda paints=paints: paints.count > 0)  # type: ignore[misc]  # bound on purpose
        times.append((time.perf_counter() - begun) * 1000)
        paints.stop()
        settle(application)
    yield Measurement(
        f"open {LONG_MESSAGES:,} messages, the first time", times[0], "ms", 300, note="to the first screen"
    )
    yield Measurement(f"open {LONG_MESSAGES:,} messages again", max(times[1:]), "ms", 300, note="slowest of 3")


def measure_streaming(application: QApplication, sawhorse: SawhorseWindow, conversation: int) -> Iterator[Measurement]:
    """Gaps of the event loop while a reply streams in at 250 tokens/s."""
    sawhorse.chat.show(conversation)
    settle(application)
    heart = Heartbeat()
    sawhorse.composer.send_requested.emit("And now at length, please.")
    wait(application, lambda: bool(sawhorse.replier.turn and sawhorse.replier.turn.text))
    sending = max(heart.gaps_ms)
    heart.gaps_ms.clear()
    until = time.perf_counter() + STREAM_SECONDS
    wait(application, lambda: time.perf_counter() > until)
    heart.stop()
    turn = sawhorse.replier.turn
    assert turn is not None
    words = len(turn.text.split())
    sawhorse.session.stop()
    wait(application, lambda: sawhorse.replier.turn is None)
    note = f"{words:,} words in {STREAM_SECONDS:.0f} s, {STREAM_MESSAGES:,} messages"
    yield Measurement("event loop gap while streaming, p99", percentile(heart.gaps_ms, 99), "ms", 16, note=note)
    yield Measurement("event loop gap while streaming, longest", max(heart.gaps_ms), "ms", 50)
    yield Measurement("event loop gap while sending, longest", sending, "ms")


class Heartbeat:
    """A timer that wants to fire every millisecond; what it cannot is a gap."""

    def __init__(self) -> None:
        self.gaps_ms: list[float] = []
        self._beat = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(HEARTBEAT_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._timer.start()

    def stop(self) -> None:
        """Stop beating."""
        self._timer.stop()

    def _on_timer_timeout(self) -> None:
        now = time.perf_counter()
        self.gaps_ms.append((now - self._beat) * 1000)
        self._beat = now


class Paints(QObject):
    """Counts how often a turn was painted."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self.count = 0
        self._application = application
        application.installEventFilter(self)

    def stop(self) -> None:
        """Count no more."""
        self._application.removeEventFilter(self)
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See every event go by."""
        if event.type() == QEvent.Type.Paint and isinstance(watched, TurnWidget):
            self.count += 1
        return False


def wait(application: QApplication, is_done: Callable[[], bool]) -> None:
    """Run the event loop until something is so."""
    loop, deadline = QEventLoop(application), time.perf_counter() + TIMEOUT_SECONDS
    timer = QTimer(loop)
    timer.setInterval(1)
    timer.timeout.connect(lambda: loop.quit() if is_done() or time.perf_counter() > deadline else None)
    timer.start()
    loop.exec()
    timer.stop()
    loop.deleteLater()
    assert time.perf_counter() < deadline, "the window did not get there"


def settle(application: QApplication) -> None:
    """Let what is under way come to rest."""
    until = time.perf_counter() + 0.5
    wait(application, lambda: time.perf_counter() > until)
