"""The workspace: nothing outside of it is read or written, whatever a path says and whoever changes it meanwhile."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from app.tools import openat2, tree_by_path, workspace
from app.tools.context import ToolError
from app.tools.protected import PROTECTED
from app.tools.tree import Tree
from app.tools.workspace import Workspace, check_workspace, workspace_warning

SECRET = "the secret outside"


@pytest.fixture(params=["openat2", "by name", "by path"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with every kind of link in it, beside what it must not reach."""
    if request.param == "by name":
        monkeypatch.setattr(openat2, "works", lambda: False)
    elif request.param == "by path":
        monkeypatch.setattr(workspace, "open_tree", tree_by_path.TreeByPath)
    elif not openat2.works():
        pytest.skip("this kernel has no openat2")
    root = tmp_path / "ws"
    for path in ("src/deep", "real", "ws"):
        (root / path).mkdir(parents=True)
    for path in ("a", "src/b", "src/deep/c", "ws/inner", "é ü", "new\nline", "-rf", "*", "...", "..a", "a..", "~a"):
        (root / path).write_text("inside")
    for outside in ("outside", "ws-evil", "wsx"):
        (tmp_path / outside).mkdir()
        (tmp_path / outside / "secret").write_text(SECRET)
    (tmp_path / "secret").write_text(SECRET)
    links = {
        "to_a": "a",
        "to_src": "src",
        "src/up": "..",
        "src/deep/up2": "../..",
        "src/to_deep": "deep/../deep",
        "absolute": str(root / "src"),
        "chain": "to_src",
        "etc": "/etc",
        "root": "/",
        "proc": "/proc/self/root",
        "out": "../outside",
        "out_file": "../secret",
        "out_abs": str(tmp_path / "outside"),
        "evil": "../ws-evil",
        "evil_abs": f"{root}-evil",
        "src/out": "../../outside",
        "chain_out": "out",
        "loop": "loop",
        "ping": "pong",
        "pong": "ping",
        "in_and_out": "src/../../outside",
        "out_and_in": "../ws/src",
        "dangling": "src/not_there",
        "dangling_out": "../outside/not_there",
        "stdin": "/dev/stdin",
        "zero": "/dev/zero",
    }
    for name, target in links.items():
        (root / name).symlink_to(target)
    os.mkfifo(root / "fifo")
    (root / "to_fifo").symlink_to("fifo")
    return root


INSIDE = [
    "a", "./a", "src/b", "src//b", "src/./b", "src/../a", "src/deep/../b", "./src/./deep/./c", "missing/../a", "/WS/a",
    "/WS/src/b", "/WS/./a", "/WS/src/../a", "/WS//a", "to_a", "to_src/b", "to_src/deep/c", "src/up/a", "src/deep/up2/a",
    "src/deep/up2/src/b", "src/to_deep/c", "absolute/b", "absolute/deep/c", "chain/b", "/WS/to_src/b", "/WS/absolute/b",
    "to_src/../a", "chain/deep/../b", "ws/inner", "é ü", "new\nline", "-rf", "*", "...", "..a", "a..", "~a", "./~a",
    "src/up/src/up/src/b", "absolute/up/a",
]  # fmt: skip

OUTSIDE = [
    "..", "../secret", "../ws-evil/secret", "../wsx/secret", "../outside/secret", "src/../../secret",
    "../../etc/passwd",
    "src/deep/../../../secret", "/etc/passwd", "/", "//etc/passwd", "/WS-evil/secret", "/WSx/secret", "/WS/../secret",
    "/WS/../ws-evil/secret", "/WS/src/../../secret", "/proc/self/root/etc/passwd", "/proc/self/cwd", "/proc/1/root",
    "/proc/self/root/WS/a", "/proc/self/fd/0", "/dev/zero", "/dev/stdin", "/dev/fd/0", "etc/passwd", "root/etc/passwd",
    "proc/etc/passwd", "out/secret", "out_file", "out_abs/secret", "evil/secret", "evil_abs/secret", "src/out/secret",
    "chain_out/secret", "to_src/out/secret", "to_src/up/out/secret", "in_and_out/secret", "out_and_in/b",
    "/WS/out/secret", "/WS/etc/passwd", "stdin", "zero", "dangling_out", "absolute/up/out/secret", "out/../secret",
    "root/WS/a", "out", "etc", "root", "out_abs/..", "missing/../../secret", "a/../../secret", "..//secret",
    ".././secret",
    "./../secret", "src/up/../secret", "src/deep/up2/../secret", "/..", "/../etc/passwd", "../ws/a", "../WS/a",
]  # fmt: skip

