"""Llama's forms: JSON, bare or behind ``<|python_tag|>``, ``<function=NAME>{…}</function>``, and Python calls.

Llama 3.1 calls a function ``{"name": …, "parameters": …}``; 3.2 and 4 also write ``[first(a=1), second()]``, Llama 4
between ``<|python_start|>`` and ``<|python_end|>``.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import Any

from app.agent import loose_json
from app.agent.formats.json_calls import CallsReader
from app.agent.formats.reading import Reading
from app.agent.formats.sink import OpenCall
from app.agent.formats.source import Reads
from app.agent.loose_json import LooseJsonError

TAGS = (b"<|python_tag|>", b"<|python_start|>")
END_TAGS = (b"<|python_end|>", b"<|eom_id|>", b"<|eot_id|>")
_NAME = re.compile(rb"([A-Za-z_][\w.\-]{0,199})\s*\(")
_NAME_END = re.compile(rb"[^\w.\-]")
_STRUCTURE = re.compile(rb"[\[\](){}\"']")
_TEXTS = {b'"': re.compile(rb'(?:[^"\\]++|\\[\s\S])*+'), b"'": re.compile(rb"(?:[^'\\]++|\\[\s\S])*+")}
_NEVER = re.compile(rb"(?!)")
_CLOSES = {b"(": b")", b"[": b"]", b"{": b"}"}


class PythonReader:
    """Reads ``[first(a=1), second()]``."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._source = reading.source
        self._sink = reading.sink

    def is_list(self, at: int) -> Reads[bool]:
        """Return whether a list of Python calls begins at a ``[``."""
        at = yield from self._source.space(at + 1)
        return (yield from self._name(at)) is not None

    def read(self, start: int, at: int, *, in_list: bool = True) -> Reads[int]:
        """Read calls from the first name on; return the position after them and their bracket."""
        source, sink = self._source, self._sink
        while True:
            name = yield from self._name(at)
            if name is None:
                return (yield from self._broken(start, at))
            call = sink.begin(name[0], start)
            call.shown = name[1]
            end = yield from self._closing(call, name[1])
            if end < 0:
                return (yield from self._unclosed(call, name[1]))
            arguments = self._arguments(call, name[1], end)
            at = yield from source.space(end)
            following = source.byte(at)
            if in_list and following == b",":
                sink.end(call, arguments, end)
                start, at = end, (yield from source.space(at + 1))
                continue
            if in_list and following == b"]":
                sink.end(call, arguments, at + 1)
                return at + 1
            if in_list:
                self._reading.note_unclosed(call, "]", at)
            sink.end(call, arguments, end)
            return end

    def _name(self, at: int) -> Reads[tuple[str, int] | None]:
        """Return a name and the position after its opening bracket."""
        end = yield from self._source.find(_NAME_END, at, 1)
        if end is not None:
            yield from self._source.space(end.start())
        match = _NAME.match(self._source.data, at)
        return (match.group(1).decode(), match.end()) if match else None

    def _closing(self, call: OpenCall, at: int) -> Reads[int]:
        """Return the position after the bracket that closes the arguments, -1 where none does."""
        source, data = self._source, self._source.data
        stack, scan = [b")"], at
        while True:
            match = _STRUCTURE.search(data, scan)
            if match is None:
                scan = len(data)
                self._sink.show(call, "", scan)
                if source.is_ended:
                    return -1
                yield
                continue
            found, scan = match.group(), match.end()
            if found in _TEXTS:
                scan = yield from self._text(call, match.start(), found)
                if scan < 0:
                    return -1
            elif found in _CLOSES:
                stack.append(_CLOSES[found])
            elif found != stack.pop():
                self._sink.show(call, "", match.start())
                return -1
            elif not stack:
                self._sink.show(call, "", scan - 1)
                return scan

    def _text(self, call: OpenCall, at: int, quote: bytes) -> Reads[int]:
        source = self._source
        closing = quote * 3 if (yield from source.has(at, quote * 3)) else quote
        scan = at + len(closing)
        while True:
            match = _TEXTS[quote].match(source.data, scan)
            scan = match.end() if match else scan
            if source.byte(scan) == quote:
                if (yield from source.has(scan, closing)):
                    return scan + len(closing)
                scan += 1
                continue
            self._sink.show(call, "", scan)
            if source.is_ended:
                return -1
            yield

    def _arguments(self, call: OpenCall, at: int, end: int) -> dict[str, Any]:
        text = self._source.text(at, end - 1)
        try:
            tree = loose_json.parse_expression(f"f({text})")
            if not isinstance(tree, ast.Call) or tree.args:
                raise LooseJsonError("every argument needs its name")  # noqa: TRY301 - one place tells the person
            arguments = {_keyword(keyword): loose_json.literal(keyword.value) for keyword in tree.keywords}
        except LooseJsonError as error:
            self._sink.note(call, "bad_json", f"The arguments cannot be read: {error}.", at, end)
            return {}
        if len(arguments) < len(tree.keywords):
            message = "An argument is given twice; the last one counts."
            self._sink.note(call, "duplicate", message, at, end, is_fatal=False)
        return arguments

    def _unclosed(self, call: OpenCall, at: int) -> Reads[int]:
        """End a call whose brackets do not fit, with the text."""
        is_broken = not self._source.is_ended
        yield from self._source.find(_NEVER, at, 1)
        end = len(self._source.data)
        code = "bad_json" if is_broken else "truncated"
        self._sink.note(call, code, "The bracket after the name is never closed.", at - 1, at)
        self._sink.end(call, {}, end)
        return end

    def _broken(self, start: int, at: int) -> Reads[int]:
        """End what should have been a call, with the text."""
        yield from self._source.find(_NEVER, at, 1)
        end = len(self._source.data)
        call = self._sink.begin("", start)
        self._sink.note(call, "bad_json", "Here a call NAME(…) should stand.", at, end)
        self._sink.end(call, {}, end)
        return end


