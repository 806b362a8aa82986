"""The fixtures that hold for every test notice what they are there to notice."""

import socket
import subprocess
import sys
import threading

import pytest

from tests import hygiene


@pytest.fixture(autouse=True)
def little_grace(monkeypatch):
    monkeypatch.setattr(hygiene, "GRACE_SECONDS", 0.0)


def test_a_process_that_outlives_its_test_is_found():
    before = hygiene._processes()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        left = hygiene._left(hygiene._processes, before)
        process.kill()
    assert [text.split()[0] for text in left] == ["process"]


def test_a_thread_that_outlives_its_test_is_found():
    before, end = hygiene._threads(), threading.Event()
    thread = threading.Thread(target=end.wait, name="forgotten")
    thread.start()
    left = hygiene._left(hygiene._threads, before)
    end.set()
    thread.join()
    assert left == ["thread forgotten"]


def test_a_file_in_the_working_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = hygiene._files()
    (tmp_path / "forgotten.txt").touch()
    assert hygiene._left(hygiene._files, before) == [f"file {tmp_path / 'forgotten.txt'}"]


def test_another_machine_cannot_be_reached_from_a_test():
    with socket.socket() as sock, pytest.raises(OSError, match=r"tried to reach 192\.0\.2\.1"):
        sock.connect(("192.0.2.1", 80))
