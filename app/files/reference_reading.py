"""Takes the text of what a person points at beside a message: a file, some of its lines, the names in a folder.

Run as a module it is a child process that does so: disks can be slow, and a folder large.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec

from app.conversations.parts import ReferencePart
from app.errors import AppError
from app.ipc.job import JobCommand, JobEvent, JobFailed, serve
from app.tools.names import meant, shown
from app.tools.text import TextFile, decode
from app.tools.tree_by_path import open_tree
from app.tools.walk import walk

MODULE = "app.files.reference_reading"
#: The most that is taken of a file, as characters and as bytes: about 64,000 tokens of code.
MAX_TAKEN = 256 * 2**10
#: A file whose lines are pointed at is read up to here.
MAX_FILE_BYTES = 64 * 2**20
MAX_FOLDER_FILES = 1000
NO_FILES = "(no files)"
#: No character of an encoding we read is longer.
_LONGEST_CHARACTER = 4


class TakeReference(JobCommand, tag="take_reference", frozen=True, kw_only=True):
    """Read what a reference points at; answered by ``ReferenceTaken``.

    Attributes:
        reference: Its path is absolute.
        folder: The open folder, absolute; empty for none. Names below it are said from there.
    """

    reference: ReferencePart
    folder: str = ""


class ReferenceTaken(JobEvent, tag="reference_taken", frozen=True, kw_only=True):
    """The reference with its text, and its path as a model reads it."""

    reference: ReferencePart


TakenEvent = ReferenceTaken | JobFailed


def take_reference(reference: ReferencePart, folder: str) -> ReferencePart:
    """Read what a reference points at from the disk; see ``TakeReference``.

    Raises:
        AppError: It is not there, cannot be read, is no text, or has fewer lines.
    """
    path = Path(path_from_text(reference.path))
    if reference.target == "folder":
        text, is_cut = _read_folder(path, folder)
        named = named_below(reference.path, folder)
        return msgspec.structs.replace(reference, path=named, text=text, is_cut=is_cut)
    limit = MAX_TAKEN if reference.target == "file" else MAX_FILE_BYTES
    data, is_cut = _read_file(path, limit)
    text = _decoded(data, path.name, is_cut=is_cut)
    taken = take_from_text(reference, text, folder)
    return msgspec.structs.replace(taken, is_cut=taken.is_cut or is_cut) if reference.target == "file" else taken


def take_from_text(reference: ReferencePart, text: str, folder: str) -> ReferencePart:
    """Return a reference to a file, or to some lines, of which ``text`` is the whole text.

    Raises:
        AppError: It has fewer lines.
    """
    text = _storable(text.replace("\r\n", "\n").replace("\r", "\n"))
    first, last = reference.first_line, reference.last_line
    if reference.target == "lines":
        first, last, text = _lines(reference, text)
    beginning = _beginning(text)
    return msgspec.structs.replace(
        reference,
        path=named_below(reference.path, folder),
        first_line=first,
        last_line=last,
        text=beginning,
        is_cut=len(beginning) < len(text),
    )


def path_as_text(path: str) -> str:
    """Return a path so that it can be written down: names may have bytes that are no characters."""
    return shown(path)


def path_from_text(text: str) -> str:
    """Return the path that ``path_as_text`` gave as ``text``; on Windows names are text already."""
    return text if os.name == "nt" else meant(text)


def named_below(path: str, folder: str) -> str:
    """Return a path as it is said: from the open folder where it lies below it, else whole."""
    if not (path and folder):
        return path
    try:
        return Path(path).relative_to(folder).as_posix()
    except ValueError:
        return path


def absolute_path(path: str, folder: str) -> str:
    """Return the whole path of one that ``named_below`` gave."""
    return str(Path(folder, path)) if path and folder else path


# --- inside -----------------------------------------------------------------------------------------------


def _lines(reference: ReferencePart, text: str) -> tuple[int, int, str]:
    """Return the lines, and where they are now: a reference knows what they said when it was made."""
    first, last = reference.first_line, reference.last_line
    known = reference.text.removesuffix("\n")
    found = _cut_out(text, first, last)
    if known and found != known:
        place = text.find(known)
        is_whole = place >= 0 and (place == 0 or text[place - 1] == "\n")
        end = place + len(known)
        if is_whole and (end == len(text) or text[end] == "\n") and text.find(known, place + 1) < 0:
            first = text.count("\n", 0, place) + 1
            return first, first + known.count("\n"), known
    if found is None:
        count = text.count("\n") + 1
        raise AppError(
            f"{_name(reference.path)} has no line {last} any more",
            f"It has {count:,} line{'s' if count > 1 else ''} now.",
            "Take it out of the message, and point at the lines again.",
        )
    return first, last, found


def _cut_out(text: str, first: int, last: int) -> str | None:
    """Return some lines of a text, None if it has fewer."""
    pieces = text.split("\n", last)
    return None if len(pieces) < last else "\n".join(pieces[first - 1 : last])


def _storable(text: str) -> str:
    """Return a text without lone surrogates, which are no characters and cannot be written down."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _beginning(text: str) -> str:
    """Return as much of a text as is taken, in whole lines where it has any."""
    if len(text) <= MAX_TAKEN:
        return text
    end = text.rfind("\n", 0, MAX_TAKEN) + 1
    return text[: end or MAX_TAKEN]


