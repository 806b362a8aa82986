"""Hermes's form, also Qwen2.5's: ``<tool_call>`` around JSON. Qwen3-Coder puts its own elements into the same tag."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from app.agent.formats.json_calls import CallsReader
from app.agent.formats.qwen3_coder import FunctionReader
from app.agent.formats.reading import Reading
from app.agent.formats.source import Reads

OPENER, CLOSER = b"<tool_call>", b"</tool_call>"
#: Tags that models of this form write in its place; these count only around a well-formed call of a known tool.
ALIASES = (b"<tools>", b"<tool>", b"<function_call>", b"<response>", b"<json>", b"<JSON>", b"<xml>")
_CLOSER = re.compile(re.escape(CLOSER))


def closer_of(opener: bytes) -> bytes:
    """Return the closing tag of an opening one."""
    return b"</" + opener[1:]


class ToolCallReader:
    """Reads what a ``<tool_call>`` tag holds."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._source = reading.source

    def read(self, start: int, *, is_prose: bool) -> Reads[int]:
        """Read from the tag on.

        Args:
            is_prose: Other words stand before it in its line, so it is a call only if its content is one.

        Returns:
            The position after the calls; -1: the tag is only spoken of.
        """
        source, opened = self._source, start + len(OPENER)
        at = yield from source.space(opened)
        first = source.byte(at)
        if first in {b"{", b"["} or (yield from source.has(at, b"```")):
            return (yield from CallsReader(self._reading, CLOSER).read(start, at))
        if not (yield from source.has(at, b"<function")):
            return -1 if is_prose else (yield from self._unknown(start, opened, at))
        end = start
        while True:
            end = yield from FunctionReader(self._reading).read(end, at, is_wrapped=True)
            if source.data.endswith(CLOSER, 0, end):
                return end
            at = yield from source.space(end)
            if not (yield from source.has(at, b"<function")):
                return end

    def _unknown(self, start: int, opened: int, at: int) -> Reads[int]:
        """End a call whose content is of no form that is known; a tag in running text is left alone."""
        source, sink = self._source, self._reading.sink
        match = yield from source.find(_CLOSER, opened, len(CLOSER))
        is_text = match is None and b"\n" not in source.data[opened:at] and at < len(source.data)
        if is_text:
            return -1
        end = match.end() if match else len(source.data)
        call = sink.begin("", start)
        if match:
            sink.note(call, "bad_json", "What stands in <tool_call> is neither JSON nor <function=NAME>.", opened, end)
        else:
            sink.note(call, "truncated", "The call ends in the middle: </tool_call> never comes.", opened, end)
        sink.end(call, {}, end)
        return end


def render(name: str, arguments: Mapping[str, Any]) -> str:
    """Return a call as Hermes and Qwen2.5 write it."""
    body = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    return f"<tool_call>\n{body}\n</tool_call>"
