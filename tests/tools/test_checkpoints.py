"""Checkpoints: whatever a run did to a folder can be taken back, step by step or whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.tools import edit_file, snapshot, write_file
from app.tools.checkpoints import Checkpoints, CheckpointStore
from app.tools.workspace import Workspace
from tests.tools.harness import Bench, tree_hash

RUN = "run-1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CheckpointStore]:
    store = CheckpointStore(tmp_path / "checkpoints")
    yield store
    store.close()


@pytest.fixture
def checkpoints(bench: Bench, store: CheckpointStore) -> Checkpoints:
    return store.of(bench.workspace)


def write(bench: Bench, checkpoints: Checkpoints, path: str, content: str, run_key: str = RUN) -> str:
    bench.recorder = checkpoints.recorder(run_key)
    return bench.run(write_file.run, path=path, content=content).step


def command(checkpoints: Checkpoints, act, run_key: str = RUN) -> tuple[str, tuple[str, ...]]:
    recorder = checkpoints.recorder(run_key)
    assert recorder.before_command() == ""
    act()
    return recorder.finish()


def test_undoing_a_run_takes_back_every_step(bench: Bench, checkpoints: Checkpoints) -> None:
    bench.put({"a": "1", "keep": "k"})
    before = tree_hash(bench.root)
    write(bench, checkpoints, "a", "2")
    write(bench, checkpoints, "new/deep/b", "b")
    bench.recorder = checkpoints.recorder(RUN)
    bench.run(edit_file.run, path="a", old_text="2", new_text="3")
    command(checkpoints, (bench.root / "keep").unlink)
    outcome = checkpoints.undo(RUN)
    assert outcome.restored == ("a", "keep", "new/deep/b")
    assert outcome.conflicts == ()
    assert tree_hash(bench.root) == before
    assert checkpoints.changes(RUN) == ()


def test_an_undo_can_itself_be_taken_back_and_done_again(bench: Bench, checkpoints: Checkpoints) -> None:
    bench.put({"a": "1"})
    write(bench, checkpoints, "a", "2")
    after = tree_hash(bench.root)
    redo = checkpoints.undo(RUN).redo_key
    assert bench.bytes("a") == b"1"
    checkpoints.undo(redo)
    assert tree_hash(bench.root) == after
    assert [change.path for change in checkpoints.changes(RUN)] == ["a"]
    checkpoints.undo(RUN)
    assert bench.bytes("a") == b"1"


def test_the_last_step_alone_can_be_taken_back(bench: Bench, checkpoints: Checkpoints) -> None:
    bench.put({"a": "1"})
    first = write(bench, checkpoints, "a", "2")
    second = write(bench, checkpoints, "a", "3")
    assert checkpoints.undo(RUN, (second,)).restored == ("a",)
    assert bench.bytes("a") == b"2"
    assert [change.step for change in checkpoints.changes(RUN)] == [first]


def test_a_step_in_the_middle_is_a_conflict_if_a_later_one_changed_the_same_file(
    bench: Bench, checkpoints: Checkpoints
) -> None:
    bench.put({"a": "1", "b": "1"})
    step, _ = command(checkpoints, lambda: bench.put({"a": "2", "b": "2"}))
    write(bench, checkpoints, "a", "3")
    outcome = checkpoints.undo(RUN, (step,))
    assert (outcome.restored, outcome.conflicts) == (("b",), ("a",))
    assert (bench.bytes("a"), bench.bytes("b")) == (b"3", b"1")
    assert checkpoints.undo(RUN).restored == ("a",)
    assert bench.bytes("a") == b"1"


def test_steps_around_one_that_stays_are_a_conflict(bench: Bench, checkpoints: Checkpoints) -> None:
    bench.put({"a": "1"})
    first = write(bench, checkpoints, "a", "2")
    write(bench, checkpoints, "a", "3")
    third = write(bench, checkpoints, "a", "4")
    assert checkpoints.undo(RUN, (first, third)).conflicts == ("a",)


def test_what_somebody_changed_since_stays_unless_forced_and_is_kept_then(
    bench: Bench, checkpoints: Checkpoints
) -> None:
    bench.put({"a": "1"})
    write(bench, checkpoints, "a", "2")
    bench.put({"a": "theirs"})
    assert checkpoints.undo(RUN).conflicts == ("a",)
    assert bench.bytes("a") == b"theirs"
    outcome = checkpoints.undo(RUN, force=True)
    assert bench.bytes("a") == b"1"
    checkpoints.undo(outcome.redo_key)
    assert bench.bytes("a") == b"theirs"


def test_a_new_folder_with_somebodys_file_in_it_stays(bench: Bench, checkpoints: Checkpoints) -> None:
    write(bench, checkpoints, "new/a", "1")
    bench.put({"new/theirs": "t"})
    outcome = checkpoints.undo(RUN)
    assert (outcome.restored, outcome.conflicts) == (("new/a",), ("new",))
    assert checkpoints.undo(RUN, force=True).conflicts == ()
    assert bench.bytes("new/theirs") == b"t"


def test_undo_writes_through_no_link(bench: Bench, checkpoints: Checkpoints, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a").write_text("precious")
    bench.put({"d/a": "1"})
    write(bench, checkpoints, "d/a", "2")
    (bench.root / "d/a").unlink()
    (bench.root / "d").rmdir()
    (bench.root / "d").symlink_to(outside)
    for force in (False, True):
        checkpoints.undo(RUN, force=force)
        assert (outside / "a").read_text() == "precious"
        assert sorted(path.name for path in outside.iterdir()) == ["a"]


def test_changes_name_contents_that_can_be_read(bench: Bench, checkpoints: Checkpoints) -> None:
    bench.put({"a": "old", "gone": "g", "pic": b"\x89PNG\0"})

    def act() -> None:
        bench.put({"a": "new", "added": "n", "pic": b"\x89PNG\0\0", "large": b"x" * 300_000})
        (bench.root / "gone").unlink()

    command(checkpoints, act)
    found = {change.path: change for change in checkpoints.changes(RUN)}
    assert sorted(found) == ["a", "added", "gone", "large", "pic"]
    assert checkpoints.contents(found["a"].before) == b"old"
    assert checkpoints.contents(found["a"].after) == b"new"
    assert checkpoints.contents(found["large"].after) == b"x" * 300_000
    assert (found["added"].before, found["gone"].after) == (None, None)
    assert [found[name].is_text for name in ("a", "pic")] == [True, False]
    assert checkpoints.contents("unknown") is None


def test_a_step_that_changes_nothing_is_none(bench: Bench, checkpoints: Checkpoints) -> None:
    bench.put({"a": "1"})
    assert command(checkpoints, lambda: bench.put({"a": "1"})) == ("", ())
    recorder = checkpoints.recorder(RUN)
    recorder.before_write("a")
    assert recorder.finish() == ("", ())
    assert recorder.finish() == ("", ())


def test_runs_and_folders_are_kept_apart(bench: Bench, store: CheckpointStore, tmp_path: Path) -> None:
    checkpoints = store.of(bench.workspace)
    bench.put({"a": "1"})
    write(bench, checkpoints, "a", "2", "one")
    write(bench, checkpoints, "b", "2", "two")
    (tmp_path / "other").mkdir()
    with Workspace(tmp_path / "other") as other:
        assert store.of(other).changes("one") == ()
    assert checkpoints.undo("two").restored == ("b",)
    assert bench.bytes("a") == b"2"


def test_permissions_come_back_also_of_folders_nobody_may_enter(bench: Bench, checkpoints: Checkpoints) -> None:
    bench.put({"d/a": "1", "x": "#!"})
    before = tree_hash(bench.root)

    def act() -> None:
        (bench.root / "d/b").write_text("2")
        (bench.root / "x").chmod(0o755)
        (bench.root / "d").chmod(0o500)

    command(checkpoints, act)
    checkpoints.undo(RUN)
    assert tree_hash(bench.root) == before


def test_a_file_rewritten_with_the_same_size_and_times_is_noticed(bench: Bench, checkpoints: Checkpoints) -> None:
    bench.put({"a": "1"})
    command(checkpoints, lambda: bench.put({"b": "x"}))
    status = (bench.root / "a").stat()

    def act() -> None:
        bench.put({"a": "2"})
        os.utime(bench.root / "a", ns=(status.st_atime_ns, status.st_mtime_ns))

    assert command(checkpoints, act)[1] == ("a",)


def test_a_folder_too_large_to_keep_says_so(bench: Bench, checkpoints: Checkpoints, monkeypatch) -> None:
    bench.put({"a": "1", "b": "2"})
    monkeypatch.setattr(snapshot, "MAX_FILES", 1)
    recorder = checkpoints.recorder(RUN)
    assert recorder.before_command() == (
        "The folder has more than 1 files. What a command changes in it cannot be taken back."
    )
    assert recorder.finish() == ("", ())


def test_a_file_too_large_to_keep_can_still_be_taken_away(bench: Bench, checkpoints: Checkpoints, monkeypatch) -> None:
    bench.put({"a": "1"})
    recorder = checkpoints.recorder(RUN)
    assert recorder.before_command() == ""
    monkeypatch.setattr(snapshot, "MAX_BYTES", 1000)
    bench.put({"big": b"x" * 2000})
    recorder.finish()
    (change,) = checkpoints.changes(RUN)
    assert checkpoints.contents(change.after) is None
    assert checkpoints.undo(RUN).restored == ("big",)
    assert not (bench.root / "big").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from app.tools.checkpoints import CheckpointStore
from app.tools.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]))
recorder = CheckpointStore(Path(sys.argv[2])).of(workspace).recorder("run-1")
if sys.argv[3] == "command":
    assert recorder.before_command() == ""
    os.unlink(workspace.root / "gone")
else:
    recorder.before_write("new/a")
    recorder.before_write("a")
    workspace.write_file("new/a", b"2")
workspace.write_file("a", b"2")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("kind", ["command", "files"])
def test_a_step_cut_off_by_kill_can_be_taken_back(bench: Bench, tmp_path: Path, kind: str) -> None:
    bench.put({"a": "1", "gone": "g"})
    before = tree_hash(bench.root)
    folder = tmp_path / "checkpoints"
    arguments = [sys.executable, "-c", KILLED, str(bench.root), str(folder), kind]
    assert subprocess.run(arguments, check=False).returncode == -9
    assert bench.bytes("a") == b"2"
    store = CheckpointStore(folder)
    checkpoints = store.of(bench.workspace)
    assert {change.path for change in checkpoints.changes(RUN)} == (
        {"a", "gone"} if kind == "command" else {"a", "new/a"}
    )
    checkpoints.undo(RUN)
    assert tree_hash(bench.root) == before
    store.close()