IMPOSSIBLE = [
    "~",
    "~/x",
    "~/.ssh/id_rsa",
    "a\0b",
    "\0",
    "a\0/../../secret",
    "\ud800",
    "loop",
    "ping",
    "loop/x",
    "x" * 300,
]

NO_FILE = [
    "", ".", "src", "to_src", "absolute", "fifo", "to_fifo", "missing", "a/b", "dangling", "src/missing/x", "~root",
    "~root/.ssh", "%2e%2e/secret", "..%2fsecret", "..\\secret", "file:///etc/passwd", "$HOME/x", "\uff0e\uff0e/secret",
    "src/‥/secret", "\udcff", "C:\\x", "\\\\server\\share", "A" * 255, "con", "a ", " a", "a\n",
]  # fmt: skip


def _filled(path: str, folder: Path) -> str:
    return path.replace("/WS", str(folder))


@pytest.mark.parametrize("path", INSIDE)
def test_what_is_inside_is_read_however_it_is_named(folder: Path, path: str) -> None:
    with Workspace(folder) as ws:
        with os.fdopen(ws.open_file(_filled(path, folder)), "rb") as file:
            assert file.read() == b"inside"
        relative = ws.relative(_filled(path, folder))
        assert (folder / relative).resolve() == folder / relative


@pytest.mark.parametrize("path", OUTSIDE + IMPOSSIBLE + NO_FILE)
def test_nothing_else_is_opened(folder: Path, path: str) -> None:
    with Workspace(folder) as ws, pytest.raises(ToolError):
        ws.open_file(_filled(path, folder))


@pytest.mark.parametrize("path", OUTSIDE + IMPOSSIBLE)
def test_nothing_outside_is_written(folder: Path, path: str) -> None:
    before = _outside(folder)
    with Workspace(folder) as ws, pytest.raises(ToolError):
        ws.write_file(_filled(path, folder), b"x")
    assert _outside(folder) == before


def _outside(folder: Path) -> dict[str, str]:
    return {str(path): path.read_text() for path in folder.parent.glob("*/secret")} | {
        str(path): "" for path in (folder.parent / "outside").iterdir()
    }


def test_writing_makes_folders_keeps_the_mode_and_writes_through_links_inside(folder: Path) -> None:
    (folder / "a").chmod(0o640)
    with Workspace(folder) as ws:
        ws.write_file("x/y/z", b"new")
        ws.write_file("to_a", b"changed")
    assert (folder / "x/y/z").read_bytes() == b"new"
    assert (folder / "to_a").is_symlink()
    assert (folder / "a").read_bytes() == b"changed"
    assert (folder / "a").stat().st_mode & 0o7777 == 0o640
    assert not list(folder.rglob(".sawhorse-*"))


@pytest.mark.parametrize("path", ["", "src", "fifo", "a/x", "to_fifo"])
def test_only_files_are_written(folder: Path, path: str) -> None:
    with Workspace(folder) as ws, pytest.raises(ToolError):
        ws.write_file(path, b"x")


def test_a_file_with_several_names_is_read_but_not_written(folder: Path) -> None:
    (folder / "hard").hardlink_to(folder.parent / "secret")
    with Workspace(folder) as ws:
        os.close(ws.open_file("hard"))
        with pytest.raises(ToolError, match=r"2 names \(hard links\)"):
            ws.write_file("hard", b"x")
    assert (folder.parent / "secret").read_text() == SECRET


def test_a_socket_is_not_opened(folder: Path) -> None:
    server = socket.socket(socket.AF_UNIX)
    here = os.open(folder, os.O_RDONLY)
    server.bind(f"/proc/self/fd/{here}/s")  # the name itself may be too long for a socket
    with Workspace(folder) as ws, pytest.raises(ToolError, match="a socket"):
        ws.open_file("s")
    os.close(here)
    server.close()


@pytest.mark.parametrize("path", [*PROTECTED, ".git", ".git/HEAD", ".git/hooks/pre-commit", ".vscode/tasks.json"])
def test_protected_paths_are_not_written_even_where_they_are_missing(folder: Path, path: str) -> None:
    with Workspace(folder) as ws:
        for name in (path, path.upper(), f"src/{path}", f"./{path}", f"src/../{path}", f"{path}/x", f"{path}. "):
            with pytest.raises(ToolError, match="protected"):
                ws.write_file(name, b"x")
            with pytest.raises(ToolError, match="protected"):
                ws.check_writable(name)


