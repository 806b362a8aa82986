"""Reads calls written as JSON, ``{"name": …, "arguments": {…}}``, while they are written.

Models double quotes where they should escape them, stop early, or put the closing tag inside a text. So the
end of the JSON is found by its brackets, and the closing tag of what it stands in (``barrier``) ends it where
the brackets cannot.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.agent import loose_json
from app.agent.formats.reading import Reading
from app.agent.formats.sink import OpenCall, Sink
from app.agent.formats.source import Reads, Source
from app.agent.loose_json import LooseJsonError

NAMES = ("name", "function", "tool", "tool_name", "function_name")
ARGUMENTS = ("arguments", "parameters", "args", "input")
#: What the first key of a call may be; a first key such as "path" tells at once that other JSON begins.
_FIRST_KEYS = frozenset({*NAMES, *ARGUMENTS, "type", "id"})

_STRUCTURE = re.compile(rb"[\[\]{}\"'<`]")
_IN_TEXT = {
    b'"': re.compile(rb'(?:[^"\\]++|\\[\s\S])*+'),
    b"'": re.compile(rb"(?:[^'\\]++|\\[\s\S])*+"),
}
_SCALAR = re.compile(rb"[^,\]}\s<`]*+")
_CLOSES = {b"{": b"}", b"[": b"]"}

Progress = Callable[[int], None]


@dataclass(frozen=True)
class JsonCall:
    """A call object that was read.

    Attributes:
        call: Not ended yet where the object is whole; None: the object is no call.
        end: The position after it.
        is_over: It was broken, and the call is ended.
    """

    call: OpenCall | None
    end: int
    is_over: bool = False


def _silent(_: int) -> None:
    """Pass nothing on."""


class JsonReader:
    """Reads JSON in a source.

    Attributes:
        barrier: The tag that ends what the JSON stands in; empty for none.
        barrier_at: Where it first stood, although the JSON was not complete; -1: nowhere.
    """

    def __init__(self, reading: Reading, barrier: bytes = b"") -> None:
        self.source = reading.source
        self.sink = reading.sink
        self.barrier = barrier
        #: Finds the barrier; nothing where there is none.
        self.barrier_pattern = re.compile(re.escape(barrier) if barrier else rb"(?!)")
        self.barrier_at = -1
        self._reading = reading

    def call(self, start: int, at: int, *, is_strict: bool = False) -> Reads[JsonCall]:
        """Read one call object at a ``{``; its raw text begins at ``start``.

        ``is_strict``: it stands bare, where other JSON may stand too, so the first key must be a call's.
        """
        self.barrier_at = -1
        walk = _Walk(self, start, at, is_strict=is_strict)
        end = yield from walk.run()
        if end < 0 and walk.is_other:
            return JsonCall(None, at, is_over=True)
        if end < 0:
            call, end = yield from self._broken(walk.call, start, at)
            return JsonCall(call, end, is_over=True)
        return JsonCall(self._closed(walk.call, start, at, end), end)

    def arguments(self, call: OpenCall, at: int) -> Reads[tuple[dict[str, Any] | None, int]]:
        """Read the arguments of a call whose name is known, at a ``{``; None: broken, and the call is ended."""
        self.barrier_at = -1
        call.shown = at
        end = yield from self.value(at, lambda limit: self.sink.show(call, "", limit))
        if end < 0:
            _, end = yield from self._broken(call, call.start, at)
            return None, end
        self.sink.show(call, "", end)
        return read_object(self.source, self.sink, call, at, end), end

    def value(self, at: int, progress: Progress = _silent) -> Reads[int]:
        """Return the position after a JSON value, -1 where it is broken or the text ends."""
        first = self.source.byte(at)
        if first in _IN_TEXT:
            return (yield from self._text(at, progress))
        if first in _CLOSES:
            return (yield from self._nested(at, progress))
        return (yield from self._scalar(at, progress))

    def meet_tag(self, at: int) -> Reads[None]:
        """Take note if what stands at a position, outside a text, is the closing tag."""
        if self.barrier and self.barrier_at < 0 and (yield from self.source.has(at, self.barrier)):
            self.barrier_at = at

    # --- values -------------------------------------------------------------------------------------------

    def _nested(self, at: int, progress: Progress) -> Reads[int]:
        data = self.source.data
        stack = [_CLOSES[self.source.byte(at)]]
        scan = at + 1
        while True:
            match = _STRUCTURE.search(data, scan)
            if match is None:
                scan = len(data)
                self._give_up(scan, progress)
                if self.source.is_ended:
                    return -1
                yield
                continue
            scan, found = match.end(), match.group()
            if found in _IN_TEXT:
                scan = yield from self._text(match.start(), progress)
                if scan < 0:
                    return -1
                if not (yield from self.may_follow_text(scan)):
                    return self._give_up(scan, progress)
            elif found in _CLOSES:
                stack.append(_CLOSES[found])
            elif found == stack[-1]:
                stack.pop()
                if not stack:
                    return scan
            else:
                yield from self.meet_tag(match.start())
                return self._give_up(match.start(), progress)

    def _text(self, at: int, progress: Progress) -> Reads[int]:
        data, quote = self.source.data, self.source.byte(at)
        scan = seen = at + 1
        while True:
            match = _IN_TEXT[quote].match(data, scan)
            scan = match.end() if match else scan
            if self.barrier:
                seen = self._look_for_barrier(seen, scan)
                if self._reading.tags_win and self.barrier_at >= 0:
                    return self._give_up(scan, progress)
            if self.source.byte(scan) == quote:
                return scan + 1
            self._give_up(_whole(data, max(at, scan - len(self.barrier))), progress)  # the tag may have begun
            if self.source.is_ended:
                return -1
            yield

    def _scalar(self, at: int, progress: Progress) -> Reads[int]:
        data, scan = self.source.data, at
        while True:
            match = _SCALAR.match(data, scan)
            scan = match.end() if match else scan
            progress(scan)
            if scan < len(data):
                return scan if scan > at else -1
            if self.source.is_ended:
                return -1
            yield

    def may_follow_text(self, at: int) -> Reads[bool]:
        """Return whether a text can have ended here; if not, it held a quote that was not escaped."""
        at = yield from self.source.space(at)
        return self.source.byte(at) in {b"", b",", b":", b"}", b"]"}

    def _look_for_barrier(self, seen: int, scan: int) -> int:
        if self.barrier_at < 0:
            place = self.source.data.find(self.barrier, max(0, seen), scan)
            self.barrier_at = place if place >= 0 else -1
        return max(seen, scan - len(self.barrier) + 1)

    def _give_up(self, limit: int, progress: Progress) -> int:
        """Pass on what is certain to belong to the value, wherever the pieces of text ended; return -1."""
        progress(limit if self.barrier_at < 0 else min(limit, self.barrier_at))
        return -1

    # --- ends ---------------------------------------------------------------------------------------------

    def _broken(self, call: OpenCall | None, start: int, at: int) -> Reads[tuple[OpenCall, int]]:
        """End a call that is no JSON at the closing tag, or with the text."""
        source, sink = self.source, self.sink
        self._reading.tags_win |= source.is_ended
        end = yield from self._after_barrier(at)
        is_cut = end < 0
        end = len(source.data) if is_cut else end
        body_end = end if is_cut else end - len(self.barrier)
        call = call or sink.begin("", start)
        text = source.text(at, body_end)
        try:
            loose_json.loads(text)
            reason, place = "it ends in the middle", len(text)
        except LooseJsonError as error:
            reason, place = str(error), min(error.position, len(text))
        offset = at + len(text[:place].encode("utf-8", "surrogatepass"))
        if is_cut:
            sink.note(call, "truncated", "The call ends in the middle: its JSON is not complete.", offset, end)
        else:
            sink.note(call, "bad_json", f"The call is not valid JSON: {reason}.", offset, body_end)
        sink.end(call, {}, end)
        return call, end

    def _after_barrier(self, at: int) -> Reads[int]:
        """Return the position after the first closing tag, -1 where there is none."""
        if self.barrier_at >= 0:
            return self.barrier_at + len(self.barrier)
        match = yield from self.source.find(self.barrier_pattern, at, max(1, len(self.barrier)))
        return match.end() if match else -1

    def _closed(self, call: OpenCall | None, start: int, at: int, end: int) -> OpenCall | None:
        source, sink = self.source, self.sink
        try:
            read = loose_json.loads(source.text(at, end))
        except LooseJsonError as error:
            call = call or sink.begin("", start)
            place = at + len(source.text(at, end)[: error.position].encode("utf-8", "surrogatepass"))
            sink.note(call, "bad_json", f"The call is not valid JSON: {error}.", min(place, end), end)
            return call
        shape = shape_of(read.value)
        if shape is None:
            if call is not None:
                sink.note(call, "bad_json", "The call has no usable name.", at, end)
            return call
        call = call or sink.begin(shape.name, start)
        call.arguments = shape.arguments
        call.has_arguments = shape.has_arguments
        if shape.name != call.name:
            sink.note(call, "bad_json", f"The call has two names: {call.name!r} and {shape.name!r}.", at, end)
        for key in read.duplicates:
            sink.note(call, "duplicate", f"{key!r} is given twice; the last one counts.", at, end, is_fatal=False)
        if shape.problem:
            sink.note(call, "bad_json", shape.problem, at, end)
        return call


@dataclass(frozen=True)
class Shape:
    """What a JSON object says as a call.

    Attributes:
        has_arguments: They were given, even if empty.
        problem: Why they cannot be used; empty where they can.
    """

    name: str
    arguments: dict[str, Any]
    has_arguments: bool
    problem: str = ""


def shape_of(value: Any) -> Shape | None:
    """Return what a JSON value says as a call; None where it is none."""
    if not isinstance(value, dict):
        return None
    inner = shape_of(value.get("function"))
    if inner is not None:
        return inner
    name = next((value[key] for key in NAMES if isinstance(value.get(key), str)), "")
    if not name:
        return None
    key = next((key for key in ARGUMENTS if key in value), "")
    given = value.get(key) if key else {}
    if isinstance(given, str):
        given = _decoded(given)
    if given is None:
        given = {}
    if not isinstance(given, dict):
        return Shape(name, {}, has_arguments=True, problem=f"{key!r} must be an object with one entry per parameter.")
    return Shape(name, given, has_arguments=bool(key))


def read_object(source: Source, sink: Sink, call: OpenCall, at: int, end: int) -> dict[str, Any]:
    """Return the arguments at a place in the source; empty where they are no JSON object, which is noted."""
    text = source.text(at, end)
    try:
        read = loose_json.loads(text)
    except LooseJsonError as error:
        place = at + len(text[: error.position].encode("utf-8", "surrogatepass"))
        sink.note(call, "bad_json", f"The arguments are not valid JSON: {error}.", min(place, end), end)
        return {}
    if not isinstance(read.value, dict):
        sink.note(call, "bad_json", "The arguments must be an object with one entry per parameter.", at, end)
        return {}
    for key in read.duplicates:
        sink.note(call, "duplicate", f"{key!r} is given twice; the last one counts.", at, end, is_fatal=False)
    return read.value


def _decoded(text: str) -> Any:
    """Return arguments that were encoded as a text, as some templates have it; the text where they are none."""
    if not text.strip():
        return {}
    try:
        return loose_json.loads(text).value
    except LooseJsonError:
        return text


def _whole(data: bytearray, position: int) -> int:
    """Return the beginning of the character at a position."""
    while 0 < position < len(data) and data[position] & 0xC0 == 0x80:
        position -= 1
    return position


class _Walk:
    """Goes through the entries of one call object, to know its name and show its arguments early."""

    def __init__(self, reader: JsonReader, start: int, at: int, *, is_strict: bool) -> None:
        self._reader = reader
        self._start = start
        self._at = at
        self._is_strict = is_strict
        self.call: OpenCall | None = None
        self.is_other = False

    def run(self) -> Reads[int]:
        """Return the position after the object, -1 where it is broken."""
        source, at = self._reader.source, self._at + 1
        while True:
            at = yield from source.space(at)
            first = source.byte(at)
            if first == b"}":
                self.is_other = self._is_strict
                return -1 if self._is_strict else at + 1
            if first == b",":
                at += 1
            elif first in _IN_TEXT:
                at = yield from self._entry(at)
                if at < 0:
                    return -1
            else:
                yield from self._reader.meet_tag(at)
                self.is_other = self._is_strict
                return -1

    def _entry(self, at: int) -> Reads[int]:
        reader, source = self._reader, self._reader.source
        after = yield from reader.value(at)
        if after < 0:
            return -1
        key = source.text(at + 1, after - 1)
        if self._is_strict and key not in _FIRST_KEYS:
            self.is_other = True
            return -1
        self._is_strict = False
        colon = yield from source.space(after)
        if source.byte(colon) != b":":
            return -1
        at = yield from source.space(colon + 1)
        call = self.call
        if call is not None and key in ARGUMENTS:
            call.shown = at
            end = yield from reader.value(at, lambda limit: reader.sink.show(call, "", limit))
            if end >= 0:
                reader.sink.show(call, "", end)
        else:
            end = yield from reader.value(at)
        if end >= 0 and source.byte(at) in _IN_TEXT:
            if not (yield from reader.may_follow_text(end)):
                return -1
            name = source.text(at + 1, end - 1) if call is None and key in NAMES else ""
            if name and (key == "name" or name in reader.sink.tools):
                self.call = reader.sink.begin(name, self._start)
        return end
