"""Splits growing Markdown into top-level blocks: closed ones never change again. Pure, the same for any chunking.

Only what decides where one widget ends and the next begins is looked at here: fences of code, and blank
lines between paragraphs. What is inside a prose block is for a Markdown parser (CommonMark 0.31, fenced
code blocks: sections 4.5 and 5.2 on what lists contain).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from app.files.fence_info import read_info

_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\n]*)$")
_LIST_ITEM = re.compile(r"^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_INDENTED = re.compile(r"^(?: {2,}|\t)\S")


@dataclass(frozen=True)
class Block:
    """A piece of a message.

    Attributes:
        text: Of code, what is between its fences.
        language: Of code, as its fence says.
        info: All that stands behind the fence.
        lead: The prose just before code, for it may say what the code is for.
    """

    kind: Literal["prose", "code"]
    text: str
    language: str = ""
    info: str = ""
    lead: str = ""


class BlockSplitter:
    """Feed it text; ``closed`` grows, ``open_block`` is what may still change."""

    def __init__(self) -> None:
        self.closed: list[Block] = []
        self._lines: list[str] = []  # complete lines of the open block
        self._partial = ""
        self._fence = ""  # the fence that opened the code being read
        self._margin = 0  # blanks before that fence, which are none of the code's
        self._info = ""
        self._has_gap = False  # blank lines came: the next line decides whether the block goes on

    def feed(self, text: str) -> None:
        """Take text in any pieces."""
        *lines, self._partial = (self._partial + text).split("\n")
        for line in lines:
            self._take(line)

    def finish(self) -> None:
        """Close what is open; a fence that was never closed is closed here."""
        if self._partial:
            self._take(self._partial)
            self._partial = ""
        self._close()

    @property
    def open_block(self) -> Block | None:
        """The block under way, its last line as far as it has come."""
        if self._fence:
            return self._code([*self._lines, _without(self._partial, self._margin)])
        lines = [*self._lines, *([""] if self._has_gap else []), self._partial]
        text = "\n".join(lines).strip("\n")
        return Block("prose", text) if text.strip() else None

    def _take(self, line: str) -> None:
        line = line.rstrip("\r")
        if self._fence:
            self._take_code(line)
            return
        fence = _FENCE.match(line)
        if fence and not (fence["fence"][0] == "`" and "`" in fence["info"]):
            self._close()
            self._fence, self._info = fence["fence"], fence["info"].strip()
            self._margin = fence.start("fence")
        elif not line.strip():
            self._has_gap = bool(self._lines)
        else:
            self._take_prose(line)

    def _take_code(self, line: str) -> None:
        stripped = line.strip()
        is_end = len(stripped) >= len(self._fence) and set(stripped) == {self._fence[0]}
        if is_end and not line.startswith("    "):
            self._close()
        else:
            self._lines.append(_without(line, self._margin))

    def _take_prose(self, line: str) -> None:
        if self._has_gap:
            is_list = bool(_LIST_ITEM.match(self._lines[0]))
            if is_list and (_LIST_ITEM.match(line) or _INDENTED.match(line)):
                self._lines.append("")
            else:
                self._close()
        self._has_gap = False
        self._lines.append(line)

    def _close(self) -> None:
        if self._fence:
            self.closed.append(self._code(self._lines))
        elif self._lines:
            self.closed.append(Block("prose", "\n".join(self._lines)))
        self._lines, self._fence, self._info, self._has_gap = [], "", "", False

    def _code(self, lines: list[str]) -> Block:
        last = self.closed[-1] if self.closed else None
        lead = last.text if last is not None and last.kind == "prose" else ""
        return Block("code", "\n".join(lines), read_info(self._info).language, self._info, lead)


def _without(line: str, margin: int) -> str:
    """Return a line of code without as many of its blanks as stand before its fence (CommonMark 4.5)."""
    blanks = len(line) - len(line.lstrip(" "))
    return line[min(blanks, margin) :]


def split_blocks(text: str) -> list[Block]:
    """Return the blocks of a finished text."""
    splitter = BlockSplitter()
    splitter.feed(text)
    splitter.finish()
    return splitter.closed
