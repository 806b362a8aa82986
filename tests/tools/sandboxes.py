"""The sandboxes that work on this machine, and what tests do with them."""

import os
import shutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from app.tools.sandbox import landlock
from app.tools.sandbox.bubblewrap import Bubblewrap
from app.tools.sandbox.find import probe
from app.tools.sandbox.landlock import Landlock

LIMIT_S = 30
KINDS = ("bubblewrap", "landlock")


@dataclass
class Ended:
    code: int
    output: str


@dataclass
class Box:
    """A sandbox with a workspace in a home folder, beside things a command must not reach."""

    sandbox: object
    home: object
    workspace: object
    outside: object
    hidden: object

    def run(self, command, reach="sandbox"):
        process = self.sandbox.start(["bash", "-c", command], self.workspace, self.workspace, reach)
        try:
            output, _ = process.communicate(timeout=LIMIT_S)
        finally:
            self.sandbox.stop(process)
        return Ended(process.returncode, output.decode(errors="replace"))


def make_sandbox(kind, home, hidden=()):
    """Return a sandbox of a kind; skip the test, with the reason, where it does not work."""
    if sys.platform != "linux":
        pytest.skip("these sandboxes are Linux's")
    if kind == "bubblewrap":
        program = shutil.which("bwrap")
        if program is None:
            pytest.skip("bubblewrap is not installed")
        sandbox = Bubblewrap(program, home, hidden)
    else:
        abi = landlock.kernel_version()
        if abi < landlock.LEAST_ABI:
            pytest.skip(f"this kernel's Landlock is too old ({abi})")
        sandbox = Landlock(abi, home, hidden)
    if failure := probe(sandbox):
        pytest.skip(f"{kind} does not work here: {failure}")
    return sandbox


def make_box(kind, tmp_path):
    home = (tmp_path / "home").resolve()
    workspace, outside, hidden = home / "project", tmp_path / "outside", tmp_path / "sawhorse"
    for folder in (workspace / "src", outside, hidden, home / ".ssh"):
        folder.mkdir(parents=True)
    (outside / "file").write_text("kept\n")
    (outside / "file").chmod(0o640)
    (home / ".ssh/id").write_text("canary-of-home\n")
    (hidden / "conversations.db").write_text("canary-of-data\n")
    return Box(make_sandbox(kind, home, (hidden,)), home, workspace, outside, hidden)


def running(mark):
    """Return the processes of this machine whose command holds a mark, in whatever namespace."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if any(mark in part for part in process.info["cmdline"] or ())
        and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


@contextmanager
def path_without(monkeypatch, tmp_path, *programs):
    """Hide programs from the search path: all else that is on it is linked into one folder."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for place in map(Path, os.environ["PATH"].split(os.pathsep)):
        for program in place.iterdir() if place.is_dir() else ():
            link = folder / program.name
            if program.name not in programs and not link.is_symlink():
                link.symlink_to(program)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(folder))
        yield
