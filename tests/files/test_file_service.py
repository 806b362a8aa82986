"""Files are read, saved and recovered by a process; what it says arrives whole, errors with their kind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.errors import AppError
from app.files.errors import CannotEncodeError, FileChangedOutsideError, FileExistsAlreadyError, NotTextError
from app.files.in_place import Journal
from app.files.recovery import RecoveryRecord
from app.files.saving import PREFIX
from app.files.service import FileService
from app.files.text_file import TextFormat, read_text_file
from app.ipc.popen_transport import PopenTransport
from tests.files.asking import ask, pump_until

MakeWindow = Callable[[], tuple[FileService, Callable[..., Any], PopenTransport]]


@pytest.fixture
def make_window(tmp_path: Path) -> Iterator[MakeWindow]:
    """Return what makes a service of its own, how to ask it, and its transport."""
    made: list[tuple[FileService, PopenTransport]] = []

    def make() -> tuple[FileService, Callable[..., Any], PopenTransport]:
        transport = PopenTransport()
        service = FileService(transport, str(tmp_path / "home"))
        made.append((service, transport))
        return service, lambda call, *arguments, **named: ask(transport, call, *arguments, **named), transport

    yield make
    for service, transport in made:
        service.close()
        transport.close()


@pytest.mark.parametrize("data", [b"one\ntwo", b"\xef\xbb\xbfone\r\ntwo\nthree\r", b"caf\xe9\r\n", b""])
def test_what_is_read_and_saved_is_what_the_file_holds(tmp_path: Path, make_window: MakeWindow, data: bytes):
    service, asked, _ = make_window()
    path = tmp_path / "file"
    path.write_bytes(data)
    file = asked(service.read, str(path), "")
    assert file == read_text_file(str(path))
    saved = asked(service.save, file, file.text)
    assert path.read_bytes() == data
    assert saved == read_text_file(str(path))
    saved = asked(service.save, saved, f"zero\r\n{file.text}")
    assert saved.text == f"zero\n{file.text}"
    assert (saved.text, saved.endings) == (read_text_file(str(path)).text, read_text_file(str(path)).endings)
    assert not service.is_busy


def test_errors_keep_their_kind(tmp_path: Path, make_window: MakeWindow):
    service, asked, _ = make_window()
    path = tmp_path / "file"
    file = asked(service.new, str(path), "one", TextFormat(encoding="cp1252"))
    assert type(asked(service.read, str(tmp_path), "")) is NotTextError
    assert type(asked(service.read, str(tmp_path / "nothing"), "")) is AppError
    assert type(asked(service.new, str(path), "two", TextFormat())) is FileExistsAlreadyError
    assert type(asked(service.save, file, "→")) is CannotEncodeError
    assert type(asked(service.save, file, "\ud800")) is CannotEncodeError
    path.write_text("other")
    changed = asked(service.save, file, "two")
    assert type(changed) is FileChangedOutsideError
    assert "changed by another program" in changed.title
    assert asked(service.save, file, "two", force=True).text == "two"


def test_changes_outside_are_found_among_many_files(tmp_path: Path, make_window: MakeWindow):
    service, asked, _ = make_window()
    files = [asked(service.new, str(tmp_path / name), name, TextFormat()) for name in "abc"]
    assert asked(service.find_changed, files) == ()
    (tmp_path / "b").write_text("changed")
    (tmp_path / "c").unlink()
    assert asked(service.find_changed, files) == (str(tmp_path / "b"), str(tmp_path / "c"))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is text")
def test_a_name_that_is_no_text_is_one_like_others(tmp_path: Path, make_window: MakeWindow):
    service, asked, _ = make_window()
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    file = asked(service.new, path, "one", TextFormat())
    assert file.path == path
    assert asked(service.save, asked(service.read, path, ""), "two").path == path
    assert asked(service.find_changed, [file]) == (path,)


def test_unsaved_texts_are_found_by_the_next_window(tmp_path: Path, make_window: MakeWindow):
    service, asked, transport = make_window()
    record = RecoveryRecord(path="/a", name="", text="typed \ud83d", saved_at=0.0)
    assert asked(service.keep, "a", record) is None
    assert asked(service.keep, "b", record) is None
    assert asked(service.forget, "b") is None
    service.close()
    transport.close()
    second, asked, _ = make_window()
    left = asked(second.find_left)
    (one,) = left.records
    assert (one.path, one.text) == ("/a", "typed \ud83d")
    assert one.saved_at > 1_700_000_000
    assert asked(second.forget, one.key) is None
    assert asked(second.find_left).records == ()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_process_that_dies_is_followed_by_one_that_goes_on(make_window: MakeWindow):
    service, asked, transport = make_window()
    record = RecoveryRecord(path="/a", name="", text="typed", saved_at=0.0)
    asked(service.keep, "a", record)
    assert transport.pid is not None
    os.kill(transport.pid, signal.SIGKILL)
    pump_until(transport, lambda: transport.pid is None)
    transport.pump(0.1)
    assert asked(service.find_left).records == (), "the window still has it open"
    assert asked(service.keep, "a", record) is None


def test_a_save_that_was_cut_short_is_finished_and_said(tmp_path: Path, make_window: MakeWindow):
    path, saves = tmp_path / "file", tmp_path / "home" / "saves"
    path.write_bytes(b"new one")
    saves.mkdir(parents=True)
    journal = Journal(path=os.fsencode(path), old=b"old one", new=b"new text")
    (saves / "1.journal").write_bytes(msgspec.msgpack.encode(journal))
    service, asked, _ = make_window()
    assert asked(service.read, str(path), "").text == "new text"
    assert "is finished now" in asked(service.find_left).notes[0]


def test_opening_a_file_deletes_what_a_save_that_died_left_beside_it(tmp_path: Path, make_window: MakeWindow):
    service, asked, _ = make_window()
    (tmp_path / f"{PREFIX}dead").write_text("half a te")
    path = tmp_path / "file"
    path.write_text("text")
    assert asked(service.read, str(path), "").text == "text"
    assert not list(tmp_path.glob(f"{PREFIX}*"))


def test_a_file_of_50_mb_makes_the_way_there_and_back(tmp_path: Path, make_window: MakeWindow):
    service, asked, _ = make_window()
    path = tmp_path / "large"
    path.write_bytes(("é" * 31 + "\n").encode() * 780_000)
    file = asked(service.read, str(path), "")
    saved = asked(service.save, file, file.text)
    assert saved.text == file.text
    assert saved.stamp.digest == file.stamp.digest
