"""Undo, whatever was done: random runs are taken back byte for byte."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from app.tools import write_file
from app.tools.checkpoints import CheckpointStore
from app.tools.context import ToolError
from tests.tools.harness import Bench, tree_hash

NAMES = ["a", "b.py", "ü", "日本", "with space", "new\nline", "\udcff\udc80", "-rf", "d", "e", ".hidden", "*"]


def _paths(root: Path) -> list[Path]:
    return sorted(root.rglob("*"))


def _any(rng: random.Random, root: Path) -> Path:
    return rng.choice(_paths(root) or [root / "a"])


def _place(rng: random.Random, root: Path) -> Path:
    folders = [root, *(path for path in _paths(root) if path.is_dir() and not path.is_symlink())]
    return rng.choice(folders) / rng.choice(NAMES)


def _write(rng: random.Random, root: Path) -> None:
    size = rng.choice([0, 1, 50, 5000, 200_000])
    data, path = rng.randbytes(size), _place(rng, root)
    if path.is_file() or not path.exists():  # a FIFO would wait for a reader
        path.write_bytes(data)


def _delete(rng: random.Random, root: Path) -> None:
    path = _any(rng, root)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _rename(rng: random.Random, root: Path) -> None:
    _any(rng, root).rename(_place(rng, root))


def _make_folder(rng: random.Random, root: Path) -> None:
    _place(rng, root).mkdir()


def _link(rng: random.Random, root: Path) -> None:
    _place(rng, root).symlink_to(rng.choice(["a", "..", "/etc", "missing", ".", "d/../b.py"]))


def _chmod(rng: random.Random, root: Path) -> None:
    path = _any(rng, root)
    if not path.is_symlink():
        path.chmod(rng.choice([0o600, 0o644, 0o755, 0o700, 0o711]))


def _fifo(rng: random.Random, root: Path) -> None:
    os.mkfifo(_place(rng, root))


ACTS: list[Callable[[random.Random, Path], None]] = [
    _write, _write, _write, _delete, _rename, _rename, _make_folder, _link, _chmod, _fifo,
]  # fmt: skip


def _act(rng: random.Random, root: Path, count: int, acts: list[Callable[[random.Random, Path], None]]) -> None:
    for _ in range(count):
        with suppress(OSError):  # what cannot be done, such as a file in the place of a folder, is left out
            rng.choice(acts)(rng, root)


@pytest.mark.parametrize("seed", range(60))
def test_a_run_of_any_steps_is_taken_back_byte_for_byte(bench: Bench, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    _act(rng, bench.root, rng.randint(0, 25), [act for act in ACTS if act is not _fifo])
    store = CheckpointStore(tmp_path / "checkpoints")
    checkpoints = store.of(bench.workspace)
    states = [tree_hash(bench.root)]
    for _ in range(rng.randint(1, 6)):
        if rng.random() < 0.4:
            bench.recorder = checkpoints.recorder("run")
            path = _place(rng, bench.root).relative_to(bench.root)
            with suppress(ToolError):
                bench.run(write_file.run, path=str(path / "x" if rng.random() < 0.3 else path), content="text")
        else:
            recorder = checkpoints.recorder("run")
            assert recorder.before_command() == ""
            _act(rng, bench.root, rng.randint(1, 10), ACTS)
            recorder.finish()
        states.append(tree_hash(bench.root))
    if seed % 2:
        outcome = checkpoints.undo("run")
        assert outcome.conflicts == ()
        assert tree_hash(bench.root) == states[0]
        if outcome.redo_key and not any(what.startswith("10000 ") for what in states[-1].values()):  # no FIFO
            assert checkpoints.undo(outcome.redo_key).conflicts == ()
            assert tree_hash(bench.root) == states[-1]
    else:
        steps = [change.step for change in checkpoints._index.changes(checkpoints._index.steps(checkpoints._id, "run"))]
        for step in sorted(set(steps), reverse=True):
            assert checkpoints.undo("run", (str(step),)).conflicts == ()
        assert tree_hash(bench.root) == states[0]
    store.close()