class LlamaReader:
    """Reads what follows one of Llama's tags."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._source = reading.source

    def read(self, start: int, tag: bytes, *, is_prose: bool) -> Reads[int]:
        """Read from the tag on; return the position after the calls, -1 where it is only spoken of."""
        source = self._source
        at = yield from source.space(start + len(tag))
        python = PythonReader(self._reading)
        if source.byte(at) == b"[" and (yield from python.is_list(at)):
            end = yield from python.read(start, (yield from source.space(at + 1)))
        elif source.byte(at) in {b"{", b"["}:
            end = yield from CallsReader(self._reading, b"").read(start, at)
        else:
            end = yield from self._other(start, at, is_prose=is_prose)
        return end

    def _other(self, start: int, at: int, *, is_prose: bool) -> Reads[int]:
        """Read a call without a list around it; what is none is code, which Llama 3 writes for a tool of its own."""
        source, sink = self._source, self._reading.sink
        yield from source.find(_NAME_END, at, 1)
        match = _NAME.match(source.data, at)
        if match is not None and match.group(1).decode() in sink.tools:
            return (yield from PythonReader(self._reading).read(start, at, in_list=False))
        if is_prose:
            return -1
        yield from source.find(_NEVER, at, 1)
        end = len(source.data)
        call = sink.begin("", start)
        code = "bad_json" if end > at else "truncated"
        sink.note(call, code, "After the tag stands neither JSON nor a call NAME(…) of a tool there is.", at, end)
        sink.end(call, {}, end)
        return end


def _keyword(keyword: ast.keyword) -> str:
    if keyword.arg is None:
        raise LooseJsonError("** cannot be used")
    return keyword.arg


def render(name: str, arguments: Mapping[str, Any]) -> str:
    """Return a call as Llama 3.1 writes it."""
    return json.dumps({"name": name, "parameters": arguments}, ensure_ascii=False)