@pytest.mark.parametrize("name", ["git", ".gitignore", ".github/workflows/x.yml", "vscode", ".git2/hooks", "a.git/x"])
def test_names_like_them_are_written(folder: Path, name: str) -> None:
    with Workspace(folder) as ws:
        ws.write_file(name, b"x")
    assert (folder / name).read_bytes() == b"x"


def test_what_a_protected_link_points_to_is_protected_too(folder: Path) -> None:
    (folder / "shared").mkdir()
    (folder / ".vscode").symlink_to("shared")
    with Workspace(folder) as ws, pytest.raises(ToolError, match="protected"):
        ws.write_file("shared/tasks.json", b"x")


def test_very_deep_folders_are_reached(tmp_path: Path) -> None:
    root = tmp_path / "deep"
    root.mkdir()
    parts = ("d" * 50,) * 120  # more than the 4,096 bytes the system takes at once
    with Tree(root) as tree:
        tree.make_folders(parts)
        tree.write((*parts, "f"), b"x", mode=None)
        with Workspace(root) as ws, os.fdopen(ws.open_file("/".join((*parts, "f"))), "rb") as file:
            assert file.read() == b"x"
        tree.delete((*parts, "f"))
        for depth in range(len(parts), 0, -1):
            tree.delete_folder(parts[:depth])


@pytest.mark.parametrize("by_name", [False, True])
def test_a_link_swapped_ten_thousand_times_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_name: bool
) -> None:
    if by_name:
        monkeypatch.setattr(openat2, "works", lambda: False)
    root, outside = tmp_path / "ws", tmp_path / "outside"
    for folder, text in ((root / "real", "inside"), (outside, SECRET)):
        folder.mkdir(parents=True)
        (folder / "f").write_text(text)
    is_over = threading.Event()
    (root / "good").symlink_to("real")
    (root / "bad").symlink_to(outside)
    (root / "d").symlink_to("real")

    def swap() -> None:
        for number in range(10_000):
            source = "good" if number % 2 else "bad"
            (root / "next").symlink_to((root / source).readlink())
            (root / "next").replace(root / "d")
        is_over.set()

    swapper = threading.Thread(target=swap)
    swapper.start()
    read = refused = 0
    with Workspace(root) as ws:
        while not is_over.is_set():
            try:
                with os.fdopen(ws.open_file("d/f"), "rb") as file:
                    assert file.read() == b"inside"
                ws.write_file("d/new", b"x")
                read += 1
            except ToolError:
                refused += 1
    swapper.join()
    assert refused
    assert sorted(path.name for path in outside.iterdir()) == ["f"]
    assert (outside / "f").read_text() == SECRET


def test_a_folder_swapped_for_a_link_leads_nowhere(tmp_path: Path) -> None:
    root, outside = tmp_path / "ws", tmp_path / "outside"
    for folder, text in ((root / "d", "inside"), (outside, SECRET)):
        folder.mkdir(parents=True)
        (folder / "f").write_text(text)
    is_over = threading.Event()

    def swap() -> None:
        for _ in range(3_000):
            (root / "d").rename(root / "aside")
            (root / "d").symlink_to(outside)
            (root / "d").unlink()
            (root / "aside").rename(root / "d")
        is_over.set()

    swapper = threading.Thread(target=swap)
    swapper.start()
    with Workspace(root) as ws:
        while not is_over.is_set():
            try:
                with os.fdopen(ws.open_file("d/f"), "rb") as file:
                    assert file.read() == b"inside"
            except ToolError:
                pass
    swapper.join()


def test_our_own_folders_and_those_above_them_are_refused(tmp_path: Path) -> None:
    data, project = tmp_path / "home/data", tmp_path / "home/project"
    for folder in (data / "inner", project, tmp_path / "home/data-2"):
        folder.mkdir(parents=True)
    (tmp_path / "link").symlink_to(data)
    for refused in (data, data / "inner", tmp_path / "home", tmp_path, Path("/"), tmp_path / "link"):
        assert check_workspace(refused, [data]) is not None
    assert check_workspace(project, [data]) is None
    assert check_workspace(tmp_path / "home/data-2", [data]) is None


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "not a folder" in str(check_workspace(tmp_path / "file", []))
    assert "No such file" in str(check_workspace(tmp_path / "missing", []))


def test_large_folders_are_warned_of(tmp_path: Path) -> None:
    home = tmp_path / "home/me"
    home.mkdir(parents=True)
    assert "whole disk" in workspace_warning(Path("/"), home)
    assert "home folder" in workspace_warning(home, home)
    assert "home folders" in workspace_warning(home.parent, home)
    assert workspace_warning(home / "project", home) == ""
