"""A folder whose entries are reached name by name, never through a link: what workspace and checkpoints stand on.

A path is a tuple of names, the empty one for the folder itself. No name is a link's on the way to an entry, so nothing
outside can be reached, whatever another process swaps meanwhile: the system refuses (ELOOP or ENOTDIR) when a folder
has become a link. Windows has no folder descriptors; there ``tree_by_path.py`` checks and then opens by path.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from app.tools import openat2

Parts = tuple[str, ...]

_PATH = getattr(os, "O_PATH", os.O_RDONLY)  # a descriptor that names an entry without opening it
_FOLDER = _PATH | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
#: The kernel takes no more than 4,096 bytes at once; deeper paths are taken in pieces.
_PIECE_BYTES = 3000


class Tree:
    """An open folder; see the module. Every verb raises OSError as the system does."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._fd = os.open(root, _PATH | getattr(os, "O_DIRECTORY", 0))

    def close(self) -> None:
        """Close it; safe to call twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def status(self, parts: Parts) -> os.stat_result:
        """Return the status of an entry, of a link itself."""
        if not parts:
            return os.fstat(self._fd)
        with self._parent(parts) as folder:
            return os.stat(parts[-1], dir_fd=folder, follow_symlinks=False)

    def link_target(self, parts: Parts) -> str:
        """Return where a link points, as it says."""
        with self._parent(parts) as folder:
            return os.readlink(parts[-1], dir_fd=folder)

    def open(self, parts: Parts) -> int:
        """Open a regular file for reading; nothing else is opened, for opening a FIFO or a device may do harm."""
        with self._parent(parts) as folder:
            if not stat.S_ISREG(os.stat(parts[-1], dir_fd=folder, follow_symlinks=False).st_mode):
                raise OSError(errno.EINVAL, "not a regular file", parts[-1])
            # Between the two it may have become something else; O_NONBLOCK opens a FIFO without waiting.
            fd = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY, dir_fd=folder)
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise OSError(errno.EINVAL, "not a regular file", parts[-1])
        return fd

    def entries(self, parts: Parts) -> list[tuple[str, os.stat_result]]:
        """Return the names in a folder and their status, sorted; entries that vanish meanwhile are left out."""
        fd = self._open_folder(parts, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        found = []
        try:
            with os.scandir(fd) as scan:
                for entry in scan:
                    with suppress(FileNotFoundError):
                        found.append((entry.name, entry.stat(follow_symlinks=False)))
        finally:
            os.close(fd)
        return sorted(found, key=lambda item: item[0])

    def make_folder(self, parts: Parts) -> None:
        """Make a folder in one that is there."""
        with self._parent(parts) as folder:
            os.mkdir(parts[-1], dir_fd=folder)

    def make_folders(self, parts: Parts) -> None:
        """Make a folder and those above it where they are missing."""
        for depth in range(1, len(parts) + 1):
            with suppress(FileExistsError):
                self.make_folder(parts[:depth])

    def write(
        self,
        parts: Parts,
        data: bytes,
        *,
        mode: int | None,
        owner: tuple[int, int] | None = None,
        is_durable: bool = True,
    ) -> None:
        """Put a file in place whole: readers see the old or the new one.

        Args:
            mode: Permission bits; None for what new files get.
            owner: User and group it is given if this process may; None for this process's own.
            is_durable: Wait for the disk, so that this holds after a power cut, too.
        """
        name = f".sawhorse-{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with self._parent(parts) as folder:
            fd = os.open(name, flags, 0o666 if mode is None else 0o600, dir_fd=folder)
            try:
                with open(fd, "wb", closefd=True) as file:  # noqa: PTH123 - a descriptor
                    file.write(data)
                    file.flush()
                    if owner is not None:
                        with suppress(OSError):
                            os.fchown(fd, *owner)
                    if mode is not None:
                        os.fchmod(fd, mode)
                    if is_durable:
                        os.fsync(fd)
                os.rename(name, parts[-1], src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with suppress(OSError):
                    os.unlink(name, dir_fd=folder)
                raise
        if is_durable:
            self._sync(parts[:-1])

    def make_link(self, parts: Parts, target: str) -> None:
        """Make a symbolic link; it may point anywhere, as nothing here follows it."""
        with self._parent(parts) as folder:
            os.symlink(target, parts[-1], dir_fd=folder)

    def delete(self, parts: Parts) -> None:
        """Delete a file or link."""
        with self._parent(parts) as folder:
            os.unlink(parts[-1], dir_fd=folder)

    def delete_folder(self, parts: Parts) -> None:
        """Delete an empty folder."""
        with self._parent(parts) as folder:
            os.rmdir(parts[-1], dir_fd=folder)

    def set_mode(self, parts: Parts, mode: int) -> None:
        """Set the permission bits of a file or folder."""
        with self._parent(parts) as folder:
            fd = os.open(parts[-1], _PATH | os.O_NOFOLLOW, dir_fd=folder)
        try:
            if stat.S_ISLNK(os.fstat(fd).st_mode):
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), parts[-1])
            if _PATH == os.O_RDONLY:
                os.fchmod(fd, mode)
            else:
                os.chmod(f"/proc/self/fd/{fd}", mode)  # noqa: PTH101 - the only way to chmod what O_PATH names
        finally:
            os.close(fd)

    @contextmanager
    def _parent(self, parts: Parts) -> Iterator[int]:
        if not parts:
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(self.root))
        check_names(parts)
        fd = self._open_folder(parts[:-1], _FOLDER)
        try:
            yield fd
        finally:
            os.close(fd)

    def _open_folder(self, parts: Parts, flags: int) -> int:
        if not parts:
            return os.open(".", flags, dir_fd=self._fd)
        check_names(parts)
        return _descend(self._fd, parts, flags)

    def _sync(self, parts: Parts) -> None:
        fd = self._open_folder(parts, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with suppress(OSError):  # some network file systems cannot sync a folder
                os.fsync(fd)
        finally:
            os.close(fd)


def check_names(parts: Parts) -> None:
    """Refuse what is not a plain name: a path of several, or one that goes up.

    Raises:
        OSError: EINVAL.
    """
    for part in parts:
        if part in {"", ".", ".."} or "/" in part or "\0" in part:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), part)


def _descend(folder_fd: int, parts: Parts, flags: int) -> int:
    pieces = _pieces(parts) if openat2.works() else [(part,) for part in parts]
    fd = os.dup(folder_fd)
    for index, piece in enumerate(pieces):
        above, wanted = fd, flags if index == len(pieces) - 1 else _FOLDER
        try:
            if openat2.works():
                fd = openat2.open_beneath(above, os.fsencode("/".join(piece)), wanted)
            else:
                fd = os.open(piece[0], wanted | os.O_NOFOLLOW, dir_fd=above)
        finally:
            os.close(above)
    return fd


def _pieces(parts: Parts) -> list[Parts]:
    pieces: list[list[str]] = [[]]
    length = 0
    for part in parts:
        length += len(os.fsencode(part)) + 1
        if length > _PIECE_BYTES and pieces[-1]:
            pieces.append([])
            length = len(os.fsencode(part)) + 1
        pieces[-1].append(part)
    return [tuple(piece) for piece in pieces]
