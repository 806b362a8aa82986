"""What checkpoints take on the disk stays bounded, and nothing that is still needed goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.tools import write_file
from app.tools.checkpoints import CheckpointStore
from app.tools.purge import KEPT_DAYS, purge
from tests.tools.harness import Bench

DAY_S = 24 * 3600
#: Later than any step made while the tests run.
SOON = 4_102_444_800


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CheckpointStore]:
    store = CheckpointStore(tmp_path / "checkpoints")
    yield store
    store.close()


def write(bench: Bench, store: CheckpointStore, path: str, content: str, made_at: int) -> None:
    bench.recorder = store.of(bench.workspace).recorder("run")
    step = bench.run(write_file.run, path=path, content=content).step
    store._index.db.execute("UPDATE steps SET made_at = ? WHERE id = ?", (made_at, int(step)))


def test_what_is_old_goes_and_what_is_new_stays(bench: Bench, store: CheckpointStore) -> None:
    old, new = "old " * 50_000, "new " * 50_000  # large enough to be files of their own
    write(bench, store, "a", old, SOON - (KEPT_DAYS + 1) * DAY_S)
    write(bench, store, "b", new, SOON - DAY_S)
    changes = store.of(bench.workspace).changes("run")
    purge(store._index, store._contents, SOON)
    checkpoints = store.of(bench.workspace)
    assert [change.path for change in checkpoints.changes("run")] == ["b"]
    assert checkpoints.contents(changes[0].after) is None
    assert checkpoints.contents(changes[1].after) == new.encode()
    assert len(list(store._contents.folder.iterdir())) == 1
    assert checkpoints.undo("run").restored == ("b",)


def test_too_much_goes_from_the_oldest_on(bench: Bench, store: CheckpointStore) -> None:
    for number in range(20):
        write(bench, store, "a", str(number) * 1000, SOON)
    purge(store._index, store._contents, SOON, max_bytes=10_000)
    steps = [change.step for change in store.of(bench.workspace).changes("run")]
    assert steps
    assert steps[-1] == "20"
    assert "1" not in steps
    assert store._contents.size() <= 10_000


def test_what_a_dead_process_left_half_written_goes(bench: Bench, store: CheckpointStore) -> None:
    (store._contents.folder / "new-0123").write_bytes(b"half")
    purge(store._index, store._contents, SOON)
    assert list(store._contents.folder.iterdir()) == []


def test_a_command_after_everything_was_cleared_away_can_be_taken_back(bench: Bench, store: CheckpointStore) -> None:
    bench.put({"a": "1"})
    recorder = store.of(bench.workspace).recorder("run")
    assert recorder.before_command() == ""
    recorder.finish()
    purge(store._index, store._contents, SOON, max_bytes=0)
    recorder = store.of(bench.workspace).recorder("run")
    assert recorder.before_command() == ""
    (bench.root / "a").unlink()
    recorder.finish()
    assert store.of(bench.workspace).undo("run").restored == ("a",)
    assert bench.bytes("a") == b"1"
