"""A file that is written in place is made whole after a crash, and left alone if somebody changed it since."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.files import in_place
from app.files.in_place import Journal, finish_writes, is_between


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def states(old: bytes, new: bytes) -> list[bytes]:
    """Return what a file holds after each byte that ``_overwrite`` writes."""
    longer = [old + new[len(old) : end] for end in range(len(old), len(new) + 1)] or [old]
    return [*longer, *(new[:end] + longer[-1][end:] for end in range(min(len(old), len(new)) + 1)), new]


@given(st.binary(max_size=8), st.binary(max_size=8))
def test_every_state_between_two_texts_is_known_for_one(old: bytes, new: bytes):
    assert all(state == new or is_between(state, old, new) for state in states(old, new))


@pytest.mark.parametrize(
    ("current", "result", "left"),
    [
        (b"old one", b"old one", []),  # it had not begun
        (b"old one long, a", b"new and long, and more", []),
        (b"new one long, and more", b"new and long, and more", []),
        (b"new and long, and more", b"new and long, and more", []),
        (b"somebody else's", b"somebody else's", ["1.kept"]),
        (b"old", b"old", ["1.kept"]),
    ],
)
def test_a_write_that_was_cut_short_is_finished_or_left_alone(
    tmp_path: Path, current: bytes, result: bytes, left: list[str]
):
    path, backups = tmp_path / "file", tmp_path / "backups"
    path.write_bytes(current)
    backups.mkdir()
    journal = Journal(path=os.fsencode(path), old=b"old one", new=b"new and long, and more")
    (backups / "1.journal").write_bytes(msgspec.msgpack.encode(journal))
    (backups / "2.journal-new").write_bytes(b"\x83half")
    said = finish_writes(str(backups))
    assert path.read_bytes() == result
    assert names(backups) == left
    assert any("both its texts are kept" in one.lower() for one in said) == bool(left)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks")
def test_a_write_that_is_at_work_is_not_finished_by_another(tmp_path: Path):
    journal = Journal(path=os.fsencode(tmp_path / "file"), old=b"old", new=b"new")
    with in_place._kept(journal, tmp_path / "backups") as path:
        assert finish_writes(str(tmp_path / "backups")) == []
        assert path.exists()
        path.unlink()
