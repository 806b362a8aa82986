"""Takes back changes: which paths to put back, which to leave because somebody changed them since, and doing it."""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from app.tools.checkpoint_index import Change
from app.tools.contents import Contents
from app.tools.snapshot import Node, is_at, kind_of
from app.tools.tree import Parts, Tree


@dataclass(frozen=True)
class Planned:
    """A path to put back.

    Attributes:
        target: What is to stand there; None for nothing.
        changes: Those taken back by it, in order.
    """

    name: str
    target: Node | None
    changes: tuple[Change, ...]

    @property
    def parts(self) -> Parts:
        """The names that lead to it."""
        return tuple(self.name.split("/"))


class _Conflict(Exception):  # noqa: N818 - one path that stays as it is
    pass


def plan_undo(tree: Tree, changes: Iterable[Change], *, force: bool) -> tuple[list[Planned], list[str]]:
    """Return the paths to put back and those in conflict: not as the changes left them, or changed in between."""
    of_path: dict[str, list[Change]] = {}
    for change in changes:
        of_path.setdefault(change.path, []).append(change)
    planned, conflicts = [], []
    for name, chain in of_path.items():
        path = Planned(name, chain[0].before, tuple(chain))
        is_chain = all(later.before == earlier.after for earlier, later in itertools.pairwise(chain))
        if force or (is_chain and is_at(tree, path.parts, chain[-1].after)) or is_at(tree, path.parts, path.target):
            planned.append(path)
        else:
            conflicts.append(name)
    return planned, conflicts


def restore(tree: Tree, planned: list[Planned], contents: Contents, *, force: bool) -> tuple[list[Planned], list[str]]:
    """Put paths back as they were; return those that are now so, and those that could not be.

    What is in the way goes first, the deepest before what holds it; then folders come back, then files and links; at
    last folders get their permissions, which may forbid all of that.

    Args:
        force: A folder that is not empty may stay, without being one that could not be put back.
    """
    failed: set[str] = set()
    order = sorted(planned, key=lambda path: (len(path.parts), path.name))

    def attempt(paths: Iterable[Planned], act: Callable[[Planned], None]) -> None:
        for path in paths:
            if path.name not in failed:
                try:
                    act(path)
                except (_Conflict, OSError):
                    failed.add(path.name)

    for path in order:
        with suppress(OSError):
            _open_up(tree, path)
    attempt(reversed(order), lambda path: _clear(tree, path, force=force))
    attempt(order, lambda path: _make(tree, path, contents))
    attempt(reversed(order), lambda path: _close_up(tree, path))
    return [path for path in planned if path.name not in failed], sorted(failed)


def _open_up(tree: Tree, path: Planned) -> None:
    """Let a folder be changed whose permissions forbid it; it gets its own back at the end."""
    status = tree.status(path.parts)
    if stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_IRWXU != stat.S_IRWXU:
        tree.set_mode(path.parts, stat.S_IMODE(status.st_mode) | stat.S_IRWXU)


def _clear(tree: Tree, path: Planned, *, force: bool) -> None:
    try:
        mode = tree.status(path.parts).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    target = path.target
    if target is not None and target.kind == kind_of(mode) != "link":
        return
    if target is not None and target.kind == "link" and is_at(tree, path.parts, target):
        return
    if not stat.S_ISDIR(mode):
        tree.delete(path.parts)
        return
    try:
        tree.delete_folder(path.parts)
    except OSError:
        if target is not None or not force:
            raise  # somebody's files are in it


def _make(tree: Tree, path: Planned, contents: Contents) -> None:
    target = path.target
    if target is None or target.kind == "other":
        return  # a FIFO, socket or device means nothing without the process that made it
    tree.make_folders(path.parts[:-1])
    if target.kind == "folder":
        with suppress(FileExistsError):
            tree.make_folder(path.parts)
        return
    if is_at(tree, path.parts, target):
        return
    data = contents.read(target.content) if target.content else None
    if data is None:
        raise _Conflict  # too large to be kept, cleared away since, or no file to begin with
    if target.kind == "link":
        tree.make_link(path.parts, os.fsdecode(data))
    else:
        # Thousands of files would wait for the disk one by one; what is written is still in the store.
        tree.write(path.parts, data, mode=target.mode, is_durable=False)


def _close_up(tree: Tree, path: Planned) -> None:
    if path.target is not None and path.target.kind == "folder":
        tree.set_mode(path.parts, path.target.mode)
