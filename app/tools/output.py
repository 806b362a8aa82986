"""A command's output on its way: to the card while it runs, in part to the person and the model, whole to a file."""

from __future__ import annotations

import codecs
import contextlib
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from app.tools.ansi import COLOUR, TerminalText, without_colours
from app.tools.context import MAX_RESULT_CHARACTERS
from app.tools.views import MAX_VIEW_CHARACTERS

#: The longest output that is kept whole.
MAX_FILE_CHARACTERS = 64 * 1024 * 1024
#: Between two messages about new output; and the longest of them, of which the middle is left out.
LIVE_SECONDS = 1 / 30
MAX_LIVE_CHARACTERS = 64 * 1024
#: A line without an end is shown after so long: it may be a question.
_PARTIAL_SECONDS = 0.3
_LONGEST_COLOUR = 600


@dataclass(frozen=True)
class Collected:
    """An output as it is kept.

    Attributes:
        view: For a person, with colours; its middle may be left out.
        omitted_bytes: What is left out of ``view``.
        text: For a model, without colours; it says what is left out, and where that is.
    """

    view: str
    omitted_bytes: int
    text: str


class Output:
    """Takes bytes as they come. What it holds in memory is bounded; a reader that is slow slows the command down.

    Args:
        folder: Where a long output is kept whole.
        write: Shows text while the command runs.
    """

    def __init__(self, folder: Path, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._write = write
        self._clock = clock
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._terminal = TerminalText()
        self._ends = _Ends(MAX_VIEW_CHARACTERS)
        self._live: list[str] = []
        self._live_length = 0
        self._told_at = self._fed_at = clock()
        self._partial = ""  # what was shown of the last line
        self._plain: list[str] = []
        self._plain_length = 0
        self._file: TextIO | None = None
        self._file_name = ""

    def feed(self, data: bytes) -> None:
        """Take a piece of output."""
        self._fed_at = self._clock()
        self._take(self._terminal.feed(self._decoder.decode(data)))
        self.tick()

    def tick(self) -> None:
        """Show what has not been shown; to be called a few times a second."""
        now = self._clock()
        if self._live and now - self._told_at >= LIVE_SECONDS:
            self._tell()
        if not self._live and now - self._fed_at >= _PARTIAL_SECONDS:
            partial = self._terminal.partial()
            if partial.startswith(self._partial) and partial != self._partial:
                self._write(partial[len(self._partial) :])
                self._partial = partial

    def finish(self) -> Collected:
        """Take the end of the output, and return what is kept of it."""
        rest = self._terminal.feed(self._decoder.decode(b"", final=True))
        self._take(rest + self._terminal.finish())
        if self._live:
            self._tell()
        if self._file is not None:
            self._file.close()
        view, omitted = self._ends.joined(MAX_VIEW_CHARACTERS)
        return Collected(view, omitted, self._for_model())

    def _take(self, text: str) -> None:
        if not text:
            return
        self._ends.add(text)
        self._keep(without_colours(text))
        self._live.append(text)
        self._live_length += len(text)
        if self._live_length > 4 * MAX_LIVE_CHARACTERS:
            self._live = [_shortened("".join(self._live))]
            self._live_length = len(self._live[0])

    def _tell(self) -> None:
        text, self._live, self._live_length = "".join(self._live), [], 0
        if self._partial:
            first, end, rest = text.partition("\n")
            first = without_colours(first)
            continues = first.startswith(self._partial)
            text = (first[len(self._partial) :] if continues else "\n" + first) + end + rest
            self._partial = ""
        self._write(_shortened(text))
        self._told_at = self._clock()

    def _keep(self, text: str) -> None:
        """Keep text for the model's result, and in a file once it is too long for that."""
        is_short = self._plain_length <= MAX_RESULT_CHARACTERS
        self._plain_length += len(text)
        if is_short:
            self._plain.append(text)
            if self._plain_length > MAX_RESULT_CHARACTERS:
                self._open_file()
        elif self._file is not None and self._plain_length <= MAX_FILE_CHARACTERS:
            self._put(text)

    def _open_file(self) -> None:
        with contextlib.suppress(OSError):  # a full disk: then it is not kept whole, and no name is told
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file_name = f"output-{secrets.token_hex(4)}.txt"
            path = self._folder / self._file_name
            self._file = path.open("x", encoding="utf-8", errors="replace", newline="\n")
            self._put("".join(self._plain))

    def _put(self, text: str) -> None:
        if self._file is None:
            return
        try:
            self._file.write(text)
        except OSError:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _for_model(self) -> str:
        if self._plain_length <= MAX_RESULT_CHARACTERS:
            return "".join(self._plain)
        where = ""
        if self._file is not None:
            how_much = "first 64 MiB" if self._plain_length > MAX_FILE_CHARACTERS else "whole output"
            where = f'; read_file with path "output:{self._file_name}" shows the {how_much}'
        head, tail = self._ends.halves(MAX_RESULT_CHARACTERS)
        head, tail = without_colours(head), without_colours(tail)
        left_out = self._plain_length - len(head) - len(tail)
        return f"{head}\n[… {left_out:,} characters left out here{where} …]\n{tail}"


class _Ends:
    """The first and the last part of a long text, each of at least half of a number of characters."""

    def __init__(self, most: int) -> None:
        self._half = most // 2
        self._head: list[str] = []
        self._head_length = 0
        self._tail: deque[str] = deque()
        self._tail_length = 0
        self._dropped_bytes = 0

    def add(self, text: str) -> None:
        room = self._half - self._head_length
        if room > 0 and not self._tail:
            cut = _cut(text, room)
            self._head.append(text[:cut])
            self._head_length += cut
            text = text[cut:]
        if not text:
            return
        self._tail.append(text)
        self._tail_length += len(text)
        while self._tail_length - len(self._tail[0]) >= self._half:
            dropped = self._tail.popleft()
            self._tail_length -= len(dropped)
            self._dropped_bytes += len(dropped.encode("utf-8", "replace"))

    def joined(self, most: int) -> tuple[str, int]:
        """Return both parts as one text of about ``most`` characters, and how many bytes are left out between."""
        head, tail = "".join(self._head), "".join(self._tail)
        if not self._dropped_bytes and len(head) + len(tail) <= most:
            return head + tail, 0
        begin = _line_after(tail, len(tail) - most // 2)
        omitted = self._dropped_bytes + len(tail[:begin].encode("utf-8", "replace"))
        return f"{head}\x1b[0m\n\x1b[2m[… {omitted:,} bytes left out …]\x1b[0m\n{tail[begin:]}", omitted

    def halves(self, most: int) -> tuple[str, str]:
        """Return the first and the last part, of half of ``most`` characters each."""
        text = "".join(self._head)
        tail = "".join(self._tail) or text[_cut(text, most // 2) :]
        return text[: _cut(text, most // 2)], tail[_line_after(tail, len(tail) - most // 2) :]


def _cut(text: str, at: int) -> int:
    """Return where to cut at or before ``at``: after a line's end where there is one, never within a colour."""
    if len(text) <= at:
        return len(text)
    if end := text.rfind("\n", 0, at) + 1:
        return end
    return _outside_colour(text, at)


def _line_after(text: str, at: int) -> int:
    """Return where to begin at or after ``at``: at a line's beginning where there is one."""
    if at <= 0:
        return 0
    return text.find("\n", at - 1) + 1 or _outside_colour(text, at)


def _outside_colour(text: str, at: int) -> int:
    escape = text.rfind("\x1b", max(0, at - _LONGEST_COLOUR), at)
    match = COLOUR.match(text, escape) if escape >= 0 else None
    return max(at, match.end()) if match else at


def _shortened(text: str) -> str:
    if len(text) <= MAX_LIVE_CHARACTERS:
        return text
    half = MAX_LIVE_CHARACTERS // 2
    head, tail = text[: _cut(text, half)], text[_line_after(text, len(text) - half) :]
    return f"{head}\x1b[0m\n[… {len(text) - len(head) - len(tail):,} characters not shown live …]\n{tail}"
