"""What is in one folder, as the file tree shows it."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from app.errors import AppError
from app.files.folder_messages import Entry, EntryKind, LinkKind, Listed
from app.tools.ignored import GIT, Rules, rules_above
from app.tools.names import meant, shown
from app.tools.tree import Parts, Tree
from app.tools.tree_by_path import open_tree

_NUMBER = re.compile(r"(\d+)")


def parts_of(path: str) -> Parts:
    """Return the names of a path below the open folder; none for the folder itself."""
    return tuple(meant(name) for name in path.split("/")) if path else ()


def natural_key(name: str) -> tuple[str | int, ...]:
    """Return what names are ordered by: "part2" comes before "part10", and case does not count."""
    return tuple(int(piece) if place % 2 else piece for place, piece in enumerate(_NUMBER.split(name.casefold())))


def list_folder(root: str, path: str, *, with_ignored: bool, limit: int) -> Listed:
    """List a folder's own entries, folders first; git's own folder is never named.

    Raises:
        AppError: It cannot be read.
    """
    parts = parts_of(path)
    try:
        with open_tree(Path(meant(root))) as tree:
            return _list(tree, parts, with_ignored=with_ignored, limit=limit)
    except OSError as error:
        where = shown(str(Path(root, path)))
        raise AppError("This folder cannot be read", f"{where}: {error.strerror or error}.") from error


def _list(tree: Tree, parts: Parts, *, with_ignored: bool, limit: int) -> Listed:
    entries = tree.entries(parts)
    rules = rules_above(tree, parts).entering(tree, parts)
    kept: list[tuple[str, os.stat_result, bool]] = []
    for name, status in entries:
        if name == GIT:
            continue
        is_ignored = _is_ignored(rules, (*parts, name), status)
        if with_ignored or not is_ignored:
            kept.append((name, status, is_ignored))
    kept.sort(key=lambda item: (not stat.S_ISDIR(item[1].st_mode), natural_key(item[0]), item[0]))
    root = os.path.realpath(tree.root)
    told = tuple(_entry(tree, root, (*parts, name), status, is_ignored) for name, status, is_ignored in kept[:limit])
    return Listed(entries=told, more=max(0, len(kept) - limit))


def _is_ignored(rules: Rules, parts: Parts, status: os.stat_result) -> bool:
    return bool(rules.levels) and rules.ignore(parts, is_folder=stat.S_ISDIR(status.st_mode))


def _entry(tree: Tree, root: str, parts: Parts, status: os.stat_result, is_ignored: bool) -> Entry:
    name = shown(parts[-1])
    kind = _kind(status.st_mode)
    if kind != "link":
        return Entry(name=name, kind=kind, is_ignored=is_ignored)
    target = os.path.realpath(tree.root.joinpath(*parts))
    return Entry(
        name=name,
        kind=kind,
        is_ignored=is_ignored,
        target=shown(target),
        leads_to=_link_kind(target),
        is_outside=target != root and not target.startswith(root.rstrip(os.sep) + os.sep),
    )


def _kind(mode: int) -> EntryKind:
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISLNK(mode):
        return "link"
    return "file" if stat.S_ISREG(mode) else "other"


def _link_kind(target: str) -> LinkKind:
    if os.path.isdir(target):  # noqa: PTH112 - a text already, and thousands may be asked
        return "folder"
    return "file" if os.path.lexists(target) else "missing"
