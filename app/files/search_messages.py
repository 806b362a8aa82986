"""What the process that searches files is asked, and what it answers. Values only."""

from __future__ import annotations

from collections.abc import Mapping

from app.files.search_files import FileHits, SearchEnd, SearchQuery
from app.ipc.job import JobCommand, JobEvent, JobFailed


class SearchFolder(JobCommand, tag="search", frozen=True, kw_only=True):
    """Search; answered by ``HitsFound``, as often as there is something to tell, then ``SearchOver``.

    Attributes:
        query: Its folder as ``names.shown`` gives it, and without unsaved texts.
        unsaved: These, by path as ``names.shown`` gives it.
    """

    query: SearchQuery
    unsaved: Mapping[str, bytes] = {}


class HitsFound(JobEvent, tag="hits", frozen=True, kw_only=True):
    """Files with hits."""

    is_last = False

    files: tuple[FileHits, ...]


class SearchOver(JobEvent, tag="over", frozen=True, kw_only=True):
    """How it ended."""

    end: SearchEnd


SearchEvent = HitsFound | SearchOver | JobFailed
EVENT_TYPE = SearchEvent
