"""Keeps protected paths as they are, or absent, while a command runs in bubblewrap.

A path that exists is mounted over itself, read-only. One that does not is given a mount point for as long as the
command runs; a janitor takes it away again, also if this process is killed. It is a socket that nobody listens at:
Git overlooks those, no program can read or write one, and it is made and deleted in microseconds (folders take
milliseconds).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.tools.context import ToolError
from app.tools.protected import PROTECTED_FILES, PROTECTED_FOLDERS

_LOCK_SECONDS = 2.0
_POLL_SECONDS = 0.02
#: What a file that stands for an absent one holds. Git takes "." in commondir for what is the case without it.
_CONTENTS = {".git/commondir": b".\n"}
#: Waits for a word, or its input's end if this process died; then it removes what is as it was made.
_JANITOR = """
read -r word && exit
sleep 0.3
for path do
    if [ -L "$path" ]; then continue; fi
    if [ -S "$path" ]; then rm -f -- "$path"
    elif [ -f "$path" ] && { [ ! -s "$path" ] || [ "$(cat -- "$path")" = . ]; }; then rm -f -- "$path"
    fi
done 2>/dev/null
"""


@dataclass
class Masks:
    """How a workspace's protected paths are kept.

    Attributes:
        pinned: Folders above protected paths, mounted over themselves so that they cannot be renamed.
        kept: What exists.
        absent: Where nothing is, so that a socket is to be made as a mount point.
        absent_files: The same in ``.git``, where Git wants a file.
    """

    pinned: list[Path] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)
    absent: list[Path] = field(default_factory=list)
    absent_files: list[Path] = field(default_factory=list)

    def arguments(self) -> list[str]:
        """Return bubblewrap's options, to come after the one that binds the workspace."""
        options: list[str] = []
        for path in self.pinned:
            options += ["--bind", str(path), str(path)]
        for path in [*self.kept, *self.absent, *self.absent_files]:
            options += ["--ro-bind", str(path), str(path)]
        return options


def find_masks(workspace: Path) -> Masks:
    """Look at what there is of the protected paths.

    Raises:
        ToolError: One of them is a symbolic link, over which nothing can be mounted.
    """
    masks = Masks()
    for names, is_folder in ((PROTECTED_FOLDERS, True), (PROTECTED_FILES, False)):
        for name in names:
            _mask(masks, workspace, name, is_folder=is_folder)
    return masks


def _mask(masks: Masks, workspace: Path, name: str, *, is_folder: bool) -> None:
    parts = name.split("/")
    path = workspace
    for part in parts:
        path /= part
        is_last = path == workspace / name
        mode = _mode(path)
        if mode is None:
            _once(masks.absent if is_folder or path.parent == workspace else masks.absent_files, path)
            return
        if stat.S_ISLNK(mode):
            raise ToolError(
                f"{path.relative_to(workspace)} is a symbolic link, which a sandbox cannot protect; so no command runs "
                "in it here. It can be run outside of the sandbox, if the person agrees."
            )
        if is_last or not stat.S_ISDIR(mode):
            _once(masks.absent if stat.S_ISSOCK(mode) else masks.kept, path)  # the former was left by a crash
            return
        _once(masks.pinned, path)


def _mode(path: Path) -> int | None:
    try:
        return path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ToolError(f"{path} cannot be looked at ({error.strerror}), so it cannot be protected.") from error


def _once(paths: list[Path], path: Path) -> None:
    if path not in paths:
        paths.append(path)


class Janitor:
    """Holds a workspace for one command at a time, makes mount points in it and takes them away.

    Raises:
        ToolError: Another command runs in the workspace, or a mount point cannot be made.
    """

    def __init__(self, workspace: Path) -> None:
        lock = _lock(workspace)
        try:
            self.masks = find_masks(workspace)
            made = [*self.masks.absent, *self.masks.absent_files]
            self._shell = subprocess.Popen(
                ["/bin/sh", "-c", _JANITOR, "sh", *map(str, made)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(lock,),
                start_new_session=True,
                cwd="/",
            )
        finally:
            os.close(lock)  # the janitor's copy holds the lock until it has done its work
        try:
            self._make()
        except BaseException:
            self.close()
            raise

    def _make(self) -> None:
        for paths, make in ((self.masks.absent, _make_socket), (self.masks.absent_files, _make_file)):
            paths[:] = [path for path in paths if make(path)]

    def close(self) -> None:
        """Take the mount points away; to be called when every process of the command has ended."""
        for path in self.masks.absent:
            if stat.S_ISSOCK(_mode(path) or 0):  # else somebody has put something there
                path.unlink(missing_ok=True)
        for path in self.masks.absent_files:
            if stat.S_ISREG(_mode(path) or 0) and path.read_bytes() == _content(path):
                path.unlink(missing_ok=True)
        with contextlib.suppress(BrokenPipeError):
            self._shell.communicate(b"done\n")


def _lock(workspace: Path) -> int:
    descriptor = os.open(workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
                continue
            os.close(descriptor)
            raise ToolError("Another command still runs in this folder. Wait for its end.") from None
        except OSError:
            pass  # a file system without locks: the mount points may be in each other's way, and the command fails
        return descriptor


def _make_socket(path: Path) -> bool:
    def make() -> None:
        if not path.is_socket():
            os.mknod(path, stat.S_IFSOCK | 0o600)

    return _made(path, make)


def _make_file(path: Path) -> bool:
    return _made(path, lambda: path.write_bytes(_content(path)))


def _content(path: Path) -> bytes:
    return _CONTENTS.get(f"{path.parent.name}/{path.name}", b"")


def _made(path: Path, make: Callable[[], object]) -> bool:
    try:
        make()
    except OSError as error:
        if error.errno in {errno.EACCES, errno.EROFS}:
            return False  # then the command cannot make it either
        raise ToolError(f"{path} cannot be protected ({error.strerror}), so the command was not run.") from error
    return True
