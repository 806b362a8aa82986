"""Saving: whatever fails, and whenever, the file is the old one or the new one, and nothing is left beside it."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import AppError
from app.files import saving
from app.files.errors import CannotWriteError
from app.files.text_file import has_changed, new_text_file, read_text_file, save_text_file
from tests.files.kill_saves import kill_saves

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has none")


@pytest.mark.slow
@posix
@pytest.mark.parametrize("in_place", [False, True])
def test_killed_while_it_saves_a_file_is_whole_and_nothing_is_left(tmp_path: Path, in_place: bool):
    tally = kill_saves(tmp_path, 50, in_place=in_place)
    assert tally.interrupted, "no kill came while a save was at work"
    assert (tally.damaged, tally.temporary, tally.left) == (0, 0, 0)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.fixture(params=["tmpfs", "limit"])
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, list[str]]]:
    """Return a folder where a megabyte does not fit, and what a command needs before it to find that."""
    if request.param == "limit":
        if shutil.which("prlimit") is None:
            pytest.skip("prlimit is not installed")
        yield tmp_path, ["prlimit", "--fsize=300000"]
        return
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=500k", "tmpfs", folder]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield folder, []
    finally:
        subprocess.run(["umount", folder], check=True)


@posix
@pytest.mark.parametrize("links", [1, 2])
def test_on_a_full_disk_the_old_text_stays(small_disk: tuple[Path, list[str]], tmp_path: Path, links: int):
    folder, limited = small_disk
    path = folder / "file"
    path.write_text("old\n" * 20_000)
    if links > 1:
        (folder / "other").hardlink_to(path)
    before = names(folder)
    script = """
import sys
from app.errors import AppError
from app.files.text_file import read_text_file, save_text_file
try:
    save_text_file(read_text_file(sys.argv[1]), "new" * 400_000, backup_folder=sys.argv[2])
except AppError as error:
    print(error)
"""
    # The journal must fit, for the fault to be met in the file itself.
    backups = tmp_path / "backups"
    done = subprocess.run(
        [*limited, sys.executable, "-c", script, path, backups], capture_output=True, text=True, check=True
    )
    assert "was not saved" in done.stdout
    assert "No space left" in done.stdout or "File too large" in done.stdout
    assert path.read_text() == "old\n" * 20_000
    assert [name for name in names(folder) if name != "backups"] == before
    assert not backups.exists() or names(backups) == []


@pytest.mark.parametrize("links", [1, 2])
def test_a_disk_that_fails_leaves_the_old_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: int):
    path, backups = tmp_path / "file", tmp_path / "backups"
    file = new_text_file(str(path), "old")
    if links > 1:
        (tmp_path / "other").hardlink_to(path)
    before = names(tmp_path)
    real = os.fsync

    def fail(fd: int) -> None:
        if links == 1 or os.fstat(fd).st_nlink > 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(fd)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(AppError, match="Input/output error") as caught:
        save_text_file(file, "new and longer", backup_folder=str(backups), force=True)
    assert "may be failing" in caught.value.hint
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert [name for name in names(tmp_path) if name != "backups"] == before
    assert not backups.exists() or names(backups) == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_system_call_that_fails_is_reported(tmp_path: Path):
    path = tmp_path / "file"
    path.write_text("old")
    script = "import sys; from app.files.text_file import *; save_text_file(read_text_file(sys.argv[1]), 'new')"
    command = ["strace", "-qq", "-o", os.devnull, "-e", "inject=fsync:error=EIO", sys.executable, "-c", script, path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Input/output error" in done.stderr
    assert (path.read_text(), names(tmp_path)) == ("old", ["file"])


@posix
def test_a_link_stays_one_and_its_target_is_written(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    target = tmp_path / "folder" / "target"
    target.write_text("old")
    link = tmp_path / "link"
    link.symlink_to("folder/target")
    saved = save_text_file(read_text_file(str(link)), "new")
    assert saved.path == str(link)
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert not has_changed(saved)


@posix
@pytest.mark.parametrize("mode", [0o755, 0o600, 0o664, 0o4755])
def test_the_mode_is_kept(tmp_path: Path, mode: int):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(mode)
    save_text_file(read_text_file(str(path)), "new")
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
def test_what_a_mode_hides_is_not_seen_while_it_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o600)
    modes = []
    real = os.write

    def look(fd: int, data: bytes) -> int:
        modes.append(stat.S_IMODE(os.fstat(fd).st_mode))
        return real(fd, data)

    monkeypatch.setattr(os, "write", look)
    save_text_file(read_text_file(str(path)), "new")
    assert modes == [0o600]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_is_kept(tmp_path: Path):
    path = tmp_path / "file"
    path.write_text("old")
    os.chown(path, 65534, 65534)
    save_text_file(read_text_file(str(path)), "new")
    assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("mode", [0o777, 0o755])
def test_a_file_of_somebody_else_is_written_in_place(tmp_path: Path, mode: int):
    folder, backups = tmp_path / "shared", tmp_path / "backups"
    folder.mkdir()
    backups.mkdir()
    path = folder / "file"
    path.write_text("old")
    for one, bits in {folder: mode, path: 0o666, backups: 0o777, tmp_path: 0o755, tmp_path.parent: 0o755}.items():
        one.chmod(bits)
    tmp_path.parent.parent.chmod(0o755)
    inode = path.stat().st_ino
    script = """
