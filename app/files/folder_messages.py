"""What the processes behind the file tree are asked, and what they answer. Values only.

Paths are below the open folder, with "/" between their names, as ``app.tools.names.shown`` writes them; the empty path
is the folder itself.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from app.engine.messages import Value
from app.files.finding import FoundPath
from app.ipc.job import JobCommand, JobEvent, JobFailed

EntryKind = Literal["folder", "file", "link", "other"]
LinkKind = Literal["", "file", "folder", "missing"]
#: Of a file: modified, added, deleted, renamed, untracked, in conflict.
GitMark = Literal["M", "A", "D", "R", "U", "C"]


class Entry(Value, frozen=True, kw_only=True, omit_defaults=True):
    """What is in a folder.

    Attributes:
        is_ignored: The ignore rules leave it out.
        target: Where a link leads in the end, absolute.
        leads_to: What is there.
        is_outside: That is not in the open folder.
    """

    name: str
    kind: EntryKind
    is_ignored: bool = False
    target: str = ""
    leads_to: LinkKind = ""
    is_outside: bool = False


class ListFolder(JobCommand, tag="list", frozen=True, kw_only=True):
    """List a folder's own entries, folders first, in natural order; answered by ``Listed``.

    Attributes:
        root: The open folder, absolute.
        with_ignored: Name also what the ignore rules leave out.
        limit: So many entries at most.
    """

    root: str
    path: str = ""
    with_ignored: bool = False
    limit: int = 1000


class Listed(JobEvent, tag="listed", frozen=True, kw_only=True):
    """What is in a folder; ``more`` entries are not told."""

    entries: tuple[Entry, ...]
    more: int = 0


class ReadGit(JobCommand, tag="read_git", frozen=True, kw_only=True):
    """Ask git what has changed in a folder; answered by ``GitState``."""

    root: str


class GitState(JobEvent, tag="git_state", frozen=True, kw_only=True):
    """What git says.

    Attributes:
        is_repository: The folder is in a work tree, and git could be asked.
        branch: The one checked out; empty when none is.
        marks: Of files, and of folders that are untracked as a whole, by path.
        folders: The strongest mark of what is in a folder, by its path.
        git_folder: Where git keeps its state, absolute.
    """

    is_repository: bool = False
    branch: str = ""
    marks: dict[str, GitMark] = msgspec.field(default_factory=dict)
    folders: dict[str, GitMark] = msgspec.field(default_factory=dict)
    git_folder: str = ""


class MakeEntry(JobCommand, tag="make", frozen=True, kw_only=True):
    """Make an empty file or a folder, and the folders above it that are missing; answered by ``Changed``."""

    root: str
    path: str
    is_folder: bool = False


class RenameEntry(JobCommand, tag="rename", frozen=True, kw_only=True):
    """Give an entry another name or place; answered by ``Changed`` with the new path."""

    root: str
    path: str
    new_path: str


class DeleteEntry(JobCommand, tag="delete", frozen=True, kw_only=True):
    """Move an entry to the system's bin, or delete it ``for_good``; answered by ``Changed``."""

    root: str
    path: str
    for_good: bool = False


class Changed(JobEvent, tag="changed", frozen=True, kw_only=True):
    """It is done; ``path`` is where the entry is, or was."""

    path: str


FolderCommand = ListFolder | ReadGit | MakeEntry | RenameEntry | DeleteEntry
FolderEvent = Listed | GitState | Changed | JobFailed
FOLDER_EVENT_TYPE = Listed | GitState | Changed | JobFailed


class BuildIndex(JobCommand, tag="build_index", frozen=True, kw_only=True):
    """Learn the paths of everything in a folder; answered by ``IndexBuilt`` or ``IndexDropped``."""

    root: str


class IndexBuilt(JobEvent, tag="index_built", frozen=True, kw_only=True):
    """The paths are known; ``is_cut`` when there were too many to know them all."""

    files: int
    folders: int
    seconds: float
    is_cut: bool = False


class IndexDropped(JobEvent, tag="index_dropped", frozen=True, kw_only=True):
    """Another folder was asked for meanwhile."""


class FindPaths(JobCommand, tag="find_paths", frozen=True, kw_only=True):
    """Find the paths that fit what was typed; answered by ``PathsFound``.

    Attributes:
        recent: Paths that were opened before, the latest first; they go before others that fit as well.
    """

    root: str
    query: str
    limit: int
    recent: tuple[str, ...] = ()
    with_folders: bool = False


class PathsFound(JobEvent, tag="paths_found", frozen=True, kw_only=True):
    """The best matches, best first; ``total`` fit in all."""

    found: tuple[FoundPath, ...]
    total: int = 0


IndexCommand = BuildIndex | FindPaths
IndexEvent = IndexBuilt | IndexDropped | PathsFound | JobFailed
INDEX_EVENT_TYPE = IndexBuilt | IndexDropped | PathsFound | JobFailed
