"""Fixtures that hold for every test: a home of its own, no network, nothing left behind.

A process, thread, window, timer or file that outlives its test is a leak in the product or a trap for the
next test; either way the test that made it is the one that fails.
"""

from __future__ import annotations

import contextlib
import gc
import ipaddress
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

GRACE_SECONDS = 3.0
#: Folders that tools, not tests, make where they are started.
TOOL_FOLDERS = frozenset({"__pycache__"})


@pytest.fixture(autouse=True)
def own_home(
    nothing_left_behind: None, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Keep settings, conversations and logs of each test in a folder of its own."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("SAWHORSE_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def no_network(nothing_left_behind: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to other machines: tests pass with the cable pulled, and nothing is sent unasked."""
    connect = socket.socket.connect

    def connect_nearby(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
            raise OSError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_nearby)


def _is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a process, thread, window, running timer or file in the working folder."""
    before = {look: look() for look in LOOKS}
    yield
    left = [found for look in LOOKS for found in _left(look, before[look])]
    assert not left, "left behind: " + "; ".join(left)


def _left(look: Callable[[], dict[Any, str]], before: dict[Any, str]) -> list[str]:
    """Return what is there that was not before, once what was about to end had the time to."""
    deadline = time.monotonic() + GRACE_SECONDS
    while new := {key: text for key, text in look().items() if key not in before}:
        if time.monotonic() > deadline:
            return list(new.values())
        gc.collect()
        time.sleep(0.02)
    return []


def _processes() -> dict[Any, str]:
    found = {}
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            command = " ".join(child.cmdline())
            if child.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in command:
                found[child] = f"process {child.pid} ({command})"
    return found


def _threads() -> dict[Any, str]:
    threads = (thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread))
    return {thread: f"thread {thread.name}" for thread in threads}


def _windows() -> dict[Any, str]:
    """List top-level widgets; Qt keeps one hidden label for tool tips, and a menu or popup dies with its parent."""
    if (qt := _qt()) is None:
        return {}
    core, widgets, shiboken = qt
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    found = [widget for widget in widgets.QApplication.topLevelWidgets() if shiboken.isValid(widget)]
    return {
        shiboken.getCppPointer(widget)[0]: f"window {widget.metaObject().className()} {widget.objectName()!r}"
        for widget in found
        if widget.parent() is None and widget.metaObject().className() != "QTipLabel"
    }


def _timers() -> dict[Any, str]:
    """List running timers that Python knows of."""
    if (qt := _qt()) is None:
        return {}
    core, _, shiboken = qt
    timers = [thing for thing in gc.get_objects() if type(thing) is core.QTimer and shiboken.isValid(thing)]
    return {
        shiboken.getCppPointer(timer)[0]: f"timer of {timer.parent()} every {timer.interval()} ms"
        for timer in timers
        if timer.isActive()
    }


def _files() -> dict[Any, str]:
    entries = (path for path in Path.cwd().iterdir() if path.name not in TOOL_FOLDERS and not path.name.startswith("."))
    return {path: f"file {path}" for path in entries}


LOOKS = (_processes, _threads, _windows, _timers, _files)


def _qt() -> tuple[Any, Any, Any] | None:
    """Return Qt's modules where a test has started a QApplication."""
    core, widgets, shiboken = (sys.modules.get(name) for name in ("PySide6.QtCore", "PySide6.QtWidgets", "shiboken6"))
    if core is None or widgets is None or shiboken is None or core.QCoreApplication.instance() is None:
        return None
    return core, widgets, shiboken