import os, sys
from app.files.text_file import read_text_file, save_text_file
os.setgroups([]); os.setgid(65534); os.setuid(65534)
save_text_file(read_text_file(sys.argv[1]), "new and longer", backup_folder=sys.argv[2])
"""
    subprocess.run([sys.executable, "-c", script, path, backups], check=True)
    assert (path.read_text(), path.stat().st_ino, path.stat().st_uid) == ("new and longer", inode, 0)
    assert (names(folder), names(backups)) == (["file"], [])


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes here")
def test_extended_attributes_are_kept(tmp_path: Path):
    path = tmp_path / "file"
    path.write_text("old")
    try:
        os.setxattr(path, "user.mark", b"kept")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    save_text_file(read_text_file(str(path)), "new")
    assert os.getxattr(path, "user.mark") == b"kept"


@posix
def test_all_names_of_a_file_stay_its_names(tmp_path: Path):
    path, other, backups = tmp_path / "file", tmp_path / "other", tmp_path / "backups"
    path.write_text("old and long")
    other.hardlink_to(path)
    file = read_text_file(str(path))
    with pytest.raises(CannotWriteError, match="several names"):
        save_text_file(file, "new")
    assert other.read_text() == "old and long"
    saved = save_text_file(file, "new", backup_folder=str(backups))
    assert other.read_text() == path.read_text() == "new"
    assert path.stat().st_ino == other.stat().st_ino
    assert names(backups) == []
    assert not has_changed(saved)


@posix
def test_what_a_dead_process_left_is_deleted_and_what_a_living_one_writes_is_not(tmp_path: Path):
    (tmp_path / f"{saving.PREFIX}dead").write_text("half a te")
    fd, living = saving._make(str(tmp_path), 0o600)
    try:
        new_text_file(str(tmp_path / "file"), "text")
        assert names(tmp_path) == sorted([Path(living).name, "file"])
    finally:
        os.close(fd)
    new_text_file(str(tmp_path / "more"), "text")
    assert names(tmp_path) == ["file", "more"]


def test_a_file_that_changes_at_the_last_moment_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "file"
    file = new_text_file(str(path), "old")
    real = os.fsync

    def change_meanwhile(fd: int) -> None:
        real(fd)
        path.write_text("somebody else's")

    monkeypatch.setattr(os, "fsync", change_meanwhile)
    with pytest.raises(AppError, match="changed by another program"):
        save_text_file(file, "new")
    assert (path.read_text(), names(tmp_path)) == ("somebody else's", ["file"])
