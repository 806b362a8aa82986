"""The whole program as a fixture."""

from __future__ import annotations

import functools
import sys

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

import ui.application
from app.engine.process import EngineProcess
from app.paths import find_paths
from tests.e2e.editor_person import Writer
from tests.e2e.tool_person import Person
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


@pytest.fixture
def workspace(tmp_path):
    """A small project to work in."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "README.md").write_text("# Counter\n\nCounts words.\n", "utf-8")
    (folder / "count.py").write_text("def count(text):\n    return len(text.split(' '))\n", "utf-8")
    return folder


@pytest.fixture
def open_person(open_window, qtbot, tmp_path, monkeypatch):
    """Open the program with an engine that says what it is told to, and a person in front of it."""
    replies = tmp_path / "replies"
    replies.mkdir()
    command = [sys.executable, "-m", "tests.e2e.scripted_child", str(replies)]
    monkeypatch.setattr(ui.application, "EngineProcess", functools.partial(EngineProcess, command=command))
    return lambda **how: Person(open_window(**how), qtbot, replies)


@pytest.fixture
def person(open_person, workspace):
    """A person with a folder chosen."""
    made = open_person(new=True)
    made.choose(workspace)
    return made


@pytest.fixture
def writer(open_person, workspace):
    """A person with a folder open in the file tree."""
    made = Writer(open_person(new=True))
    made.files.show_folder(str(workspace))
    return made


def close(sawhorse):
    """Close the window as its button does, and have Qt free it; nothing if that was done already."""
    if not isValid(sawhorse):
        return
    sawhorse.window.close()
    sawhorse.close()
    sawhorse.window.deleteLater()
    sawhorse.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
