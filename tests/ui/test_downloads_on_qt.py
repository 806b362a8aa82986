"""The download queue on Qt's event loop, as the window runs it."""

from __future__ import annotations

import psutil
import pytest
from PySide6.QtCore import QTimer

from app.download.outcomes import RESTING
from app.download.queue import DownloadQueue
from app.ipc.launch import clean_environment
from tests.download.harness import CHUNK, TUNING, content, publish, shards
from tests.hub.server import Hub
from ui.process_transport import QtProcessTransport

TIMEOUT_MS = 20_000


@pytest.fixture
def hub(nothing_left_behind):
    with Hub() as server:
        yield server


@pytest.fixture
def states():
    """The states that downloads went through."""
    return []


@pytest.fixture
def queue(qapp, tmp_path, states):
    def note():
        states.extend(download.state for download in queue.downloads)

    transport = QtProcessTransport(clean_environment())
    queue = DownloadQueue(transport, tmp_path / "downloads.json", note, tuning=TUNING)
    ticks = QTimer()
    ticks.timeout.connect(queue.tick)
    ticks.start(20)
    yield queue
    ticks.stop()
    queue.close()
    transport.close()


def test_a_download_goes_on_after_its_process_was_killed(hub, queue, states, qtbot, tmp_path):
    files = shards(40 * CHUNK, 2)
    variant = publish(hub, files)
    hub.rate = 400_000
    number = queue.add(variant, tmp_path / "models").id
    qtbot.waitUntil(lambda: queue.get(number).done_bytes > 0, timeout=TIMEOUT_MS)
    psutil.Process(queue.pid).kill()
    qtbot.waitUntil(lambda: "waiting" in states, timeout=TIMEOUT_MS)
    hub.rate = 0
    qtbot.waitUntil(lambda: queue.get(number).state in RESTING, timeout=TIMEOUT_MS)
    assert queue.get(number).state == "done"
    assert content(tmp_path / "models", variant) == files


def test_a_process_that_cannot_be_started_is_a_failure_in_words(hub, queue, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("app.download.process.child_command", lambda _: ["/nonexistent/python"])
    number = queue.add(publish(hub, shards(CHUNK)), tmp_path / "models").id
    qtbot.waitUntil(lambda: queue.get(number).state in RESTING, timeout=TIMEOUT_MS)
    assert queue.get(number).state == "failed"
    assert "could not be started" in queue.get(number).problem
