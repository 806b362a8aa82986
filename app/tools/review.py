"""A person's review of a run: what its files are now, and writing one as the person wants it.

What is written is a step of the run with a mark that it is a person's: undoing the run then takes back both, and a
file that was rejected already is not undone a second time.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from msgspec.structs import replace

from app.errors import AppError
from app.tools.checkpoint_index import Change, Index
from app.tools.contents import Contents
from app.tools.line_diff import count_changes
from app.tools.names import shown
from app.tools.snapshot import Node, content_of, is_at, node_at
from app.tools.text import decode
from app.tools.tool import FileState, RunFile, Wanted
from app.tools.tree import Parts, Tree
from app.tools.undo import Planned, restore

#: Lines of larger texts are not counted, and no more are read for counting in one listing, in bytes.
_MOST_COUNTED, _MOST_COUNTED_IN_ALL = 1_000_000, 20_000_000


class ChangedSinceError(AppError):
    """Somebody changed the file since it was looked at."""


class PathRecorder(Protocol):
    """The part of ``StepRecorder`` that is needed here."""

    def keep(self, paths: Iterable[Parts]) -> None:
        """Keep what stands under paths."""
        ...

    def finish(self) -> tuple[str, tuple[str, ...]]:
        """Note what really changed."""
        ...


class Reviewer:
    """The files of one run.

    Args:
        steps: The run's, those of reviews among them.
        begin: Returns what keeps files in one more step of it.
    """

    def __init__(
        self, tree: Tree, index: Index, contents: Contents, steps: Sequence[int], begin: Callable[[], PathRecorder]
    ) -> None:
        self._tree = tree
        self._index = index
        self._contents = contents
        self._steps = steps
        self._begin = begin

    def files(self) -> tuple[RunFile, ...]:
        """Return the files in the order in which the run changed them first; folders are not listed."""
        found = []
        room = _MOST_COUNTED_IN_ALL
        with self._index.db:
            for path, (before, after) in self._sides().items():
                file = self._file(path, before, after)
                if file is None:
                    continue
                if file.is_text:
                    added, removed, size = self._count(file, room)
                    room -= size
                    file = replace(file, added=added, removed=removed)
                found.append(file)
        return tuple(found)

    def write(self, path: str, now: str | None, wanted: Wanted) -> RunFile:
        """Write a file if it is still as it was seen; see ``Checkpoints.review``."""
        name, (before, after) = self._find(path)
        parts = tuple(name.split("/"))
        seen = self._file(name, before, after)
        if seen is None or seen.now != now:
            raise ChangedSinceError(
                "The file was changed meanwhile", f"{path} is no longer what was shown.", "Look at it again."
            )
        recorder = self._begin()
        recorder.keep([parts])
        try:
            if isinstance(wanted, bytes):
                self._put(parts, wanted, after or before)
            else:
                self._restore(name, before if wanted == "before" else after)
        except OSError as error:
            raise _not_written(path, error.strerror or str(error)) from error
        finally:
            recorder.finish()
        return self._file(name, before, after) or seen

    # --- how --------------------------------------------------------------------------------------------

    def _sides(self) -> dict[str, tuple[Node | None, Node | None]]:
        """Return what each path was before the run and as it left it, a review's doing left out."""
        reviews = self._index.reviews(self._steps)
        sides: dict[str, tuple[Node | None, Node | None]] = {}
        for change in self._index.changes(self._steps):
            first = sides[change.path][0] if change.path in sides else change.before
            if change.step not in reviews:
                sides[change.path] = (first, change.after)
        return sides

    def _find(self, path: str) -> tuple[str, tuple[Node | None, Node | None]]:
        for name, sides in self._sides().items():
            if shown(name) == path:
                return name, sides
        raise AppError("This file is no part of the run", f"The run did not change {path}.", "Look at the run again.")

    def _file(self, path: str, before: Node | None, after: Node | None) -> RunFile | None:
        parts = tuple(path.split("/"))
        state: FileState = "other"
        if is_at(self._tree, parts, after):
            state, node = "after", after
        elif is_at(self._tree, parts, before):
            state, node = "before", before
        else:
            node = node_at(self._tree, parts, self._contents)
        names = (content_of(before), content_of(after), content_of(node))
        if names[0] is None and names[1] is None and not _is_file(before) and not _is_file(after):
            return None
        return RunFile(
            path=shown(path),
            before=names[0],
            after=names[1],
            now=names[2],
            state=state,
            is_text=all(map(self._contents.is_text, names)) and not any(map(_is_special, (before, after, node))),
        )

    def _count(self, file: RunFile, room: int) -> tuple[int, int, int]:
        """Return how many lines the run added and removed, and how many bytes were read to know it."""
        texts, size = [], 0
        for name in (file.before, file.after):
            data = b"" if name is None else self._contents.read(name)
            text = decode(data) if data is not None and len(data) <= min(_MOST_COUNTED, room) else None
            if data is None or text is None:
                return -1, -1, size
            size += len(data)
            texts.append(text.text)
        return *count_changes(*texts), size

    def _put(self, parts: Parts, data: bytes, like: Node | None) -> None:
        mode, owner = like.mode if like is not None and like.kind == "file" else None, None
        with suppress(FileNotFoundError, NotADirectoryError):
            status = self._tree.status(parts)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(0, "it is no regular file")
            mode, owner = stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid)
        self._tree.make_folders(parts[:-1])
        self._tree.write(parts, data, mode=mode, owner=owner)

    def _restore(self, name: str, target: Node | None) -> None:
        _, failed = restore(self._tree, [Planned(name, target, ())], self._contents, force=False)
        if failed:
            raise OSError(0, "its contents are no longer kept, or something else stands in its place")


def with_reviews(index: Index, changes: Sequence[Change], steps: Sequence[int]) -> list[Change]:
    """Return changes that are to be undone together with what later reviews made of the same paths.

    Args:
        steps: All of the run's.
    """
    last = {change.path: change.step for change in changes}
    given = {change.step for change in changes}
    reviews = index.reviews(steps) - given
    later = [change for change in index.changes(sorted(reviews)) if last.get(change.path, change.step) < change.step]
    return sorted([*changes, *later], key=lambda change: change.step)


def _is_file(node: Node | None) -> bool:
    return node is not None and node.kind != "folder"


def _is_special(node: Node | None) -> bool:
    return node is not None and node.kind in {"link", "other", "folder"}


def _not_written(path: str, why: str) -> AppError:
    return AppError("The file could not be written", f"{path}: {why}.", "Nothing was changed.")
