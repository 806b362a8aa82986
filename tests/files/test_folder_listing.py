"""A folder's entries: in the order people expect, by the ignore rules of every level, through no link."""

from __future__ import annotations

import os

import pytest

from app.errors import AppError
from app.files.folder_listing import list_folder, natural_key
from tests.files.folders import make_files


def names(root, path="", **options):
    options = {"with_ignored": False, "limit": 1000, **options}
    return [entry.name for entry in list_folder(str(root), path, **options).entries]


def test_folders_come_first_then_names_as_people_count(tmp_path):
    make_files(tmp_path, "part10.txt", "part2.txt", "Zoo/", "apple.txt", "Banana.txt", "beta/")
    assert names(tmp_path) == ["beta", "Zoo", "apple.txt", "Banana.txt", "part2.txt", "part10.txt"]


def test_names_that_differ_in_case_alone_keep_an_order(tmp_path):
    make_files(tmp_path, "a", "A")
    assert names(tmp_path) == ["A", "a"]


def test_a_number_longer_than_any_integer_is_only_a_name():
    assert natural_key("9" * 200) > natural_key("8" * 200)


def test_ignore_rules_of_every_level_count(tmp_path):
    make_files(tmp_path, "a.log", "keep.py", "src/b.log", "src/keep.log", "src/only_here.tmp", "other.tmp")
    (tmp_path / ".gitignore").write_text("*.log\n")
    (tmp_path / "src" / ".gitignore").write_text("!keep.log\n*.tmp\n")
    assert names(tmp_path) == ["src", ".gitignore", "keep.py", "other.tmp"]
    assert names(tmp_path, "src") == [".gitignore", "keep.log"]


def test_what_is_ignored_can_be_shown_and_says_so_but_never_gits_own_folder(tmp_path):
    make_files(tmp_path, "build/", "a.py", ".git/config")
    (tmp_path / ".gitignore").write_text("build/\n")
    entries = list_folder(str(tmp_path), "", with_ignored=True, limit=1000).entries
    assert [(entry.name, entry.is_ignored) for entry in entries] == [
        ("build", True),
        (".gitignore", False),
        ("a.py", False),
    ]


def test_of_very_many_entries_the_first_are_told_and_the_others_counted(tmp_path):
    make_files(tmp_path, *(f"f{number}" for number in range(12)))
    listed = list_folder(str(tmp_path), "", with_ignored=False, limit=5)
    assert [entry.name for entry in listed.entries] == ["f0", "f1", "f2", "f3", "f4"]
    assert listed.more == 7


def test_a_link_says_where_it_leads_and_whether_that_is_outside(tmp_path):
    root = tmp_path / "root"
    make_files(root, "inside/file.txt")
    make_files(tmp_path, "secret.txt")
    (root / "to_folder").symlink_to("inside")
    (root / "to_file").symlink_to("inside/file.txt")
    (root / "out").symlink_to(tmp_path / "secret.txt")
    (root / "broken").symlink_to("nowhere")
    entries = {entry.name: entry for entry in list_folder(str(root), "", with_ignored=False, limit=10).entries}
    assert {name: (e.kind, e.leads_to, e.is_outside) for name, e in entries.items() if name != "inside"} == {
        "to_folder": ("link", "folder", False),
        "to_file": ("link", "file", False),
        "out": ("link", "file", True),
        "broken": ("link", "missing", False),
    }
    assert entries["out"].target == str(tmp_path / "secret.txt")


def test_a_link_to_a_folder_is_not_entered(tmp_path):
    make_files(tmp_path, "outside/secret.txt", "root/")
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(AppError, match="cannot be read"):
        list_folder(str(tmp_path / "root"), "link", with_ignored=False, limit=10)


def test_a_folder_that_has_gone_is_an_error_that_names_it(tmp_path):
    with pytest.raises(AppError, match="cannot be read") as caught:
        list_folder(str(tmp_path), "gone", with_ignored=False, limit=10)
    assert "gone" in caught.value.message


def test_a_name_that_is_no_text_can_be_shown_and_listed(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9")).mkdir()
    (tmp_path / os.fsdecode(b"caf\xe9") / "x").touch()
    assert names(tmp_path) == ["caf\\xe9"]
    assert names(tmp_path, "caf\\xe9") == ["x"]


def test_a_pipe_is_neither_file_nor_folder(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert [entry.kind for entry in list_folder(str(tmp_path), "", with_ignored=False, limit=9).entries] == ["other"]
