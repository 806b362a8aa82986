"""A ``Tree`` for systems without folder descriptors (Windows): every folder on the way is checked, then used by path.

What this cannot stop is a process that swaps a folder for a link between the check and the use. It has to run outside
of Sawhorse's sandbox for that, and commands on such systems ask before they run.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from app.tools.tree import Parts, Tree, check_names

#: Reparse points that lead elsewhere: junctions and mount points; symbolic links show as links.
_MOUNT_POINT = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", 0xA0000003)


class TreeByPath(Tree):
    """The same verbs, by path."""

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(root))
        self.root = root
        self._fd = -1

    def status(self, parts: Parts) -> os.stat_result:
        """As in ``Tree``."""
        return self._checked(parts).lstat()

    def link_target(self, parts: Parts) -> str:
        """As in ``Tree``."""
        return str(self._checked(parts).readlink()).removeprefix("\\\\?\\")

    def open(self, parts: Parts) -> int:
        """As in ``Tree``."""
        path = self._checked(parts)
        if not stat.S_ISREG(path.lstat().st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        return os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0))

    def entries(self, parts: Parts) -> list[tuple[str, os.stat_result]]:
        """As in ``Tree``."""
        folder = self._checked(parts)
        if folder.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(folder))
        found = []
        for path in folder.iterdir():
            with suppress(FileNotFoundError):
                found.append((path.name, path.lstat()))
        return sorted(found, key=lambda item: item[0])

    def make_folder(self, parts: Parts) -> None:
        """As in ``Tree``."""
        self._checked(parts).mkdir()

    def write(
        self,
        parts: Parts,
        data: bytes,
        *,
        mode: int | None,
        owner: tuple[int, int] | None = None,
        is_durable: bool = True,
    ) -> None:
        """As in ``Tree``."""
        del owner  # a new file's owner is the one who makes it there
        path = self._checked(parts)
        new = path.with_name(f".sawhorse-{secrets.token_hex(8)}")
        try:
            with new.open("xb") as file:
                file.write(data)
                file.flush()
                if is_durable:
                    os.fsync(file.fileno())
            if mode is not None:
                new.chmod(mode)
            new.replace(path)
        except BaseException:
            with suppress(OSError):
                new.unlink()
            raise

    def make_link(self, parts: Parts, target: str) -> None:
        """As in ``Tree``."""
        self._checked(parts).symlink_to(target)

    def delete(self, parts: Parts) -> None:
        """As in ``Tree``."""
        self._checked(parts).unlink()

    def delete_folder(self, parts: Parts) -> None:
        """As in ``Tree``."""
        self._checked(parts).rmdir()

    def set_mode(self, parts: Parts, mode: int) -> None:
        """As in ``Tree``."""
        path = self._checked(parts)
        if path.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        path.chmod(mode)

    def _checked(self, parts: Parts) -> Path:
        check_names(parts)
        path = self.root
        for part in parts[:-1]:
            path /= part
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _MOUNT_POINT:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
            if not stat.S_ISDIR(status.st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        return path / parts[-1] if parts else path


def open_tree(root: Path) -> Tree:
    """Open a folder the best way this system has. Raises OSError."""
    return Tree(root) if os.open in os.supports_dir_fd else TreeByPath(root)
