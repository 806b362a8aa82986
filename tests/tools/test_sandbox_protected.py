"""Paths that other programs obey stay as they are, or absent, whatever a sandboxed command does."""

import shutil
import subprocess

import pytest

from app.tools.context import ToolError
from app.tools.protected import PROTECTED, PROTECTED_FILES, PROTECTED_FOLDERS
from app.tools.sandbox.protected_paths import Janitor
from tests.tools.sandboxes import KINDS, make_box

both = pytest.mark.parametrize("kind", KINDS)
IDENTITY = "-c user.name=a -c user.email=a@example.org"


def make_repository(folder):
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (folder / "README").write_text("hello\n")
    run_git(folder, "add", "-A")
    run_git(folder, *IDENTITY.split(), "commit", "-qm", "first")


def run_git(folder, *arguments):
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True).stdout


def state_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@both
@pytest.mark.parametrize("path", PROTECTED_FILES)
def test_an_absent_file_cannot_be_planted(kind, path, tmp_path):
    box = make_box(kind, tmp_path)

    ended = box.run(f"mkdir -p $(dirname {path}) && echo x > {path}")

    assert ended.code != 0
    assert not (box.workspace / path).is_file()


@both
@pytest.mark.parametrize("path", PROTECTED_FOLDERS)
def test_an_absent_folder_cannot_be_filled(kind, path, tmp_path):
    box = make_box(kind, tmp_path)

    ended = box.run(f"mkdir -p {path} && echo x > {path}/x")

    assert ended.code != 0
    assert not (box.workspace / path / "x").exists()


@pytest.mark.parametrize("kind", ["bubblewrap"])
def test_nothing_is_left_in_the_folder(kind, tmp_path):
    box = make_box(kind, tmp_path)
    before = state_of(box.workspace)

    box.run("true")

    assert state_of(box.workspace) == before


ATTACKS = {
    "a hook": "echo x > .git/hooks/pre-commit",
    "a hook by a link": "ln -s .git/hooks src/hooks && echo x > src/hooks/pre-commit",
    "a hook by its root": "echo x > /proc/self/cwd/.git/hooks/pre-commit",
    "hooks replaced": "rm -rf .git/hooks && mkdir .git/hooks && echo x > .git/hooks/pre-commit",
    "hooks renamed": "mv .git/hooks src/h && mkdir .git/hooks && echo x > .git/hooks/pre-commit",
    "hooks linked": "rmdir .git/hooks; rm -rf .git/hooks; ln -s ../src .git/hooks",
    "the repository renamed": "mv .git moved && mkdir -p .git/hooks && echo x > .git/hooks/pre-commit",
    "the repository replaced": "rm -rf .git; echo 'gitdir: src' > .git",
    "hooks elsewhere": "git config core.hooksPath src",
    "the configuration": "echo '[core] hooksPath = src' >> .git/config",
    "the configuration replaced": "cp .git/config .git/c && echo x >> .git/c && mv -f .git/c .git/config",
    "the configuration by a hard link": "ln .git/config src/c && echo x >> src/c",
    "another common folder": "echo ../src > .git/commondir",
    "a configuration of the work tree": "echo x > .git/config.worktree",
    "an editor's task": "echo x > .vscode/tasks.json",
    "an editor's settings moved in": "mkdir src/v && echo x > src/v/tasks.json && mv -T src/v .vscode",
    "an exchange": "echo x > src/e && python3 -c 'import ctypes; assert not ctypes.CDLL(None).syscall(316, -100,"
    ' b"src/e", -100, b".mcp.json", 2)\'',
    "a copy over": "echo x > src/m && cp -f src/m .mcp.json",
    "a link over": "ln -sf src/m .mcp.json && [ -L .mcp.json ]",
    "another case": "echo x > .git/HOOKS/../hooks/pre-commit",
}


