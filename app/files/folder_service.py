"""The open folder as the window uses it: ask, and be called back on the thread that owns the transports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from app.errors import AppError
from app.files.finding import FoundPath
from app.files.folder_messages import (
    FOLDER_EVENT_TYPE,
    INDEX_EVENT_TYPE,
    BuildIndex,
    Changed,
    DeleteEntry,
    FindPaths,
    FolderCommand,
    FolderEvent,
    GitState,
    IndexBuilt,
    IndexEvent,
    Listed,
    ListFolder,
    MakeEntry,
    PathsFound,
    ReadGit,
    RenameEntry,
)  # fmt: skip
from app.ipc.job import JobFailed, JobProcess
from app.ipc.transport import Transport
from app.tools.names import meant, shown

FOLDER_MODULE = "app.files.folder_child"
INDEX_MODULE = "app.files.index_child"
#: A slow disk may take its time with half a million names.
INDEX_LIMIT_S = 600.0
MAX_RECENT = 50
OnPaths = Callable[[tuple[FoundPath, ...]], None]
T = TypeVar("T")


class FolderError(AppError):
    """What the folder's process could not do; ``code`` is "no_bin" where there is no bin for what should go there."""

    def __init__(self, failed: JobFailed) -> None:
        super().__init__(failed.title, failed.message, failed.hint, failed.detail)
        self.code = failed.code


@dataclass(frozen=True)
class _Question:
    query: str
    limit: int
    on_found: OnPaths


class FolderFinder:
    """A ``PathFinder``: one asker's way to the index, with at most one question on its way and one that waits."""

    def __init__(self, service: FolderService, *, with_folders: bool) -> None:
        self._service = service
        self._with_folders = with_folders
        self._is_asking = False
        self._current: _Question | None = None
        self._next: _Question | None = None

    @property
    def folder(self) -> str:
        """The open folder; empty while none is."""
        return self._service.folder

    def find(self, query: str, limit: int, on_found: OnPaths) -> None:
        """Find the best matches; a newer question makes an older one be forgotten unanswered."""
        self._current = None
        self._next = _Question(query, limit, on_found)
        self._ask()

    def forget(self) -> None:
        """Want no answer any more."""
        self._current = self._next = None

    def _ask(self) -> None:
        if self._is_asking or self._next is None:
            return
        self._current, self._next = self._next, None
        question = self._current
        if not self.folder:
            question.on_found(())
            return
        self._is_asking = True
        self._service.find(question.query, question.limit, self._hear, with_folders=self._with_folders)

    def _hear(self, found: tuple[FoundPath, ...]) -> None:
        self._is_asking = False
        question, self._current = self._current, None
        if question is not None and self._next is None:
            question.on_found(found)
        self._ask()


