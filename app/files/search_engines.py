"""The files of a folder that a search finds: by ripgrep where there is one, else in Python."""

from __future__ import annotations

import ctypes
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from app.files.encodings import decode
from app.files.line_endings import with_line_feeds
from app.files.search_files import FileHits, SearchQuery
from app.files.search_lines import FileLines, LineFinder, split_globs
from app.ipc.launch import clean_environment
from app.tools.names import meant, shown
from app.tools.search_output import lines_of
from app.tools.search_query import MAX_FILE_BYTES
from app.tools.search_ripgrep import OPTIONS, Unable, read_line, read_path
from app.tools.tree import Tree
from app.tools.tree_by_path import open_tree
from app.tools.walk import walk

_PR_SET_PDEATHSIG = 1  # prctl(2)
#: How long ripgrep or Python may search, in seconds.
MAX_SECONDS = 120.0
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./*")


class TimeIsUpError(Exception):
    """The search took longer than it may."""


def find_by_ripgrep(
    query: SearchQuery, finder: LineFinder, wants: Callable[[str], bool], limit_s: float = MAX_SECONDS
) -> Iterator[FileHits]:
    """Yield the files with hits, in no order, as several are searched at once.

    It finds the lines, and Python the places in them, for the two differ in what a whole word is. Ripgrep knows UTF-8
    and line feeds only, so other files with hits are searched in Python.

    Raises:
        Unable: Ripgrep is not there, or cannot do this search; nothing was found yet.
        SlowPatternError: The expression takes too long in a line.
        Stopped: The time is up.
    """
    program = shutil.which("rg")
    if program is None:
        raise Unable
    try:
        process = subprocess.Popen(
            [program, *_options(query), "--regexp", query.text, "--", "./"],
            cwd=query.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=clean_environment(),
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - no thread runs yet
        )
    except OSError:
        raise Unable from None
    is_whole = has_found = False
    files: dict[str, FileLines] = {}
    others: set[str] = set()
    with closing(lines_of(process, limit_s, lambda: False, lambda: _end(process))) as output:
        for message in output:
            kind, data = _message(message)
            if kind == "match" and wants(path := read_path(data)):
                line = read_line(data)
                files.setdefault(path, FileLines(path)).add(data["line_number"], line, finder.spans(line))
                if "\r" in line or "bytes" in data["lines"]:
                    others.add(path)
            elif kind == "end":
                hits = _end_of_file(data, files, others, query, finder)
                if hits is not None:
                    has_found = True
                    yield hits
            elif kind == "summary":
                is_whole = True
    if not is_whole and not has_found:
        raise Unable


def find_in_python(
    query: SearchQuery, finder: LineFinder, wants: Callable[[str], bool], limit_s: float = MAX_SECONDS
) -> Iterator[FileHits]:
    """Yield the files with hits, by path.

    Raises:
        SlowPatternError: The expression takes too long.
        TimeIsUpError: The search does.
        OSError: The folder cannot be opened.
    """
    deadline = time.monotonic() + limit_s
    with open_tree(Path(query.folder)) as tree:
        for entry in walk(tree, (), lambda: time.monotonic() > deadline):
            path = shown("/".join(entry.parts))
            if not entry.is_file or entry.status.st_size > MAX_FILE_BYTES or not wants(path):
                continue
            text = _text(tree, entry.parts)
            if text is not None and (hits := finder.find(path, text)) is not None:
                yield hits
    if time.monotonic() > deadline:
        raise TimeIsUpError


def _options(query: SearchQuery) -> list[str]:
    options = list(OPTIONS)
    options.append("--case-sensitive" if query.matches_case else "--ignore-case")
    if not query.is_regex:
        options.append("--fixed-strings")
    # Types, unlike globs that include, do not bring back files that are ignored.
    included = split_globs(query.include)
    if included and all(glob.startswith("*.") and glob[2:].isalnum() for glob in included):
        options += [option for glob in included for option in ("--type-add", f"wanted:{glob}")]
        options += ["--type", "wanted"]
    # What is left out anyway need not be searched; other globs are only looked at in what is found.
    for glob in split_globs(query.exclude):
        if _PLAIN.issuperset(glob):
            options += ["--glob", f"!{glob.removeprefix('./')}"]
    return options


def _end_of_file(
    data: Any, files: dict[str, FileLines], others: set[str], query: SearchQuery, finder: LineFinder
) -> FileHits | None:
    """Return what was found in a file that ripgrep is done with."""
    path = read_path(data)
    lines = files.pop(path, None)
    if lines is None or data.get("binary_offset") is not None:
        return None
    if path not in others:
        return lines.hits()
    with open_tree(Path(query.folder)) as tree:
        text = _text(tree, tuple(meant(path).split("/")))
    return None if text is None else finder.find(path, text)


def _message(line: bytes) -> tuple[str, Any]:
    message = msgspec.json.decode(line)
    return message["type"], message["data"]


def _text(tree: Tree, parts: tuple[str, ...]) -> str | None:
    """Return what a file says; None for what is binary or cannot be read."""
    try:
        with open(tree.open(parts), "rb") as file:  # noqa: PTH123 - a descriptor
            decoded = decode(file.read(MAX_FILE_BYTES))
    except OSError:
        return None
    return None if decoded is None else with_line_feeds(decoded.text)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _end_with_parent() -> None:
    """Have Linux end ripgrep when this process is ended, as it is by a search that is cancelled."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
