"""Which file a block of code in a reply is meant for, and whether that file may be changed.

A block names its file behind its fence, in a comment in its first line, or in the text just before it. What it names
is a model's word: only files below the open folder are ever offered.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath, PureWindowsPath

from app.files.block_source import BlockSource
from app.files.fence_info import fits, looks_like_path, read_info

#: The comment in which a first line may name the file, and nothing else.
_COMMENT = re.compile(
    r"^\s*(?:\#+|//+|--|;+|%+|<!--|/\*+|\{/\*)\s*(?:(?:file\s?name|file|path)\s*[:=]\s*)?[`'\"]?(?P<path>[^\s`'\"*<>:]+)"
    r"[`'\"]?:?\s*(?:\([\w ,-]*\))?\s*(?:-->|\*/\}|\*/)?\s*$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*|\"([^\"\n]+)\"")
_TOKEN = re.compile(r"[^\s`*\"'()<>,;|]+")
#: A line with one of these tells of a run, not of a file to be written.
_RUNS = re.compile(
    r"\b(?:run|running|runs|execute|prints?|outputs?|result|prompts?|shows?|returns?|produces?)\b", re.IGNORECASE
)
#: Longer lines are no labels.
_MOST_CHARACTERS = 500
_FIRST_LINES = ("#!", "<?php", "<!doctype", "# -*-")


@dataclass(frozen=True)
class NamedFile:
    """The file a block names.

    Attributes:
        name: As the block writes it.
        label_line: The number of the block's line, from 0, that says so and is no part of the file; -1 for none.
    """

    name: str
    label_line: int = -1


@dataclass(frozen=True)
class BlockFile:
    """A file that a block may be applied to.

    Attributes:
        path: Absolute.
        shown: Below the open folder.
        exists: There is such a file.
    """

    path: str
    shown: str
    exists: bool


class OutsideError(ValueError):
    """The file a block names must not be changed; its text says why, to a person."""


def find_named_file(source: BlockSource) -> NamedFile | None:
    """Return the file a block names; None if it names none, or not clearly."""
    if path := read_info(source.info).path:
        return NamedFile(path)
    for number, line in enumerate(source.text.split("\n")[:2]):
        match = _COMMENT.match(line[:_MOST_CHARACTERS])
        if match and looks_like_path(match["path"]) and fits(match["path"], source.language):
            return NamedFile(match["path"].strip(), number)
        if number == 0 and not line.lower().startswith(_FIRST_LINES):
            break
    name = _named_in_diff(source) or _named_before(source)
    return NamedFile(name) if name else None


def without_label(source: BlockSource, named: NamedFile | None) -> str:
    """Return a block's code without the line that only says which file it is."""
    if named is None or named.label_line < 0:
        return source.text
    lines = source.text.split("\n")
    del lines[named.label_line]
    return "\n".join(lines).removeprefix("\n") if named.label_line == 0 else "\n".join(lines)


def place_in(folder: str, name: str, open_paths: Sequence[str] = ()) -> BlockFile:
    """Return the file that a name means in the open folder.

    Args:
        folder: Absolute.
        name: As a block writes it.
        open_paths: Files that are open: a name that is no file of the folder may be the end of one's path.

    Raises:
        OutsideError: It leads out of the folder, through a link, or means no file.
    """
    parts = _parts_below(folder, name)
    path = Path(folder, *parts)
    problem, exists = _look_at(Path(folder), parts)
    if not problem and not exists:
        ends = [
            other
            for other in open_paths
            if Path(other).is_relative_to(folder) and Path(other).parts[-len(parts) :] == parts
        ]
        if len(ends) == 1:
            parts = Path(ends[0]).relative_to(folder).parts
            path = Path(ends[0])
            problem, exists = _look_at(Path(folder), parts)
    if problem:
        raise OutsideError(problem)
    return BlockFile(str(path), "/".join(parts), exists)


def _parts_below(folder: str, name: str) -> tuple[str, ...]:
    if "\0" in name or "\n" in name or len(name) > _MOST_CHARACTERS:
        raise OutsideError("That is no name of a file.")
    if PurePosixPath(name).is_absolute() and PurePosixPath(name).is_relative_to(folder):
        name = str(PurePosixPath(name).relative_to(folder))
    windows = PureWindowsPath(name)
    if PurePosixPath(name).is_absolute() or windows.drive or windows.root or name.startswith("~"):
        raise OutsideError(f"{name} is not a path in the open folder.")
    parts = tuple(part for part in re.split(r"[\\/]" if "\\" in name else "/", name) if part not in {"", "."})
    if ".." in parts:
        raise OutsideError(f"{name} leads out of the open folder.")
    if not parts:
        raise OutsideError("That is no name of a file.")
    return parts


def _look_at(folder: Path, parts: tuple[str, ...]) -> tuple[str, bool]:
    """Return what stands against a file, "" for nothing, and whether it exists. Follows no link."""
    place = folder
    for number, part in enumerate(parts):
        place = place / part
        try:
            mode = place.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return "", False
        except OSError as error:
            return f"{'/'.join(parts)} cannot be looked at ({error.strerror or error}).", False
        is_last = number == len(parts) - 1
        if stat.S_ISLNK(mode):
            return f"{'/'.join(parts[: number + 1])} is a link, and may lead out of the open folder.", False
        if is_last and not stat.S_ISREG(mode):
            return f"{'/'.join(parts)} is not a file.", False
        if not is_last and not stat.S_ISDIR(mode):
            return f"{'/'.join(parts[: number + 1])} is not a folder.", False
    return "", True


def _named_in_diff(source: BlockSource) -> str:
    """Return the one file that a unified diff changes."""
    lines = source.text.split("\n")
    names = []
    for before, after in pairwise(lines):
        if before.startswith("--- ") and after.startswith("+++ "):
            old, new = (line[4:].split("\t")[0].strip() for line in (before, after))
            name = old if new == "/dev/null" else new
            is_git = old.startswith(("a/", "/dev/null")) and new.startswith(("b/", "/dev/null"))
            names.append(name[2:] if is_git and name != "/dev/null" else name)
    return names[0] if len(set(names)) == 1 else ""


def _named_before(source: BlockSource) -> str:
    """Return the one file that the last lines before the block name."""
    lines = [line.strip() for line in source.lead.strip().split("\n") if line.strip()]
    for line in (one[-_MOST_CHARACTERS:] for one in reversed(lines[-2:])):
        names = dict.fromkeys(name for name in _names_in(line) if fits(name, source.language))
        if names:
            is_told = _RUNS.search(line) and source.language.lower() in {"", "text", "txt", "console", "output"}
            return next(iter(names)) if len(names) == 1 and not is_told else ""
    return ""


def _names_in(line: str) -> Iterator[str]:
    """Yield what a line calls files: what it quotes; without that, plain words."""
    quoted = [next(group for group in match.groups() if group).strip("` *:") for match in _QUOTED.finditer(line)]
    files = [name for name in quoted if looks_like_path(name) and " " not in name]
    if files or quoted:
        yield from files
        return
    for token in _TOKEN.findall(line):
        word = token.rstrip(".:!?")
        if looks_like_path(word):
            yield word
