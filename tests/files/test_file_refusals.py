"""What is no text to edit is refused without being opened, and what changed outside is not written over."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import AppError
from app.files.disk import MAX_EDIT_BYTES
from app.files.errors import FileChangedOutsideError, FileExistsAlreadyError, NotTextError
from app.files.text_file import TextFormat, has_changed, new_text_file, read_text_file, save_text_file


def test_a_binary_file_is_named_with_its_size(tmp_path: Path):
    path = tmp_path / "program"
    path.write_bytes(Path(sys.executable).read_bytes()[:12_345])
    with pytest.raises(NotTextError) as caught:
        read_text_file(str(path))
    assert caught.value.title == "program is binary"
    assert "12.3 kB" in caught.value.message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_a_fifo_a_socket_a_device_and_a_folder_are_refused_and_do_not_block(tmp_path: Path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for path, kind in {
            tmp_path / "fifo": "a FIFO",
            tmp_path / "link": "a FIFO",
            tmp_path / "socket": "a socket",
            Path("/dev/zero"): "a device",
            tmp_path: "a folder",
        }.items():
            with pytest.raises(NotTextError, match=kind):
                read_text_file(str(path))
            with pytest.raises(NotTextError, match=kind):
                new_text_file(str(path), "text", force=True)


def test_a_file_of_50_mb_is_read_and_one_byte_more_refused(tmp_path: Path):
    path = tmp_path / "large"
    line = b"x" * 63 + b"\n"
    path.write_bytes(line * (MAX_EDIT_BYTES // len(line)))
    file = read_text_file(str(path))
    assert len(file.text) == MAX_EDIT_BYTES
    save_text_file(file, file.text + "more")
    with pytest.raises(NotTextError, match="too large to edit"):
        read_text_file(str(path))


def test_a_very_long_line_is_read(tmp_path: Path):
    path = tmp_path / "long"
    path.write_text("x" * 200_000)
    assert read_text_file(str(path)).text == "x" * 200_000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux makes files up")
def test_a_file_that_the_system_makes_up_is_read_only():
    file = read_text_file("/proc/self/status")
    assert "Name:" in file.text
    assert not file.can_write


def test_a_file_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(AppError, match="cannot be opened"):
        read_text_file(str(tmp_path / "nothing"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_what_the_user_may_not_read_or_write_is_said(tmp_path: Path):
    secret, fixed = tmp_path / "secret", tmp_path / "fixed"
    secret.write_text("x")
    secret.chmod(0o600)
    fixed.write_text("x")
    fixed.chmod(0o644)
    script = """
import os, sys
from app.errors import AppError
from app.files.text_file import read_text_file, save_text_file
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    read_text_file(sys.argv[1])
except AppError as error:
    print(error.message)
file = read_text_file(sys.argv[2])
print(file.can_write)
try:
    save_text_file(file, "other", force=True)
except AppError as error:
    print(type(error).__name__, error.message)
"""
    for folder in [tmp_path, *tmp_path.parents][:3]:
        folder.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", script, secret, fixed], capture_output=True, text=True, check=True)
    first, second, third = done.stdout.splitlines()
    assert "Permission denied" in first
    assert second == "False"
    assert third.startswith("CannotWriteError")
    assert fixed.read_text() == "x"


# --- changes outside ----------------------------------------------------------------------------------------------


def test_a_change_outside_is_seen_and_not_written_over(tmp_path: Path):
    path = tmp_path / "file"
    path.write_text("one")
    file = read_text_file(str(path))
    assert not has_changed(file)
    path.write_text("two")
    assert has_changed(file)
    with pytest.raises(FileChangedOutsideError):
        save_text_file(file, "three")
    assert path.read_text() == "two"
    assert not has_changed(save_text_file(file, "three", force=True))
    assert path.read_text() == "three"


def test_a_file_that_was_only_touched_or_replaced_by_its_like_has_not_changed(tmp_path: Path):
    path = tmp_path / "file"
    path.write_text("one")
    file = read_text_file(str(path))
    other = tmp_path / "other"
    other.write_text("one")
    os.utime(other, ns=(1, 1))
    other.replace(path)
    assert not has_changed(file)
    save_text_file(file, "two")
    assert path.read_text() == "two"


def test_a_deleted_file_is_told_and_can_be_written_anew(tmp_path: Path):
    path = tmp_path / "file"
    file = new_text_file(str(path), "one")
    path.unlink()
    assert has_changed(file)
    with pytest.raises(FileChangedOutsideError, match="not there any more"):
        save_text_file(file, "two")
    save_text_file(file, "two", force=True)
    assert path.read_text() == "two"


def test_a_new_file_replaces_none_unless_told_to(tmp_path: Path):
    path = tmp_path / "file"
    file = new_text_file(str(path), "one\ntwo\n", TextFormat(line_ending="\r\n"))
    assert path.read_bytes() == b"one\r\ntwo\r\n"
    other = new_text_file(str(tmp_path / "other"), "x")
    (tmp_path / "second name").hardlink_to(path)
    for attempt in (
        lambda: new_text_file(str(path), "two"),
        lambda: save_text_file(other, "two", path=str(path)),
    ):
        with pytest.raises(FileExistsAlreadyError):
            attempt()
    assert path.read_bytes() == b"one\r\ntwo\r\n"
    (tmp_path / "second name").unlink()
    assert not has_changed(file)
    save_text_file(other, "two", path=str(path), force=True)
    assert path.read_text() == "two"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "other"]
