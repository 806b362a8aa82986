"""Walks what lies in a folder: bounded, in order, through no link, so that it always ends."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import stat_result

from app.tools.ignored import NAME, Rules, rules_above
from app.tools.tree import Parts, Tree


@dataclass(frozen=True)
class Found:
    """An entry."""

    parts: Parts
    status: stat_result

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder, not a link to one."""
        return stat.S_ISDIR(self.status.st_mode)

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return stat.S_ISREG(self.status.st_mode)


def walk(
    tree: Tree,
    base: Parts,
    is_cancelled: Callable[[], bool],
    *,
    depth: int | None = None,
    with_ignored: bool = False,
    on_ignored: Callable[[Parts], None] = lambda _: None,
) -> Iterator[Found]:
    """Yield what lies below ``base``, each folder before what is in it, names in order.

    Links are named but not entered: what they point to in the workspace is reached by its own name. Folders that
    cannot be read are passed over.

    Args:
        depth: How far down; 1 for the folder's own entries.
        with_ignored: Name also what ``.gitignore`` files and ``.git`` hold back.
        on_ignored: Hears of each entry left out.
    """
    rules = Rules() if with_ignored else rules_above(tree, base)
    entered: set[tuple[int, int]] = set()
    todo = [(base, rules)]
    while todo and not is_cancelled():
        folder, rules = todo.pop()
        try:
            entries = tree.entries(folder)
        except OSError:
            continue
        if not with_ignored and any(name == NAME for name, _ in entries):
            rules = rules.entering(tree, folder)
        below = []
        for name, status in entries:
            found = Found((*folder, name), status)
            if not with_ignored and rules.ignore(found.parts, is_folder=found.is_folder):
                on_ignored(found.parts)
                continue
            yield found
            # A file system mounted twice can hold itself; each folder is entered once.
            key = (status.st_dev, status.st_ino)
            if found.is_folder and (depth is None or len(found.parts) - len(base) < depth) and key not in entered:
                entered.add(key)
                below.append((found.parts, rules))
        todo += reversed(below)
