"""Git's marks; and that asking for them runs nothing that a repository names."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from app.files.folder_messages import GitState
from app.files.git_status import find_git, parse_status, read_git
from tests.files.folders import git, make_files

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def repository(tmp_path):
    """A repository with a commit."""
    root = tmp_path / "root"
    make_files(root, "a.py", "src/b.py", "src/c.py", "gone.py")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    return root


def test_files_and_the_folders_they_are_in_are_marked(repository):
    (repository / "src/b.py").write_text("changed")
    (repository / "gone.py").unlink()
    make_files(repository, "new/x.py", "new/y.py", "src/added.py")
    git(repository, "add", "src/added.py")
    state = read_git(str(repository))
    assert state.is_repository
    assert state.branch == "main"
    assert state.marks == {"src/b.py": "M", "gone.py": "D", "src/added.py": "A", "new": "U"}
    assert state.folders == {"src": "M", "": "M"}
    assert state.git_folder == str(repository / ".git")


def test_of_a_folder_in_a_repository_only_its_own_files_are_told(repository):
    (repository / "a.py").write_text("changed")
    (repository / "src/b.py").write_text("changed")
    assert read_git(str(repository / "src")).marks == {"b.py": "M"}


def test_a_conflict_is_marked(repository):
    git(repository, "checkout", "-q", "-b", "other")
    (repository / "a.py").write_text("theirs")
    git(repository, "commit", "-q", "-a", "-m", "theirs")
    git(repository, "checkout", "-q", "main")
    (repository / "a.py").write_text("ours")
    git(repository, "commit", "-q", "-a", "-m", "ours")
    with pytest.raises(subprocess.CalledProcessError):
        git(repository, "merge", "other")
    assert read_git(str(repository)).marks == {"a.py": "C"}


def test_names_with_spaces_line_ends_and_bytes_that_are_no_text_are_told(repository):
    for name in (b"with space", b"with\nline", b"caf\xe9"):
        (repository / os.fsdecode(name)).touch()
    assert set(read_git(str(repository)).marks) == {"with space", "with\nline", "caf\\xe9"}


def test_a_folder_without_a_repository_has_no_marks(tmp_path):
    assert read_git(str(tmp_path)) == GitState()


def test_without_git_there_are_no_marks(repository):
    assert read_git(str(repository), {"PATH": "/nowhere"}) == GitState()


def test_git_is_not_taken_from_a_folder_that_depends_on_where_one_is(tmp_path, monkeypatch):
    fake = tmp_path / "git"
    fake.write_text("#!/bin/sh\n")
    fake.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    assert find_git({"PATH": f".{os.pathsep}{os.pathsep}bin"}) is None


# --- what a hostile repository tries ----------------------------------------------------------------------


def status_of_a_trusting_person(root):
    git(root, "status")


@pytest.fixture
def bait(tmp_path):
    """A program, and the file it makes when it is run."""
    sprung = tmp_path / "sprung"
    program = tmp_path / "bait.sh"
    program.write_text(f"#!/bin/sh\ntouch '{sprung}'\ncat\n")
    program.chmod(0o755)
    return program, sprung


def test_a_file_system_monitor_is_not_run(repository, bait):
    program, sprung = bait
    git(repository, "config", "core.fsmonitor", str(program))
    assert read_git(str(repository)).is_repository
    assert not sprung.exists()
    status_of_a_trusting_person(repository)
    assert sprung.exists()  # the bait works


@pytest.mark.parametrize("driver", ["bait", "Bait.with=equals", 'a"quote'])
@pytest.mark.parametrize("verb", ["clean", "process"])
def test_a_filter_is_not_run(repository, bait, driver, verb):
    program, sprung = bait
    git(repository, "config", f"filter.{driver}.{verb}", f"'{program}'")
    git(repository, "config", f"filter.{driver}.required", "true")
    name = driver if driver == "bait" else "bait"
    if name != driver:
        git(repository, "config", f"filter.{name}.{verb}", f"'{program}'")
    (repository / ".gitattributes").write_text(f"* filter={name}\n")
    (repository / "a.py").write_text("xxxx\n")  # as long as it was: only its content tells
    os.utime(repository / "a.py", (1, 1))
    assert read_git(str(repository)).marks["a.py"] == "M"
    assert not sprung.exists()
    if verb == "clean":
        status_of_a_trusting_person(repository)
        assert sprung.exists()


def test_hooks_are_not_run_and_the_index_is_left_alone(repository, bait):
    program, sprung = bait
    shutil.copy(program, repository / ".git/hooks/post-index-change")
    (repository / "a.py").touch()
    os.utime(repository / "a.py", (5, 5))
    before = (repository / ".git/index").read_bytes()
    assert read_git(str(repository)).marks == {}
    assert (repository / ".git/index").read_bytes() == before
    assert not sprung.exists()
    status_of_a_trusting_person(repository)
    assert sprung.exists()


def test_the_configuration_of_a_submodule_is_not_obeyed(repository, tmp_path, bait):
    program, sprung = bait
    inner = tmp_path / "inner"
    make_files(inner, "x.py")
    git(inner, "init", "-q")
    git(inner, "add", ".")
    git(inner, "commit", "-q", "-m", "first")
    git(repository, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "inner")
    git(repository, "commit", "-q", "-m", "with it")
    git(repository / "inner", "config", "core.fsmonitor", str(program))
    assert read_git(str(repository)).is_repository
    assert not sprung.exists()
    status_of_a_trusting_person(repository)
    assert sprung.exists()


def test_a_missing_object_is_not_fetched(repository, bait):
    program, sprung = bait
    program.write_text(program.read_text().replace("cat", "exit 1"))  # it has nothing to give
    git(repository, "config", "core.repositoryformatversion", "1")
    git(repository, "config", "extensions.partialClone", "origin")
    git(repository, "config", "remote.origin.promisor", "true")
    git(repository, "config", "remote.origin.url", f"ext::{program}")
    git(repository, "config", "protocol.ext.allow", "always")
    for path in (repository / ".git/objects").glob("??/*"):
        kind = subprocess.run(
            ["git", "cat-file", "-t", path.parent.name + path.name], cwd=repository, capture_output=True, check=True
        )
        if kind.stdout.strip() == b"tree":
            path.unlink()
    (repository / "a.py").rename(repository / "moved.py")
    read_git(str(repository))
    assert not sprung.exists()
    with pytest.raises(subprocess.CalledProcessError):
        status_of_a_trusting_person(repository)
    assert sprung.exists()


def test_what_git_is_told_by_the_environment_does_not_count(repository, tmp_path):
    environment = {**os.environ, "GIT_DIR": str(tmp_path / "elsewhere"), "GIT_WORK_TREE": str(tmp_path)}
    assert read_git(str(repository), environment).is_repository


# --- parsing ------------------------------------------------------------------------------------------------


def test_a_rename_is_told_by_its_new_name():
    said = "2 R. N... 100644 100644 100644 aaa bbb R100 new.py\0old.py\0? x\0"
    assert parse_status(said).marks == {"new.py": "R", "x": "U"}


def test_a_folder_shows_the_strongest_mark_in_it():
    said = "? d/a\0" + "1 .M N... 100644 100644 100644 aaa bbb d/e/b\0" + "? d/c\0"
    assert parse_status(said).folders == {"d": "M", "d/e": "M", "": "M"}
