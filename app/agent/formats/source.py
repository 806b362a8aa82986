"""The text of a reply as it comes, and steps over it that wait for more where they cannot decide yet.

Readers of the text are generators: ``yield`` means "I need more". None decides by where a piece of text ends,
only by what the text says, so any pieces give the same events. Text is kept as bytes because a ``bytearray``
grows in place, where appending to a ``str`` copies it: a reply is read in time linear in its length.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")
Reads = Generator[None, None, T]

_SPACE = re.compile(rb"[ \t\r\n]*")
_BLANK = re.compile(rb"[ \t\r]*")


class Source:
    """What has come of a reply.

    Attributes:
        data: All of it, as UTF-8; lone surrogates pass through.
        is_ended: Nothing more will come.
        is_cut: It ended because room or time ran out, not because the model was done.
    """

    def __init__(self) -> None:
        self.data = bytearray()
        self.is_ended = False
        self.is_cut = False

    def feed(self, text: str) -> None:
        """Add text."""
        self.data += text.encode("utf-8", "surrogatepass")

    def text(self, start: int, end: int) -> str:
        """Return the text between two positions, which are those of whole characters."""
        return self.data[start:end].decode("utf-8", "surrogatepass")

    def byte(self, position: int) -> bytes:
        """Return the byte at a position; empty at the end."""
        return bytes(self.data[position : position + 1])

    def space(self, position: int) -> Reads[int]:
        """Return the first position that is not white space."""
        return self._over(_SPACE, position)

    def blank(self, position: int) -> Reads[int]:
        """Return the first position that is no white space within a line."""
        return self._over(_BLANK, position)

    def _over(self, pattern: re.Pattern[bytes], position: int) -> Reads[int]:
        while True:
            match = pattern.match(self.data, position)
            position = match.end() if match else position
            if position < len(self.data) or self.is_ended:
                return position
            yield

    def has(self, position: int, literal: bytes) -> Reads[bool]:
        """Return whether a literal stands at a position, waiting only while that is open."""
        while True:
            found = self.data[position : position + len(literal)]
            if len(found) == len(literal) or self.is_ended or not literal.startswith(found):
                return found == literal
            yield

    def find(self, pattern: re.Pattern[bytes], position: int, longest: int) -> Reads[re.Match[bytes] | None]:
        """Return the first match at or after a position; None when the text ends without.

        ``longest`` is the length of the longest match; the pattern must match by its own characters alone.
        """
        while True:
            match = pattern.search(self.data, position)
            if match or self.is_ended:
                return match
            position = max(position, len(self.data) - longest + 1)
            yield


class Tokens:
    """A set of literals to look for, which also knows when the end of the text may be the beginning of one."""

    def __init__(self, *literals: bytes) -> None:
        ordered = sorted(literals, key=len, reverse=True)
        self.pattern = re.compile(b"|".join(re.escape(literal) for literal in ordered))
        beginnings = {literal[:length] for literal in literals for length in range(1, len(literal))}
        ordered = sorted(beginnings, key=len, reverse=True)
        # The leftmost match at the end is the longest one, so nothing that may grow into a literal is let go.
        self._partial = (
            re.compile(b"(?:" + b"|".join(re.escape(part) for part in ordered) + rb")\Z") if ordered else None
        )
        self._longest = max(len(literal) for literal in literals)

    def search(self, data: bytearray, position: int) -> re.Match[bytes] | None:
        """Return the first literal at or after a position."""
        return self.pattern.search(data, position)

    def safe_end(self, data: bytearray, position: int) -> int:
        """Return where the text after a position may be the unfinished beginning of a literal."""
        if self._partial is None:
            return len(data)
        match = self._partial.search(data, max(position, len(data) - self._longest + 1))
        return match.start() if match else len(data)
