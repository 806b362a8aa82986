"""Finds which entry beneath a folder a path means, links included, and refuses a path that leads out."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections import deque
from pathlib import Path, PurePath

from app.tools.context import ToolError
from app.tools.names import meant, shown
from app.tools.tree import Parts, Tree

#: As many as Linux follows.
MAX_LINKS = 40


def resolve(tree: Tree, path: str, *, also: Path | None = None) -> Parts:
    """Return the names, none of them a link's, that lead to what a path means; it need not exist.

    The answer is about this moment. Whoever opens it does so through ``Tree``, which refuses links, so that a path
    which is changed in between fails instead of leading elsewhere.

    Args:
        also: Another name of the folder that absolute paths may begin with.

    Raises:
        ToolError: It leads out, cannot be a path, or goes round in links.
    """
    todo = deque(_split((tree.root, also), _plain(path), path))
    done: list[str] = []
    links = 0
    while todo:
        name = todo.popleft()
        if name in {"", "."}:
            continue
        if name == "..":
            if not done:
                raise _leads_out(path)
            done.pop()
            continue
        target = _target(tree, (*done, name), path)
        if target is None:
            done.append(name)
            continue
        links += 1
        if links > MAX_LINKS:
            raise ToolError(f"{shown(path)} goes round in links.")
        if PurePath(target).is_absolute():
            done.clear()
        todo.extendleft(reversed(_split((tree.root, also), target, path)))
    return tuple(done)


def _plain(path: str) -> str:
    try:
        raw = os.fsencode(path)
    except UnicodeEncodeError:
        raise ToolError(f"{path!a} is not a file name.") from None
    if b"\0" in raw:
        raise ToolError("A path cannot contain a NUL character.")
    if path == "~" or path.startswith(("~/", "~\\")):
        raise ToolError("~ is outside the workspace folder. Use paths below the workspace, such as src/main.py.")
    return meant(path)


def _split(roots: tuple[Path | None, ...], path: str, asked: str) -> list[str]:
    """Return the names of a path below the folder; an absolute one has to name the folder first, name by name."""
    pure = PurePath(path)
    if not pure.is_absolute() and not pure.drive:
        return path.replace("\\", "/").split("/") if sys.platform == "win32" else path.split("/")
    for root in roots:
        if root is not None and pure.is_relative_to(root):
            return list(pure.relative_to(root).parts)  # still with its ".."
    raise _leads_out(asked)


def _target(tree: Tree, parts: Parts, asked: str) -> str | None:
    """Return where a link points; None for anything else, and for what is not there."""
    try:
        if stat.S_ISLNK(tree.status(parts).st_mode):
            return tree.link_target(parts)
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.EINVAL}:
            return None
        if error.errno == errno.ENAMETOOLONG:
            raise ToolError(f"{shown(parts[-1])[:60]}… is too long for a file name.") from None
        if error.errno == errno.ELOOP:
            raise ToolError(f"{shown(asked)} was changed meanwhile; try again.") from None
        raise ToolError(f"{shown(asked)} cannot be reached: {error.strerror}.") from None
    return None


def _leads_out(path: str) -> ToolError:
    return ToolError(f"{shown(path)} is outside the workspace folder. Use paths below it, such as src/main.py.")