class FolderService:
    """One open folder: its entries, its index, its changes and what git says, each from a child process.

    Listing and git have a process each, so that a slow ``git status`` keeps nobody waiting; the one for git ends when
    it has answered. ``on_done`` hears exactly once, with the answer or the error. A change of the folder makes what
    was asked of the one before be forgotten. ``tick`` is to be called about once a second.

    Attributes:
        recent: Absolute paths of files that were opened, the latest first; the finders put them first.
        on_indexed: Called when the paths are known anew.
    """

    def __init__(self, make_transport: Callable[[], Transport]) -> None:
        self._folder = ""
        self._listing: JobProcess[FolderEvent] = JobProcess(
            make_transport(), FOLDER_MODULE, FOLDER_EVENT_TYPE, "The file tree's process"
        )
        self._git: JobProcess[FolderEvent] = JobProcess(
            make_transport(), FOLDER_MODULE, FOLDER_EVENT_TYPE, "Asking git"
        )
        self._index: JobProcess[IndexEvent] = JobProcess(
            make_transport(), INDEX_MODULE, INDEX_EVENT_TYPE, "The search for files"
        )
        self._is_stale = True
        self.recent: tuple[str, ...] = ()
        self.on_indexed: Callable[[IndexBuilt], None] = lambda _built: None

    # --- which folder -----------------------------------------------------------------------------------

    @property
    def folder(self) -> str:
        """The open folder, absolute; empty for none."""
        return self._folder

    def open(self, folder: str) -> None:
        """Open another folder, or none (""). Nothing is read yet, and nothing in it is ever run."""
        self._folder = folder
        self._is_stale = True
        if not folder:
            self._index.rest()

    def path_of(self, below: str) -> str:
        """Return the absolute path of one below the folder."""
        return str(Path(self._folder, meant(below)))

    def below(self, path: str) -> str | None:
        """Return an absolute path as one below the folder, "" for itself; None if it is not in it."""
        if not self._folder or not Path(path).is_relative_to(self._folder):
            return None
        below = Path(path).relative_to(self._folder).as_posix()
        return "" if below == "." else shown(below)

    # --- what can be asked ------------------------------------------------------------------------------

    def list_folder(
        self, path: str, on_done: Callable[[Listed | AppError], None], *, with_ignored: bool = False, limit: int = 1000
    ) -> None:
        """List a folder's own entries."""
        command = ListFolder(root=self._root, path=path, with_ignored=with_ignored, limit=limit)
        self._ask(self._listing, command, Listed, on_done)

    def read_git(self, on_done: Callable[[GitState | AppError], None]) -> None:
        """Ask git what has changed."""

        def hear(state: GitState | AppError) -> None:
            self._git.rest()
            on_done(state)

        self._ask(self._git, ReadGit(root=self._root), GitState, hear)

    def make(self, path: str, on_done: Callable[[Changed | AppError], None], *, is_folder: bool = False) -> None:
        """Make an empty file or a folder."""
        self._change(MakeEntry(root=self._root, path=path, is_folder=is_folder), on_done)

    def rename(self, path: str, new_path: str, on_done: Callable[[Changed | AppError], None]) -> None:
        """Give an entry another name or place."""
        self._change(RenameEntry(root=self._root, path=path, new_path=new_path), on_done)

    def delete(self, path: str, on_done: Callable[[Changed | AppError], None], *, for_good: bool = False) -> None:
        """Move an entry to the bin, or delete it for good; a ``FolderError`` "no_bin" says that there is no bin."""
        self._change(DeleteEntry(root=self._root, path=path, for_good=for_good), on_done)

    # --- the index --------------------------------------------------------------------------------------

    def finder(self, *, with_folders: bool = False) -> FolderFinder:
        """Return a way to the index of one's own; askers do not disturb each other."""
        return FolderFinder(self, with_folders=with_folders)

    def note_change(self) -> None:
        """Something in the folder changed: the paths are learnt anew before the next search."""
        self._is_stale = True

    def index(self) -> None:
        """Learn the paths now, if they are not known as they are."""
        if not self._folder or not self._is_stale:
            return
        self._is_stale = False

        def hear(event: IndexEvent) -> None:
            if isinstance(event, IndexBuilt):
                self.on_indexed(event)
            elif isinstance(event, JobFailed):
                self._is_stale = True

        self._index.ask(BuildIndex(root=self._root), hear, limit_s=INDEX_LIMIT_S)

    def find(self, query: str, limit: int, on_found: OnPaths, *, with_folders: bool) -> None:
        """Search the index, which is built first if need be; a failure finds nothing."""
        self.index()
        recent = [below for path in self.recent[:MAX_RECENT] if (below := self.below(path)) is not None]
        command = FindPaths(root=self._root, query=query, limit=limit, recent=tuple(recent), with_folders=with_folders)
        folder = self._folder

        def hear(event: IndexEvent) -> None:
            is_current = isinstance(event, PathsFound) and folder == self._folder
            on_found(event.found if isinstance(event, PathsFound) and is_current else ())

        self._index.ask(command, hear, limit_s=INDEX_LIMIT_S)

    # --- how --------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Notice a child that has been silent for too long."""
        for job in (self._listing, self._git, self._index):
            job.tick()

    def close(self) -> None:
        """End the children; nobody is called back any more."""
        for job in (self._listing, self._git, self._index):
            job.close()

    @property
    def _root(self) -> str:
        return shown(self._folder)

    def _change(self, command: FolderCommand, on_done: Callable[[Changed | AppError], None]) -> None:
        self._is_stale = True
        self._ask(self._listing, command, Changed, on_done)

    def _ask(
        self,
        job: JobProcess[FolderEvent],
        command: FolderCommand,
        expected: type[T],
        on_done: Callable[[T | AppError], None],
    ) -> None:
        folder = self._folder

        def hear(event: Any) -> None:
            if folder != self._folder:
                return  # of a folder that is not open any more
            on_done(event if isinstance(event, expected) else FolderError(event))

        job.ask(command, hear)
