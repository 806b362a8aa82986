"""The one folder tools act in: reads and writes what lies beneath it, and follows nothing out of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar

from app.errors import AppError
from app.tools.context import ToolError
from app.tools.names import shown
from app.tools.protected import PROTECTED, protected_path
from app.tools.resolving import resolve
from app.tools.tree import Parts, Tree
from app.tools.tree_by_path import open_tree

T = TypeVar("T")

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
#: A path that changes between being found and being opened is looked up again so often.
_TRIES = 4


class Workspace:
    """A ``WorkspaceFolder``; links that stay in the folder are followed, all others refused.

    A hard link cannot be told from a file, so a file with several names can be read but not written: one of the
    names may be outside.
    """

    def __init__(self, root: Path) -> None:
        """Open it.

        Raises:
            AppError: It is not there, or cannot be opened.
        """
        try:
            self._tree = open_tree(root.resolve(strict=True))
        except (OSError, RuntimeError) as error:
            raise _not_open(root, error) from error
        self._as_given = Path(os.path.abspath(root))  # noqa: PTH100 - Path.absolute keeps ".."

    @property
    def root(self) -> Path:
        """The folder, absolute and resolved."""
        return self._tree.root

    @property
    def tree(self) -> Tree:
        """What lies in it, by names."""
        return self._tree

    def close(self) -> None:
        """Close it; safe to call twice."""
        self._tree.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def parts(self, path: str) -> Parts:
        """Return the names that lead to what a path means; see ``resolve``."""
        return resolve(self._tree, path, also=self._as_given)

    def relative(self, path: str) -> str:
        """Return a path below the folder in its one spelling, "" for the folder itself; it need not exist."""
        return "/".join(self.parts(path))

    def status(self, path: str) -> os.stat_result | None:
        """Return the status of what a path means, links followed; None where nothing is there."""
        try:
            return self._attempt(path, self._tree.status)
        except FileNotFoundError:
            return None

    def open_file(self, path: str) -> int:
        """Return a descriptor for reading a regular file; devices, FIFOs and sockets are refused unopened."""
        try:
            return self._attempt(path, self._open)
        except FileNotFoundError:
            raise ToolError(f"There is no file {shown(path)}.") from None

    def write_file(self, path: str, data: bytes) -> None:
        """Put a file in place whole, making the folders above it; its mode is kept.

        Raises:
            ToolError: It leads out, is protected, is no regular file, or has other names.
        """
        self._attempt(path, lambda parts: self._write(parts, data))

    def check_writable(self, path: str) -> None:
        """Say before any work is done why a file cannot be written. Raises ToolError."""
        self._attempt(path, self._mode_and_owner)

    def _attempt(self, path: str, act: Callable[[Parts], T]) -> T:
        """Do something with what a path means, again if the path changes in between; FileNotFoundError passes."""
        for tries_left in reversed(range(_TRIES)):
            parts = self.parts(path)
            try:
                return act(parts)
            except FileNotFoundError:
                raise
            except OSError as error:
                if tries_left == 0 or not self._has_changed(path, parts):
                    raise _told(path, error) from None
        raise AssertionError  # the last try returns or raises

    def _has_changed(self, path: str, parts: Parts) -> bool:
        return self.parts(path) != parts

    def _open(self, parts: Parts) -> int:
        mode = self._tree.status(parts).st_mode
        if not stat.S_ISREG(mode):
            raise ToolError(f"{_name(parts)} is {_kind(mode)}, not a file.")
        return self._tree.open(parts)

    def _write(self, parts: Parts, data: bytes) -> None:
        mode, owner = self._mode_and_owner(parts)
        self._tree.make_folders(parts[:-1])
        self._tree.write(parts, data, mode=mode, owner=owner)

    def _mode_and_owner(self, parts: Parts) -> tuple[int | None, tuple[int, int] | None]:
        self._refuse_protected(parts)
        if not parts:
            raise ToolError("That is the workspace folder itself, not a file.")
        try:
            status = self._tree.status(parts)
        except FileNotFoundError:
            return None, None
        if not stat.S_ISREG(status.st_mode):
            raise ToolError(f"{_name(parts)} is {_kind(status.st_mode)}, not a file.")
        if status.st_nlink > 1:
            raise ToolError(
                f"{_name(parts)} has {status.st_nlink} names (hard links), so writing it could change a file outside "
                "the workspace. Write a file with a new name instead."
            )
        return stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid)

    def _refuse_protected(self, parts: Parts) -> None:
        protected = protected_path(parts) or self._protected_by_link(parts)
        if protected:
            raise ToolError(
                f"{_name(parts)} is protected ({protected}): other programs run or obey it. "
                "Tell the user what should be in it."
            )

    def _protected_by_link(self, parts: Parts) -> str:
        """Return the protected path that is a link to this path, or to a folder above it."""
        for path in PROTECTED:
            with suppress(ToolError):
                place = self.parts(path)
                if place != tuple(path.split("/")) and parts[: len(place)] == place:
                    return path
        return ""


def check_workspace(path: Path, forbidden: Iterable[Path]) -> AppError | None:
    """Return why a folder cannot be one that tools act in, or None.

    Args:
        forbidden: Folders of Sawhorse's own, which hold what guards the tools.
    """
    try:
        root = path.resolve(strict=True)
        if not root.is_dir():
            raise NotADirectoryError(0, "it is not a folder")
        os.listdir(root)  # noqa: PTH208 - only whether it can be
    except (OSError, RuntimeError) as error:
        return _not_open(path, error)
    for folder in forbidden:
        own = folder.resolve()
        if root == own or own in root.parents:
            return AppError(
                "This folder cannot be used",
                f"{root} belongs to Sawhorse itself.",
                "Choose the folder of your project.",
            )
        if root in own.parents:
            return AppError(
                "This folder cannot be used",
                f"{root} holds {own}, where Sawhorse keeps its settings and conversations.",
                "Choose the folder of one project, not one above it.",
            )
    return None


def workspace_warning(path: Path, home: Path) -> str:
    """Return what a person should know before tools act in a folder that holds more than a project, or ""."""
    root, home = path.resolve(), home.resolve()
    if root == Path(root.anchor):
        return f"{root} is the whole disk. Choose the folder of one project."
    if root == home:
        return f"{root} is your home folder, with all of your files. Choose the folder of one project."
    if root in home.parents:
        return f"{root} holds the home folders of this machine. Choose the folder of one project."
    return ""


def _not_open(path: Path, error: Exception) -> AppError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return AppError("This folder cannot be opened", f"{shown(str(path))}: {reason}.", "Choose another folder.")


def _told(path: str, error: OSError) -> ToolError:
    return ToolError(f"{shown(path)}: {error.strerror or error}.")


def _name(parts: Parts) -> str:
    return shown("/".join(parts)) or "the workspace folder"


def _kind(mode: int) -> str:
    return _KINDS.get(stat.S_IFMT(mode), "something else")
