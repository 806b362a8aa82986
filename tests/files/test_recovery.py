"""Unsaved texts survive a crash, damage to their neighbours, and other windows."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.files.recovery import MAX_RECORDS, Recovery, RecoveryRecord
from app.files.text_file import FileStamp, TextFormat

KEEPER = """
import sys
from pathlib import Path
from app.files.recovery import Recovery, RecoveryRecord
recovery = Recovery(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    recovery.keep("a", RecoveryRecord(path="/a", name="", text=f"{number:09}\\n" * 3000, saved_at=number))
    print(number, flush=True)
"""


def record(text: str = "text", path: str = "/file", saved_at: float = 1.0) -> RecoveryRecord:
    stamp = FileStamp(size=1, mtime_ns=2, inode=3, digest="4")
    return RecoveryRecord(
        path=path, name="", text=text, saved_at=saved_at, format=TextFormat(encoding="cp1252"), stamp=stamp
    )


def texts(recovery: Recovery) -> list[str]:
    return [one.text for one in recovery.left().records]


def test_a_text_is_there_again_after_its_window_has_ended_and_until_it_is_forgotten(tmp_path: Path):
    first = Recovery(tmp_path)
    first.keep("a", record("one"))
    first.keep("a", record("two \ud83d"))
    first.keep("b", record("other", saved_at=2.0))
    first.close()
    second = Recovery(tmp_path)
    newest, oldest = second.left().records
    assert (newest.text, oldest.text) == ("other", "two \ud83d")
    assert (oldest.path, oldest.format.encoding, oldest.stamp) == ("/file", "cp1252", record().stamp)
    second.keep("a", record("three"))
    second.forget(oldest.key)
    assert texts(second) == ["other"], "what this window keeps itself is not left over"
    second.close()
    third = Recovery(tmp_path)
    assert sorted(texts(third)) == ["other", "three"]
    third.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_text_survives_a_kill_at_any_moment(tmp_path: Path):
    for _ in range(10):
        keeper = subprocess.Popen([sys.executable, "-c", KEEPER, tmp_path], stdout=subprocess.PIPE)
        assert keeper.stdout is not None
        kept = [keeper.stdout.readline() for _ in range(3)][-1]
        keeper.send_signal(signal.SIGKILL)
        kept = (keeper.stdout.readlines() or [kept])[-1]
        keeper.wait()
        keeper.stdout.close()
        recovery = Recovery(tmp_path)
        left = recovery.left()
        assert left.notes == ()
        (one,) = left.records
        assert one.text == one.text[:10] * 3000
        assert int(one.text[:9]) >= int(kept)
        recovery.forget(one.key)
        recovery.close()
        assert list(tmp_path.iterdir()) == []


def test_two_windows_do_not_take_each_others_texts(tmp_path: Path):
    first, second = Recovery(tmp_path), Recovery(tmp_path)
    first.keep("untitled", record("first"))
    second.keep("untitled", record("second"))
    assert texts(first) == texts(second) == []
    first.close()
    assert texts(second) == ["first"]
    second.close()


def test_a_process_that_takes_over_goes_on_with_the_same_texts(tmp_path: Path):
    first = Recovery(tmp_path, "window")
    first.keep("a", record())
    with pytest.raises(OSError, match="Another process"):
        Recovery(tmp_path, "window")
    first.close()
    second = Recovery(tmp_path, "window")
    assert texts(second) == []
    second.forget("a")
    second.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", [b"", b"x", b"sawhorse unsaved text 1\nshort"])
def test_a_damaged_record_is_put_aside_and_said(tmp_path: Path, damage: bytes):
    first = Recovery(tmp_path)
    first.keep("a", record("whole"))
    first.keep("b", record("broken"))
    first.close()
    path = next(path for path in tmp_path.glob("*/*.text") if b"broken" in path.read_bytes())
    path.write_bytes(damage or path.read_bytes()[:-1])
    second = Recovery(tmp_path)
    left = second.left()
    assert [one.text for one in left.records] == ["whole"]
    assert "damaged" in left.notes[0]
    assert second.left().notes == ()
    assert len(list(tmp_path.glob("*.damaged"))) == 1
    second.close()


def test_the_newest_records_are_handed_out_and_no_text_is_written_twice(tmp_path: Path):
    first = Recovery(tmp_path)
    for number in range(MAX_RECORDS + 5):
        first.keep(str(number), record(str(number), saved_at=number))
    path = next(tmp_path.glob("*/*.text"))
    before = path.stat().st_ino
    for number in range(MAX_RECORDS + 5):
        first.keep(str(number), record(str(number), saved_at=number + 1))
    assert path.stat().st_ino == before
    first.close()
    second = Recovery(tmp_path)
    assert texts(second) == [str(number) for number in reversed(range(5, MAX_RECORDS + 5))]
    second.close()


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_records_are_for_their_owner_alone(tmp_path: Path):
    recovery = Recovery(tmp_path / "texts")
    recovery.keep("a", record())
    (path,) = (tmp_path / "texts").glob("*/*.text")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700
    recovery.close()
