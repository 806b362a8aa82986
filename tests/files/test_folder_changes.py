"""Making, renaming and deleting in the open folder: nothing is overwritten, nothing outside is touched."""

from __future__ import annotations

import os

import pytest

from app.errors import AppError
from app.files.folder_changes import NoBinError, delete_entry, make_entry, rename_entry
from tests.files.folders import Desk, make_files


def test_a_new_file_comes_with_the_folders_it_needs(tmp_path):
    make_entry(str(tmp_path), "a/b/new.py", is_folder=False)
    assert (tmp_path / "a/b/new.py").read_bytes() == b""


def test_a_new_folder_is_made(tmp_path):
    make_entry(str(tmp_path), "new", is_folder=True)
    assert (tmp_path / "new").is_dir()


def test_what_is_there_is_not_overwritten(tmp_path):
    make_files(tmp_path, "a.py", "b.py")
    with pytest.raises(AppError, match="already"):
        make_entry(str(tmp_path), "a.py", is_folder=False)
    with pytest.raises(AppError, match="already"):
        rename_entry(str(tmp_path), "a.py", "b.py")
    assert (tmp_path / "a.py").read_text() == "a.py\n"
    assert (tmp_path / "b.py").read_text() == "b.py\n"


@pytest.mark.parametrize("name", ["../up.py", "a/../../up.py", ".", "..", "", "a//b"])
def test_names_that_lead_elsewhere_are_refused(tmp_path, name):
    root = tmp_path / "root"
    make_files(root, "a.py")
    with pytest.raises(AppError):
        make_entry(str(root), name, is_folder=False)
    with pytest.raises(AppError):
        rename_entry(str(root), "a.py", name)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.py", "root"]


def test_nothing_is_made_through_a_link(tmp_path):
    make_files(tmp_path, "outside/", "root/")
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(AppError):
        make_entry(str(tmp_path / "root"), "link/new.py", is_folder=False)
    assert not list((tmp_path / "outside").iterdir())


def test_a_file_can_be_renamed_into_another_folder(tmp_path):
    make_files(tmp_path, "a.py")
    rename_entry(str(tmp_path), "a.py", "src/b.py")
    assert not (tmp_path / "a.py").exists()
    assert (tmp_path / "src/b.py").read_text() == "a.py\n"


def test_deleting_for_good_leaves_what_a_link_leads_to(tmp_path):
    make_files(tmp_path, "root/folder/x", "outside/kept")
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "root" / "folder" / "link").symlink_to(tmp_path / "outside")
    delete_entry(str(tmp_path / "root"), "link", for_good=True)
    delete_entry(str(tmp_path / "root"), "folder", for_good=True)
    assert not list((tmp_path / "root").iterdir())
    assert (tmp_path / "outside" / "kept").exists()


def test_the_open_folder_itself_is_not_deleted(tmp_path):
    with pytest.raises(AppError):
        delete_entry(str(tmp_path), "", for_good=True)
    assert tmp_path.is_dir()


@pytest.fixture
def desk(tmp_path):
    """A service whose bin is in the test's own folder."""
    make_files(tmp_path, "root/")
    made = Desk(tmp_path / "root", {"HOME": str(tmp_path / "home"), "XDG_DATA_HOME": str(tmp_path / "home/share")})
    (tmp_path / "home/share").mkdir(parents=True)
    yield made
    made.close()


def test_what_is_deleted_is_in_the_bin(desk, tmp_path):
    make_files(tmp_path / "root", "a.py", "folder/b.py")
    assert desk.answer(desk.service.delete, "a.py").path == "a.py"
    desk.answer(desk.service.delete, "folder")
    kept = tmp_path / "home/share/Trash/files"
    assert sorted(path.name for path in kept.iterdir()) == ["a.py", "folder"]
    assert (kept / "folder/b.py").exists()
    assert not list((tmp_path / "root").iterdir())


def test_where_there_is_no_bin_nothing_is_deleted_and_the_error_says_so(desk, tmp_path):
    make_files(tmp_path / "root", "a.py")
    (tmp_path / "home/share/Trash").write_text("not a folder")
    error = desk.answer(desk.service.delete, "a.py")
    assert error.code == "no_bin"
    assert (tmp_path / "root/a.py").exists()
    desk.answer(desk.service.delete, "a.py", for_good=True)
    assert not (tmp_path / "root/a.py").exists()


def test_a_broken_link_has_no_bin_but_can_be_deleted(tmp_path):
    (tmp_path / "broken").symlink_to("nowhere")
    with pytest.raises(NoBinError):
        delete_entry(str(tmp_path), "broken", for_good=False)
    delete_entry(str(tmp_path), "broken", for_good=True)
    assert not os.path.lexists(tmp_path / "broken")
