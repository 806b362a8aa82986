"""The review of a run: files are written as the person wants them, and undoing the run still takes all of it back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import AppError
from app.files.hunks import apply_hunks, find_hunks
from app.tools import write_file
from app.tools.checkpoints import Checkpoints, CheckpointStore
from app.tools.review import ChangedSinceError
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


def write(bench: Bench, checkpoints: Checkpoints, path: str, content: str) -> str:
    bench.recorder = checkpoints.recorder(RUN)
    return bench.run(write_file.run, path=path, content=content).step


def command(checkpoints: Checkpoints, act) -> str:
    recorder = checkpoints.recorder(RUN)
    assert recorder.before_command() == ""
    act()
    return recorder.finish()[0]


def only(checkpoints: Checkpoints):
    (file,) = checkpoints.files(RUN)
    return file


def reject(checkpoints: Checkpoints, path: str, wanted="before"):
    file = next(file for file in checkpoints.files(RUN) if file.path == path)
    return checkpoints.review(RUN, path, file.now, wanted)


def test_files_are_listed_with_what_they_are_now_and_how_many_lines_changed(
    bench: Bench, checkpoints: Checkpoints
) -> None:
    bench.put({"a": "1\n2\n", "b": b"\0", "old": "x\n"})
    write(bench, checkpoints, "a", "1\ntwo\nthree\n")
    command(checkpoints, lambda: (bench.put({"b": b"\0\1"}), (bench.root / "old").unlink()))
    write(bench, checkpoints, "a", "1\ntwo\nthree\nfour\n")
    found = [(file.path, file.state, file.is_text, file.added, file.removed) for file in checkpoints.files(RUN)]
    assert found == [("a", "after", True, 3, 1), ("b", "after", False, -1, -1), ("old", "after", True, 0, 1)]


def test_part_of_a_file_is_taken_back_and_put_again(bench: Bench, checkpoints: Checkpoints) -> None:
    bench.put({"a": "1\nkept\n2\n"})
    write(bench, checkpoints, "a", "one\nkept\ntwo\n")
    assert reject(checkpoints, "a", b"1\nkept\ntwo\n").state == "other"
    assert bench.bytes("a") == b"1\nkept\ntwo\n"
    assert reject(checkpoints, "a", "after").state == "after"
    assert bench.bytes("a") == b"one\nkept\ntwo\n"


def test_undoing_the_run_takes_back_what_was_rejected_in_part(bench: Bench, checkpoints: Checkpoints) -> None:
    bench.put({"a": "1\nkept\n2\n"})
    before = tree_hash(bench.root)
    write(bench, checkpoints, "a", "one\nkept\ntwo\n")
    reject(checkpoints, "a", b"1\nkept\ntwo\n")
    reviewed = tree_hash(bench.root)
    outcome = checkpoints.undo(RUN)
    assert (outcome.restored, outcome.conflicts) == (("a",), ())
    assert tree_hash(bench.root) == before
    checkpoints.undo(outcome.redo_key)
    assert tree_hash(bench.root) == reviewed


def test_a_rejected_file_does_not_come_back_when_its_step_and_then_the_run_are_undone(
    bench: Bench, checkpoints: Checkpoints
) -> None:
    bench.put({"a": "1"})
    step = write(bench, checkpoints, "a", "2")
    reject(checkpoints, "a")
    assert checkpoints.undo(RUN, (step,)).conflicts == ()
    checkpoints.undo(RUN)
    assert bench.bytes("a") == b"1"
    assert checkpoints.files(RUN) == ()


def test_a_step_is_undone_together_with_what_the_review_made_of_it(bench: Bench, checkpoints: Checkpoints) -> None:
    bench.put({"a": "1\n1\n"})
    write(bench, checkpoints, "a", "2\n1\n")
    last = write(bench, checkpoints, "a", "2\n3\n")
    reject(checkpoints, "a", b"1\n3\n")
    assert checkpoints.undo(RUN, (last,)).restored == ("a",)
    assert bench.bytes("a") == b"2\n1\n"


def test_a_review_step_can_be_undone_by_itself(bench: Bench, checkpoints: Checkpoints) -> None:
    bench.put({"a": "1"})
    write(bench, checkpoints, "a", "2")
    reject(checkpoints, "a")
    steps = [change.step for change in checkpoints.changes(RUN) if change.is_review]
    checkpoints.undo(RUN, tuple(steps))
    assert bench.bytes("a") == b"2"
    assert only(checkpoints).state == "after"


def test_added_deleted_binary_and_linked_files_are_rejected_whole(bench: Bench, checkpoints: Checkpoints) -> None:
    bench.put({"gone/deep": "x", "binary": b"\0\1"})
    (bench.root / "binary").chmod(0o755)
    before = tree_hash(bench.root)

    def act() -> None:
        (bench.root / "gone/deep").unlink()
        (bench.root / "gone").rmdir()
        (bench.root / "binary").write_bytes(b"\0\2")
        (bench.root / "binary").chmod(0o600)
        (bench.root / "link").symlink_to("/etc")
        bench.put({"new": "n"})

    command(checkpoints, act)
    for file in checkpoints.files(RUN):
        assert checkpoints.review(RUN, file.path, file.now, "before").state == "before"
    assert tree_hash(bench.root) == before
    assert checkpoints.undo(RUN).conflicts == ()
    assert tree_hash(bench.root) == before


def test_what_somebody_changed_since_is_never_overwritten(bench: Bench, checkpoints: Checkpoints) -> None:
    bench.put({"a": "1"})
    write(bench, checkpoints, "a", "2")
    seen = only(checkpoints)
    bench.put({"a": "theirs"})
    with pytest.raises(ChangedSinceError):
        checkpoints.review(RUN, "a", seen.now, "before")
    assert bench.bytes("a") == b"theirs"
    now = only(checkpoints)
    assert now.state == "other"
    assert checkpoints.contents(now.now or "") == b"theirs"


def test_only_files_of_the_run_are_written(bench: Bench, checkpoints: Checkpoints) -> None:
    bench.put({"a": "1", "b": "1"})
    write(bench, checkpoints, "a", "2")
    for path in ("b", "../b", "/etc/passwd"):
        with pytest.raises(AppError, match="no part of the run"):
            checkpoints.review(RUN, path, None, b"mine")


def test_a_folder_that_became_a_link_leads_nowhere(bench: Bench, checkpoints: Checkpoints, tmp_path: Path) -> None:
    write(bench, checkpoints, "d/a", "1")
    outside = tmp_path / "outside"
    outside.mkdir()
    (bench.root / "d").rename(bench.root / "moved")
    (bench.root / "d").symlink_to(outside)
    with pytest.raises(AppError):
        checkpoints.review(RUN, "d/a", only(checkpoints).now, b"mine")
    assert list(outside.iterdir()) == []


NAMES = ["a", "b.py", "ü", "d/a", "d/e/b", "new/x"]


def _text(rng: random.Random) -> str:
    lines = [rng.choice(["x", "y", "", "}", f"line {rng.randrange(9)}"]) for _ in range(rng.randrange(8))]
    return rng.choice(["\n", "\r\n"]).join(lines)


def _step(rng: random.Random, bench: Bench, checkpoints: Checkpoints) -> None:
    name = rng.choice(NAMES)
    path = bench.root / name
    if rng.random() < 0.6:
        write(bench, checkpoints, name, _text(rng))
    elif path.exists():
        command(checkpoints, rng.choice([path.unlink, lambda: path.write_bytes(b"\0" + rng.randbytes(3))]))


def _review(rng: random.Random, bench: Bench, checkpoints: Checkpoints) -> None:
    """Reject something at random, and see that exactly that is on disk."""
    files = checkpoints.files(RUN)
    if not files:
        return
    file = rng.choice(files)
    place = bench.root / file.path
    sides = [None if name is None else checkpoints.contents(name) for name in (file.before, file.after)]
    if not file.is_text or None in sides or rng.random() < 0.4:
        side = rng.randrange(2)
        checkpoints.review(RUN, file.path, file.now, ("before", "after")[side])
        assert (place.read_bytes() if place.exists() else None) == sides[side]
        return
    before, after = (str(side, "utf-8") for side in sides if side is not None)
    hunks = find_hunks(before, after)
    wanted = apply_hunks(before, hunks, [number for number in range(len(hunks)) if rng.random() < 0.5]).encode()
    checkpoints.review(RUN, file.path, file.now, wanted)
    assert place.read_bytes() == wanted


@pytest.mark.parametrize("seed", range(40))
def test_any_run_reviewed_in_any_way_is_undone_byte_for_byte(bench: Bench, checkpoints: Checkpoints, seed: int) -> None:
    rng = random.Random(seed)
    bench.put({name: _text(rng) for name in rng.sample(NAMES, 4)})
    before = tree_hash(bench.root)
    for _ in range(rng.randint(2, 12)):
        rng.choice([_step, _review])(rng, bench, checkpoints)
    reviewed = tree_hash(bench.root)
    outcome = checkpoints.undo(RUN)
    assert outcome.conflicts == ()
    assert tree_hash(bench.root) == before
    if outcome.redo_key:
        assert checkpoints.undo(outcome.redo_key).conflicts == ()
    assert tree_hash(bench.root) == reviewed
