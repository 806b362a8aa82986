"""The disk: too small, full in the middle, not ours to write; and space that is taken before the first byte."""

import errno
import os
import subprocess
import sys

import pytest

from app.download import disk
from app.download.disk import PositionedFile
from app.download.errors import DownloadError
from app.download.journal import Journal
from app.download.names import targets
from tests.download.harness import CHUNK, content, names_below, publish, shards, task_for
from tests.hub.faults import Fault
from tests.hub.server import Hub

SIZE = 40 * CHUNK


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "models"


def failure(task):
    with pytest.raises(DownloadError) as caught:
        task.run()
    return caught.value


def test_a_download_that_does_not_fit_is_refused_before_a_byte_is_fetched(hub, folder):
    error = failure(task_for(publish(hub, shards(SIZE)), folder, free_bytes=lambda _: int(SIZE * 1.04)))
    assert error.code == "no_space"
    assert "GB" in error.message
    assert hub.requests == []


def test_five_percent_to_spare_are_enough(hub, folder):
    variant = publish(hub, shards(SIZE))
    task_for(variant, folder, free_bytes=lambda _: int(SIZE * 1.06)).run()
    assert content(folder, variant)


@pytest.mark.skipif(sys.platform != "linux", reason="counts blocks as Linux does")
def test_all_shards_have_their_space_before_the_first_byte(hub, folder):
    variant = publish(hub, shards(SIZE, 4))
    hub.faults.add(Fault(host="hub", status=404))
    failure(task_for(variant, folder))
    for target, file in zip(targets(folder, variant), variant.files, strict=True):
        assert target.part.stat().st_size == file.size_bytes
        assert disk.allocated_bytes(target.part) >= file.size_bytes


def test_space_that_was_taken_by_an_earlier_try_is_not_needed_twice(hub, folder):
    variant = publish(hub, shards(SIZE))
    hub.faults.add(Fault(host="hub", status=404))
    failure(task_for(variant, folder))
    task_for(variant, folder, free_bytes=lambda _: 0).run()
    assert content(folder, variant)


def test_a_filesystem_that_cannot_reserve_is_no_failure(hub, folder, monkeypatch):
    monkeypatch.setattr("app.download.part.reserve", os.ftruncate)
    variant = publish(hub, shards(SIZE))
    task_for(variant, folder).run()
    assert content(folder, variant)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_keeps_what_was_fetched(hub, folder, monkeypatch, number):
    files = shards(SIZE)
    variant = publish(hub, files)
    fail_after(monkeypatch, 20, number)
    error = failure(task_for(variant, folder))
    assert error.code == "disk_full"
    assert "resume" in error.hint
    monkeypatch.undo()
    task_for(variant, folder).run()
    assert content(folder, variant) == files
    assert hub.sent_bytes < 1.5 * SIZE


def fail_after(monkeypatch, writes, number):
    count = iter(range(writes))
    write = PositionedFile.write

    def sometimes(self, data, offset):
        if next(count, None) is None:
            raise OSError(number, os.strerror(number))
        write(self, data, offset)

    monkeypatch.setattr(PositionedFile, "write", sometimes)


def test_another_failure_of_the_disk_is_told_with_the_systems_words(hub, folder, monkeypatch):
    fail_after(monkeypatch, 3, errno.EIO)
    error = failure(task_for(publish(hub, shards(SIZE)), folder))
    assert error.code == "unwritable"
    assert os.strerror(errno.EIO) in error.message


def test_a_folder_that_cannot_be_made_is_said(hub, tmp_path):
    (tmp_path / "models").write_bytes(b"a file")
    assert failure(task_for(publish(hub, shards(CHUNK)), tmp_path / "models" / "inner")).code == "unwritable"


@pytest.fixture
def small_disk(tmp_path):
    """A real filesystem of 8 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=8m", "sawhorse-test", str(place)]
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or subprocess.run(options, check=False).returncode:
        pytest.skip("needs the right to mount a filesystem")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_real_disk_that_is_too_small_is_told_and_goes_on_once_there_is_space(hub, small_disk):
    files = shards(6 * 1024**2)
    variant = publish(hub, files)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(5 * 1024**2))
    assert failure(task_for(variant, small_disk / "m")).code == "no_space"
    error = failure(task_for(variant, small_disk / "m", free_bytes=lambda _: 10**12))
    assert error.code == "disk_full"
    assert not content(small_disk / "m", variant)
    ballast.unlink()
    task_for(variant, small_disk / "m").run()
    assert content(small_disk / "m", variant) == files
    assert "ballast" not in names_below(small_disk)


def test_what_a_power_cut_took_is_fetched_again_and_nothing_else(hub, folder, monkeypatch):
    files = shards(SIZE)
    variant = publish(hub, files)
    fail_after(monkeypatch, 20, errno.ENOSPC)
    failure(task_for(variant, folder))
    monkeypatch.undo()
    (target,) = targets(folder, variant)
    with Journal(target.journal, SIZE, CHUNK, variant.files[0].sha256) as journal:
        lost = next(chunk for chunk in range(journal.chunks) if journal.written[chunk] == CHUNK)
        journal.synced[lost] = 100  # the rest had only been handed to the system
        there = [chunk for chunk in range(journal.chunks) if journal.synced[chunk] == CHUNK]
    with target.part.open("r+b") as part:
        part.seek(lost * CHUNK + 100)
        part.write(bytes(CHUNK - 100))
    monkeypatch.setattr("app.download.journal.boot_id", lambda: "the boot after the power cut")
    with Hub() as mirror:
        task_for(publish(mirror, files), folder).run()
    assert content(folder, variant) == files
    asked = [seen.range for seen in mirror.requests]
    assert f"bytes={lost * CHUNK + 100}-{(lost + 1) * CHUNK - 1}" in asked
    assert there
    assert not [chunk for chunk in there if f"bytes={chunk * CHUNK}-{(chunk + 1) * CHUNK - 1}" in asked]
