"""Calls without control words: bare JSON, JSON in a Markdown fence, or in a tag that is not the template's own.

Such a block is a call only by where it stands, which is known when the reply is complete: the whole reply
consists of such blocks, or, where the template asks for fences, they are the last thing in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from app.agent.formats import hermes
from app.agent.formats.json_calls import CallsReader
from app.agent.formats.reading import Reading
from app.agent.formats.source import Reads

_FENCE = re.compile(rb"(`{3,}|~{3,})[^\n`]*\n")
_LINE_END = re.compile(rb"\n")


class BlockReader:
    """Reads blocks that may be calls."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._source = reading.source

    def group(self, at: int) -> Reads[int]:
        """Read blocks one after another, with nothing but white space between and after them.

        Returns:
            The end of the reply; -1: something else stands there, so the blocks are no calls.
        """
        source = self._source
        start = at
        while True:
            end = yield from self.block(start, at)
            if end < 0:
                return -1
            at = yield from source.space(end)
            if at >= len(source.data):
                return at
            if (yield from source.has(at, b"```")):  # the end of a fence that was never begun
                after = yield from source.space(at + 3)
                if after >= len(source.data):
                    self._reading.sink.extend(at + 3)
                    return after
            at = (yield from source.space(at + 1)) if source.byte(at) == b";" else at
            start = end

    def block(self, start: int, at: int) -> Reads[int]:
        """Read one block; return the position after it, -1 where it is no call."""
        source = self._source
        if source.byte(at) in {b"{", b"["}:
            return (yield from CallsReader(self._reading, b"", is_strict=True).read(start, at))
        if source.byte(at) in {b"`", b"~"}:
            return (yield from self._fence(start, at))
        return (yield from self.tagged(start, at))

    def tagged(self, start: int, at: int) -> Reads[int]:
        """Read a block in a tag of the model's own choice; -1 where it is no call."""
        source = self._source
        for tag in hermes.ALIASES:
            if (yield from source.has(at, tag)):
                at = yield from source.space(at + len(tag))
                if source.byte(at) not in {b"{", b"["}:
                    return -1
                reader = CallsReader(self._reading, hermes.closer_of(tag), is_strict=True)
                return (yield from reader.read(start, at))
        return -1

    def _fence(self, start: int, at: int) -> Reads[int]:
        source = self._source
        end = yield from source.find(_LINE_END, at, 1)
        opening = _FENCE.match(source.data, at)
        if end is None or opening is None:
            return -1
        at = yield from source.space(opening.end())
        if source.byte(at) == b"<":
            end_of_tag = yield from self.tagged(start, at)
            if end_of_tag < 0:
                return -1
            at = yield from source.space(end_of_tag)
            if not (yield from source.has(at, opening.group(1))):
                return -1
            self._reading.sink.extend(at + len(opening.group(1)))
            return at + len(opening.group(1))
        if source.byte(at) not in {b"{", b"["}:
            return -1
        return (yield from CallsReader(self._reading, opening.group(1), is_strict=True).read(start, at))


def render(name: str, arguments: Mapping[str, Any]) -> str:
    """Return a call as a fenced JSON block."""
    return f"```json\n{json.dumps({'name': name, 'arguments': arguments}, ensure_ascii=False)}\n```"