def _read_file(path: Path, limit: int) -> tuple[bytes, bool]:
    """Return the first bytes of a regular file, and whether there are more."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # to open a FIFO or a device may do harm
            raise _refusal(path.name, "It is no regular file.")
        with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 - a descriptor
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _refusal(path.name, "It is no regular file.")
            data = file.read(limit + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    return data[:limit], len(data) > limit


def _decoded(data: bytes, name: str, *, is_cut: bool) -> str:
    """Return bytes as text; the last character of a beginning may be cut in two."""
    found = decode(data)
    for trimmed in range(1, _LONGEST_CHARACTER if is_cut else 0):
        if found is not None and found.encoding != "latin-1":
            break
        found = _better(decode(data[:-trimmed]), found)
    if found is None:
        raise _refusal(name, "It is no text.")
    text = found.text
    return text[: text.rfind("\n") + 1] or text if is_cut else text


def _better(found: TextFile | None, before: TextFile | None) -> TextFile | None:
    return found if found is not None and found.encoding != "latin-1" else before


def _read_folder(path: Path, folder: str) -> tuple[str, bool]:
    """Return the names of the files below a folder, one a line, and whether there are more."""
    root = Path(folder) if folder and path.is_relative_to(folder) else path
    base = path.relative_to(root).parts
    names: list[str] = []
    size = 0
    try:
        if not path.is_dir():
            raise NotADirectoryError(20, "It is no folder")
        with open_tree(root) as tree:
            for found in walk(tree, base, lambda: False):
                if not found.is_file:
                    continue
                name = shown("/".join(found.parts[len(base) :]))
                size += len(name) + 1
                if len(names) == MAX_FOLDER_FILES or size > MAX_TAKEN:
                    return "\n".join(names), True
                names.append(name)
    except OSError as error:
        raise _unreadable(path, error) from error
    return "\n".join(names) or NO_FILES, False


def _name(path: str) -> str:
    return shown(Path(path).name) or "The text"


def _refusal(name: str, reason: str) -> AppError:
    return AppError(f"{shown(name)} cannot be read", reason, "Take it out of the message.")


def _unreadable(path: Path, error: OSError) -> AppError:
    name = shown(path.name)
    hint = "Take it out of the message, or bring it back."
    if isinstance(error, FileNotFoundError):
        return AppError(f"{name} is not there any more", f"There is no {shown(str(path))}.", hint)
    return AppError(f"{name} cannot be read", f"{shown(str(path))}: {error.strerror or error}.", hint)


def answer(command: TakeReference, _send: Callable[[JobEvent], None]) -> JobEvent:
    """Do a command."""
    return ReferenceTaken(reference=take_reference(command.reference, command.folder))


if __name__ == "__main__":
    serve(TakeReference, answer)
