"""Makes, renames and deletes files of the open folder, as a person asked for it in the tree."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path

from app.errors import AppError
from app.files.folder_listing import parts_of
from app.tools.names import meant, shown
from app.tools.tree import Parts, Tree, check_names
from app.tools.tree_by_path import open_tree


class NoBinError(AppError):
    """What should be deleted could not be moved to the system's bin; it is still there."""

    code = "no_bin"


def make_entry(root: str, path: str, *, is_folder: bool) -> None:
    """Make an empty file or a folder, and the folders above it that are missing.

    Raises:
        AppError: There is something of that name, or it cannot be made.
    """
    parts = parts_of(path)
    try:
        with open_tree(Path(meant(root))) as tree:  # makes folders through no link
            _make_room(tree, parts)
            if is_folder:
                tree.make_folder(parts)
                return
        with _place(root, parts).open("xb"):
            pass
    except OSError as error:
        raise _failed("This could not be made", path, error) from error


def rename_entry(root: str, path: str, new_path: str) -> None:
    """Give an entry another name or place; nothing is overwritten.

    Raises:
        AppError: There is something of that name, or it cannot be renamed.
    """
    old_parts, new_parts = parts_of(path), parts_of(new_path)
    try:
        check_names((*old_parts, *new_parts))
        with open_tree(Path(meant(root))) as tree:
            tree.status(old_parts)
            _make_room(tree, new_parts)
        old, new = _place(root, old_parts), _place(root, new_parts)
        # Where case does not count, "readme" and "README" are one file, which may well be renamed.
        if os.path.lexists(new) and not os.path.samestat(old.lstat(), new.lstat()):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        old.rename(new)
    except OSError as error:
        raise _failed("This could not be renamed", new_path, error) from error


def delete_entry(root: str, path: str, *, for_good: bool) -> None:
    """Move an entry to the system's bin, or delete it for good. What a link leads to is never touched.

    Raises:
        NoBinError: There is no bin for it; nothing was deleted.
        AppError: It cannot be deleted.
    """
    parts = parts_of(path)
    try:
        check_names(parts or ("",))  # not the open folder itself
        with open_tree(Path(meant(root))) as tree:
            tree.status(parts)
        if for_good:
            _delete(_place(root, parts))
        else:
            _move_to_bin(_place(root, parts), path)
    except OSError as error:
        raise _failed("This could not be deleted", path, error) from error


def _make_room(tree: Tree, parts: Parts) -> None:
    """Make the folders that an entry is to be in; none of them is a link."""
    check_names(parts)
    tree.make_folders(parts[:-1])
    if not stat.S_ISDIR(tree.status(parts[:-1]).st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


def _delete(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink()


def _move_to_bin(place: Path, path: str) -> None:
    from send2trash import send2trash  # noqa: PLC0415 - the other commands have no use for it

    try:
        send2trash(str(place))
    except OSError as error:
        raise NoBinError(
            "This cannot be moved to the bin",
            f"{path}: {error.strerror or error}.",
            "It can be deleted for good; that cannot be undone.",
        ) from error


def _place(root: str, parts: Parts) -> Path:
    return Path(meant(root), *parts)


def _failed(title: str, path: str, error: OSError) -> AppError:
    if isinstance(error, FileExistsError):
        return AppError(title, f"There is something named {shown(path)} already.", "Choose another name.")
    if error.errno == errno.EINVAL:
        return AppError(title, f"“{shown(path)}” cannot be a name here.", "Choose another name.")
    return AppError(title, f"{shown(path)}: {error.strerror or error}.")
