"""The process that searches files: a search that never ends can only be stopped from outside."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping

import msgspec

from app.errors import AppError
from app.files.errors import words_of
from app.files.search_engines import MAX_SECONDS, TimeIsUpError, find_by_ripgrep, find_in_python
from app.files.search_files import MAX_LINES, FileHits, SearchEnd, SearchQuery
from app.files.search_lines import LINE_SECONDS, LineFinder, SlowPatternError, wants_path
from app.files.search_messages import HitsFound, SearchFolder, SearchOver
from app.ipc.job import JobEvent, serve
from app.tools.names import meant, shown
from app.tools.search_output import Stopped
from app.tools.search_ripgrep import Unable

#: What is found is sent when so many lines have come together, or so many seconds have passed.
_BATCH_LINES, _BATCH_SECONDS = 200, 0.1


def answer(command: SearchFolder, send: Callable[[JobEvent], None]) -> JobEvent:
    """Search. Raises AppError."""
    query = msgspec.structs.replace(command.query, folder=meant(command.query.folder))
    finder, wants = LineFinder(query), wants_path(query)
    if not os.path.isdir(query.folder):  # noqa: PTH112 - a path here is plain text
        raise AppError("This folder cannot be searched", f"{query.folder} is not there.", "Open another folder.")
    unsaved = dict(_below(query.folder, command.unsaved))
    batch: list[FileHits] = []
    files = lines = 0
    stopped, sent_at = "", time.monotonic()
    try:
        for hits in _all_hits(query, finder, wants, unsaved):
            batch.append(hits)
            files, lines = files + 1, lines + hits.line_count
            is_full = sum(len(one.lines) for one in batch) >= _BATCH_LINES
            if is_full or files == 1 or time.monotonic() - sent_at > _BATCH_SECONDS:
                send(HitsFound(files=tuple(batch)))
                batch, sent_at = [], time.monotonic()
            if lines >= MAX_LINES:
                stopped = f"{MAX_LINES:,} lines have hits already."
                break
    except SlowPatternError:
        stopped = f"The expression takes more than {LINE_SECONDS:.0f} second in a line."
    except (TimeIsUpError, Stopped):
        stopped = f"It took more than {MAX_SECONDS:.0f} seconds."
    except OSError as error:
        raise AppError("This folder cannot be searched", f"{query.folder}: {words_of(error)}.") from error
    if batch:
        send(HitsFound(files=tuple(batch)))
    return SearchOver(end=SearchEnd(files=files, lines=lines, stopped=stopped))


def _all_hits(
    query: SearchQuery, finder: LineFinder, wants: Callable[[str], bool], unsaved: Mapping[str, str]
) -> Iterator[FileHits]:
    """Yield the hits in texts that are open first, then those in the other files."""
    for path, text in unsaved.items():
        if wants(path) and (hits := finder.find(path, text, is_unsaved=True)) is not None:
            yield hits

    def wants_from_disk(path: str) -> bool:
        return path not in unsaved and wants(path)

    try:
        yield from find_by_ripgrep(query, finder, wants_from_disk)
    except Unable:
        yield from find_in_python(query, finder, wants_from_disk)


def _below(folder: str, unsaved: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield the texts of files in a folder, by their paths below it."""
    root = os.path.realpath(folder)
    for path, text in unsaved.items():
        real = os.path.realpath(meant(path))
        if real.startswith(root.rstrip(os.sep) + os.sep):
            below = os.path.relpath(real, root).replace(os.sep, "/")
            yield shown(below), text.decode()


if __name__ == "__main__":
    serve(SearchFolder, answer)
