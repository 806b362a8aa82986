"""The editor hears of every file that a tool, an undo or a review wrote, once for each step."""

from __future__ import annotations

from dataclasses import replace as with_fields

import pytest
from msgspec.structs import replace

from app.tools.views import DiffView, TerminalView
from tests.ui.agent_fakes import FakeStore, call, file_change, run
from ui.control.tool_edits import ToolEdits


class Desk:
    """Open files, and what was told of them."""

    def __init__(self):
        self.open_paths = ("/home/you/project/a.py",)
        self.told = []
        self.taken = []

    def tool_changed(self, path):
        self.told.append(path)

    def taken_back(self, path):
        self.taken.append(path)


@pytest.fixture
def desk():
    """One file is open."""
    return Desk()


@pytest.fixture
def store():
    """What the checkpoints hold."""
    return FakeStore()


@pytest.fixture
def edits(desk, store):
    """What is tested."""
    return ToolEdits(desk, store)


def made(step, view):
    """Return a call that changed files, with what was shown of it."""
    live = call(1, step=step)
    return with_fields(live, result=replace(live.result, view=view))


def test_a_file_that_a_tool_wrote_is_told_once(edits, desk):
    live = made("s1", DiffView(path="a.py", before="", after="x"))
    edits.take_step(run(), live)
    edits.take_step(run(), live)
    assert desk.told == ["/home/you/project/a.py"]


def test_a_command_tells_the_files_it_lists(edits, desk):
    edits.take_step(run(), made("s1", TerminalView(command="make", output="", changed_files=("a.py", "b/c.py"))))
    assert desk.told == ["/home/you/project/a.py", "/home/you/project/b/c.py"]


@pytest.mark.parametrize(
    "view", [None, TerminalView(command="make", output="", changed_files=("a.py",), changed_total=3)]
)
def test_what_a_step_changed_is_asked_for_where_it_is_not_told(edits, desk, store, view):
    store.kept = (file_change("a.py", "s1", "1", "2"), file_change("b.py", "s2", "1", "2"))
    edits.take_step(run(), made("s1", view))
    assert desk.told == ["/home/you/project/a.py"]


def test_nothing_is_asked_while_no_file_is_open(edits, desk, store):
    desk.open_paths = ()
    edits.take_step(run(), made("s1", None))
    assert (desk.told, store.listed) == ([], [])


def test_what_was_undone_or_reviewed_is_told(edits, desk):
    edits.take_paths(("/home/you/project/a.py",))
    assert desk.taken == ["/home/you/project/a.py"]
