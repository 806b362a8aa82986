"""Mistral's forms: ``[TOOL_CALLS]`` before a list of objects, or before ``NAME[ARGS]{…}`` once for each call."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from app.agent.formats.json_body import JsonReader
from app.agent.formats.json_calls import CallsReader
from app.agent.formats.reading import Reading
from app.agent.formats.source import Reads

OPENER = b"[TOOL_CALLS]"
_ID, _ARGUMENTS = b"[CALL_ID]", b"[ARGS]"
_NAME = re.compile(rb"[\w.\-:/]{1,200}")
_LINE_END = re.compile(rb"\n|\[TOOL_CALLS\]")
_NAME_END = re.compile(rb"[^\w.\-:/]")


class MistralReader:
    """Reads what follows ``[TOOL_CALLS]``."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._source = reading.source
        self._sink = reading.sink

    def read(self, start: int, *, is_prose: bool) -> Reads[int]:
        """Read from the word on; return the position after the calls, -1 where it is only spoken of."""
        source = self._source
        at = yield from source.space(start + len(OPENER))
        if source.byte(at) in {b"[", b"{"} and not (yield from source.has(at, OPENER)):
            return (yield from CallsReader(self._reading, b"").read(start, at))
        end = yield from self._named(start, at)
        if end >= 0 or is_prose:
            return end
        call = self._sink.begin("", start)
        message = "After [TOOL_CALLS] stands neither a list of calls nor a name."
        self._sink.note(call, "bad_json", message, start, start + len(OPENER))
        line = yield from source.find(_LINE_END, at, len(OPENER))
        end = line.start() if line else len(source.data)
        self._sink.end(call, {}, end)
        return end

    def _named(self, start: int, at: int) -> Reads[int]:
        """Read ``NAME[CALL_ID]ID[ARGS]{…}``; the id and, in older ones, ``[ARGS]`` may be missing."""
        source = self._source
        yield from source.find(_NAME_END, at, 1)
        name = _NAME.match(source.data, at)
        if name is None:
            return -1
        after = yield from source.space(name.end())
        if (yield from source.has(after, _ID)):
            yield from source.find(_NAME_END, after + len(_ID), 1)
            match = _NAME.match(source.data, after + len(_ID))
            after = match.end() if match else after + len(_ID)
        has_word = yield from source.has(after, _ARGUMENTS)
        if has_word:
            after = yield from source.space(after + len(_ARGUMENTS))
        following = source.byte(after)
        if following != b"{" and not (has_word or after >= len(source.data)):
            return -1
        call = self._sink.begin(name.group().decode(), start)
        if following != b"{":
            self._sink.note(call, "truncated", "The arguments are missing.", after, after)
            self._sink.end(call, {}, after)
            return after
        arguments, end = yield from JsonReader(self._reading).arguments(call, after)
        if arguments is not None:
            self._sink.end(call, arguments, end)
        return end


def render(name: str, arguments: Mapping[str, Any]) -> str:
    """Return a call as newer Mistral models write it."""
    return f"[TOOL_CALLS]{name}[ARGS]{json.dumps(arguments, ensure_ascii=False)}"