@both
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_git_and_editors_obey_stays_as_it_is(kind, attack, tmp_path):
    box = make_box(kind, tmp_path)
    make_repository(box.workspace)
    (box.workspace / ".vscode").mkdir()
    (box.workspace / ".vscode/settings.json").write_text("{}")
    (box.workspace / ".mcp.json").write_text("{}")
    before = {path: _content(box.workspace / path) for path in PROTECTED}

    box.run(ATTACKS[attack])

    assert {path: _content(box.workspace / path) for path in PROTECTED} == before
    assert (box.workspace / ".git").is_dir()


def _content(path):
    if path.is_symlink():
        return path.readlink()
    if path.is_dir():
        return state_of(path)
    return path.read_bytes() if path.exists() else None


def test_git_works_in_a_repository(tmp_path):
    box = make_box("bubblewrap", tmp_path)
    make_repository(box.workspace)

    ended = box.run(
        f"git status --porcelain && echo b > b && git add -A && git {IDENTITY} commit -qm second"
        " && git switch -qc other && git stash list && git log --format=%s"
    )

    assert (ended.code, ended.output) == (0, "second\nfirst\n")
    assert run_git(box.workspace, "ls-files").split() == ["README", "b"]
    assert run_git(box.workspace, "status", "--porcelain") == ""


@both
def test_the_state_of_a_repository_can_be_read(kind, tmp_path):
    box = make_box(kind, tmp_path)
    make_repository(box.workspace)

    ended = box.run("git status --porcelain && git log --format=%s && git diff")

    assert (ended.code, ended.output) == (0, "first\n")


def test_a_repository_above_the_workspace_is_found_in_spite_of_the_mount_points(tmp_path):
    box = make_box("bubblewrap", tmp_path)
    make_repository(box.home)

    assert run_git(box.workspace, "rev-parse", "--show-toplevel").strip() == str(box.home)
    with_janitor = Janitor(box.workspace)
    try:
        assert run_git(box.workspace, "rev-parse", "--show-toplevel").strip() == str(box.home)
        assert run_git(box.workspace, "status", "--porcelain", ".") == ""
    finally:
        with_janitor.close()


@both
def test_the_file_of_a_work_tree_cannot_lead_elsewhere(kind, tmp_path):
    box = make_box(kind, tmp_path)
    main = tmp_path / "main"
    make_repository(main)
    shutil.rmtree(box.workspace)
    run_git(main, "worktree", "add", "-q", str(box.workspace))
    before = (box.workspace / ".git").read_text()

    ended = box.run("rm -f .git; echo 'gitdir: src' > .git")

    assert ended.code != 0
    assert (box.workspace / ".git").read_text() == before


@pytest.mark.parametrize("name", [".git", ".mcp.json", ".vscode"])
def test_where_a_protected_path_is_a_link_no_command_runs(name, tmp_path):
    box = make_box("bubblewrap", tmp_path)
    (box.workspace / name).symlink_to("src")

    with pytest.raises(ToolError, match="symbolic link"):
        box.run("touch ran")

    assert not (box.workspace / "ran").exists()


def test_one_command_at_a_time_runs_in_a_folder(tmp_path):
    box = make_box("bubblewrap", tmp_path)
    first = Janitor(box.workspace)
    try:
        with pytest.raises(ToolError, match="still runs"):
            Janitor(box.workspace)
    finally:
        first.close()

    assert box.run("true").code == 0


def test_mount_points_left_by_a_crash_are_taken_away_by_the_next_command(tmp_path):
    box = make_box("bubblewrap", tmp_path)
    (box.workspace / ".mcp.json").mkdir()

    ended = box.run("echo {} > .mcp.json")

    assert ended.code != 0
    assert not (box.workspace / ".mcp.json").exists()


def test_a_file_that_somebody_puts_in_the_place_of_a_mount_point_stays(tmp_path):
    box = make_box("bubblewrap", tmp_path)
    janitor = Janitor(box.workspace)
    (box.workspace / ".mcp.json").rmdir()
    (box.workspace / ".mcp.json").write_text('{"mine": true}')

    janitor.close()

    assert (box.workspace / ".mcp.json").read_text() == '{"mine": true}'
    assert not (box.workspace / ".envrc").exists()
