"""What a workspace holds at a moment: every file, link and folder. Files that look unchanged are not read again."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from app.tools.contents import Contents, hash_file
from app.tools.tree import Parts, Tree

MAX_FILES = 200_000
MAX_BYTES = 2 * 2**30
#: A file changed again within the clock's step keeps its times, so one read so soon after its last change is read
#: anew: 50 ms on file systems with fine times, 2 s on those that count whole seconds (FAT).
_FINE_NS, _COARSE_NS = 50_000_000, 2_000_000_000


#: "other": a FIFO, socket or device, which is never opened.
NodeKind = Literal["file", "link", "folder", "other"]


class Node(msgspec.Struct, frozen=True, array_like=True):
    """What stands under a path.

    Attributes:
        mode: Permission bits; 0 for links and what is never opened.
        content: Name of the contents, of a link's target too; "" for folders and for files whose contents are not kept.
        stamp: Size, time of change and inode of a file whose contents are not kept; else "".
    """

    kind: NodeKind
    mode: int = 0
    content: str = ""
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A node, and what tells without reading it whether it is still the same.

    Attributes:
        look: Size, times of change of contents and of the entry in ns, inode, mode.
        at_ns: When it was read, by the clock that file times come from.
    """

    node: Node
    look: tuple[int, int, int, int, int]
    at_ns: int

    def holds(self, look: tuple[int, int, int, int, int]) -> bool:
        """Whether an entry that looks like this is the same without a doubt."""
        changed_ns = max(look[1], look[2])
        margin = _COARSE_NS if changed_ns % 1_000_000_000 == 0 else _FINE_NS
        return look == self.look and self.at_ns - changed_ns > margin


Snapshot = Mapping[str, Seen]


class TooLargeError(Exception):
    """The folder is too large to be kept; its text says so to a person."""


def take_snapshot(tree: Tree, known: Snapshot, contents: Contents, *, is_bounded: bool) -> dict[str, Seen]:
    """Return what a workspace holds, keeping the contents of what is not in ``known``.

    Args:
        is_bounded: Refuse a folder that is too large, instead of leaving large files' contents out.

    Raises:
        TooLargeError: It has more than ``MAX_FILES`` files or ``MAX_BYTES`` bytes.
    """
    found = _entries(tree, is_bounded=is_bounded)
    room = MAX_BYTES
    seen: dict[str, Seen] = {}
    for path, parts, status in found:
        look = look_of(status)
        before = known.get(path)
        if before is not None and before.holds(look):
            seen[path] = before
            continue
        room -= status.st_size if stat.S_ISREG(status.st_mode) else 0
        at_ns = time.time_ns()
        try:
            node = read_node(tree, parts, status, contents if room >= 0 else None)
        except OSError:
            node = Node("file", stat.S_IMODE(status.st_mode), stamp=stamp_of(status))
        seen[path] = Seen(node, look, at_ns)
    return seen


def read_node(tree: Tree, parts: Parts, status: os.stat_result, contents: Contents | None) -> Node:
    """Return what stands under a path. Raises OSError.

    Args:
        contents: Where to keep what it holds; None to name it by its stamp alone.
    """
    kind, mode = kind_of(status.st_mode), stat.S_IMODE(status.st_mode)
    if kind == "folder":
        return Node("folder", mode)
    if kind == "other":
        return Node("other")
    if kind == "link":
        target = os.fsencode(tree.link_target(parts))
        return Node("link", 0, contents.keep(target) if contents else "", "" if contents else stamp_of(status))
    if contents is None:
        return Node("file", mode, stamp=stamp_of(status))
    fd = tree.open(parts)
    try:
        return Node("file", mode, contents.keep_file(fd))
    finally:
        os.close(fd)


def node_at(tree: Tree, parts: Parts, contents: Contents) -> Node | None:
    """Return what stands under a path now, its contents kept; None for nothing."""
    try:
        status = tree.status(parts)
        return read_node(tree, parts, status, contents)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return Node("file", stamp="unreadable")


def is_at(tree: Tree, parts: Parts, node: Node | None) -> bool:
    """Whether this, and nothing else, stands under a path."""
    try:
        status = tree.status(parts)
    except OSError:
        return node is None
    if node is None or node.kind != kind_of(status.st_mode):
        return False
    if node.kind == "link":
        return _is_target(tree, parts, node)
    if node.kind == "other":
        return True
    if node.mode != stat.S_IMODE(status.st_mode):
        return False
    if node.kind == "folder":
        return True
    try:
        return stamp_of(status) == node.stamp if node.stamp else hash_file(tree, parts) == node.content
    except OSError:
        return False


def content_of(node: Node | None) -> str | None:
    """Return the name of a file's or link's contents; None for no file. Contents that are not kept have a name, too."""
    return None if node is None else node.content or node.stamp or None


def kind_of(mode: int) -> NodeKind:
    """Return what an entry is by its mode."""
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "other"


def stamp_of(status: os.stat_result) -> str:
    """Return what names a file's contents that are not kept."""
    return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}"


def look_of(status: os.stat_result) -> tuple[int, int, int, int, int]:
    """Return what ``Seen`` compares; for folders only what does not change with their entries."""
    if stat.S_ISDIR(status.st_mode):
        return (0, 0, 0, status.st_ino, status.st_mode)
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_mode)


def _is_target(tree: Tree, parts: Parts, node: Node) -> bool:
    return hashlib.sha256(os.fsencode(tree.link_target(parts))).hexdigest() == node.content


def _entries(tree: Tree, *, is_bounded: bool) -> list[tuple[str, Parts, os.stat_result]]:
    found: list[tuple[str, Parts, os.stat_result]] = []
    size = 0
    todo: list[Parts] = [()]
    while todo:
        folder = todo.pop()
        try:
            entries = tree.entries(folder)
        except OSError:
            continue
        for name, status in entries:
            parts = (*folder, name)
            found.append(("/".join(parts), parts, status))
            if stat.S_ISDIR(status.st_mode):
                todo.append(parts)
            elif stat.S_ISREG(status.st_mode):
                size += status.st_size
        if is_bounded and len(found) > MAX_FILES:
            raise TooLargeError(f"The folder has more than {MAX_FILES:,} files.")
        if is_bounded and size > MAX_BYTES:
            raise TooLargeError(f"The folder has more than {MAX_BYTES // 2**30} GiB of files.")
    return found
