"""What can be done with whole runs: export, open, replay."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from app.agent.export import run_to_json
from app.agent.export_html import run_to_html
from app.conversations.parts import TextPart
from tests.ui.run_examples import demo_run
from ui.inspect.run_actions import NEED_RUN, RunActions, file_name_of
from ui.widgets.actions import ActionTable
from ui.widgets.notices import Notices

EXPORT = demo_run(5)


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(600, 400)
    return made


@pytest.fixture
def table(theme, window):
    return ActionTable(theme, window)


@pytest.fixture
def notices(theme, window):
    return Notices(theme, window)


class Runs:
    """The run on show, and those that were asked to be replayed."""

    def __init__(self):
        self.current = EXPORT
        self.replayed = []


@pytest.fixture
def runs():
    return Runs()


@pytest.fixture
def actions(table, window, notices, runs):
    return RunActions(table, window, notices, lambda: runs.current, runs.replayed.append)


def choose(window, path):
    """Choose a file in the dialog that is open."""
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(path))
    dialog.close()


def test_without_a_run_only_a_file_can_be_opened(actions, table, runs):
    assert all(table.is_enabled(action) for action in (*NEED_RUN, "run.open"))
    runs.current = None
    actions.refresh()
    assert [table.is_enabled(action) for action in (*NEED_RUN, "run.open")] == [False, False, False, True]


@pytest.mark.parametrize(("action", "to_bytes"), [("json", run_to_json), ("html", run_to_html)])
def test_a_run_is_exported_to_the_file_that_was_chosen(actions, table, window, tmp_path, action, to_bytes):
    path = tmp_path / f"run.{action}"
    table.run(f"run.export_{action}")
    choose(window, path)
    assert path.read_bytes() == to_bytes(EXPORT)


def test_a_file_that_cannot_be_written_is_told_of(actions, notices, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    actions.write(blocked / "run.json", EXPORT, run_to_json)
    assert [notice.title for notice in notices.notices()] == ["The run could not be exported"]


def test_the_run_on_show_is_replayed(actions, table, runs):
    table.run("run.replay")
    assert runs.replayed == [EXPORT]


def test_an_exported_run_is_opened_and_replayed(actions, table, window, runs, tmp_path):
    path = tmp_path / "run.json"
    path.write_bytes(run_to_json(EXPORT))
    table.run("run.open")
    choose(window, path)
    assert runs.replayed == [EXPORT]


@pytest.mark.parametrize("data", [b"{}", b"no json", json.dumps({"conversation": 1}).encode(), None])
def test_a_file_that_holds_no_run_is_told_of(actions, notices, runs, tmp_path, data):
    path = tmp_path / "run.json"
    if data is not None:
        path.write_bytes(data)
    actions.open(path)
    assert [notice.title for notice in notices.notices()] == ["This run file cannot be opened"]
    assert not runs.replayed


def test_a_files_name_comes_from_the_task_and_is_one_anywhere():
    assert file_name_of(EXPORT) == "Fix the failing test of count_words then tidy up"
    assert file_name_of(msgspec.structs.replace(EXPORT, turns=())) == "run"
    hostile = msgspec.structs.replace(EXPORT.turns[0], parts=(TextPart(text="../../etc/passwd\n" + "x" * 500),))
    name = file_name_of(msgspec.structs.replace(EXPORT, turns=(hostile,)))
    assert name == Path(name).name == "etcpasswd" + "x" * 51
