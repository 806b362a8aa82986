"""Reads call objects where several may stand: in a list, or one after another, up to a closing tag."""

from __future__ import annotations

import re

from app.agent.formats.json_body import JsonReader
from app.agent.formats.reading import Reading
from app.agent.formats.sink import OpenCall
from app.agent.formats.source import Reads

_FENCE = b"```"
_LINE = re.compile(rb"\n")


class CallsReader:
    """Reads the call objects inside one wrapper.

    Args:
        closer: The tag that closes the wrapper; empty: they end with the last object.
        is_strict: They stand where other JSON may stand too: anything that is not plainly a call makes the
            whole text no call, which ``read`` tells by -1.
    """

    def __init__(self, reading: Reading, closer: bytes, *, is_strict: bool = False) -> None:
        self._reading = reading
        self._source = reading.source
        self._sink = reading.sink
        self._json = JsonReader(reading, closer)
        self._closer = closer
        self._is_strict = is_strict
        self._in_list = False
        self._in_fence = False

    def read(self, start: int, at: int) -> Reads[int]:
        """Read from a ``{``, ``[`` or fence; the first call's raw text begins at ``start``.

        Returns:
            The position after the calls and their wrapper; -1: they are no calls.
        """
        source = self._source
        if (yield from source.has(at, _FENCE)):
            line_end = yield from source.find(_LINE, at, 1)
            self._in_fence = True
            at = yield from source.space(line_end.end() if line_end else len(source.data))
        if source.byte(at) == b"[":
            self._in_list = True
            at = yield from source.space(at + 1)
        while True:
            if source.byte(at) != b"{":
                return -1 if self._is_strict else (yield from self._no_object(start, at))
            read = yield from self._json.call(start, at, is_strict=self._is_strict)
            if read.is_over:
                return self._over(read.call, read.end)
            call = read.call
            if not self._is_usable(call):
                return -1
            if call is None:
                call = self._sink.begin("", start)
                message = 'The JSON is no call: it must have "name" and "arguments".'
                self._sink.note(call, "bad_json", message, at, read.end)
            end, is_done = yield from self._after(call, read.end)
            if is_done:
                return end
            start, at = end, (yield from self._next(end))

    def _is_usable(self, call: OpenCall | None) -> bool:
        """Return whether an object counts as a call where it stands; a bare one must say so plainly."""
        if not self._is_strict:
            return True
        return call is not None and call.has_arguments and (call.entry is not None or not call.problems)

    def _over(self, call: OpenCall | None, end: int) -> int:
        """Return where broken JSON ends; bare JSON is a broken call only where it names a tool there is."""
        return -1 if self._is_strict and (call is None or call.entry is None) else end

    def _after(self, call: OpenCall, end: int) -> Reads[tuple[int, bool]]:
        """End a call after what follows its object; return where it ends, and whether no other is to come."""
        source, sink, at = self._source, self._sink, end
        while True:
            at = yield from source.space(at)
            following = source.byte(at)
            if self._closer and (yield from source.has(at, self._closer)):
                return self._ended(call, at + len(self._closer)), True
            if following == b"{" and (self._in_list or self._closer or self._is_separated(end, at)):
                return self._ended(call, end), False
            if self._in_list and following == b"]":
                self._in_list, at = False, at + 1
                if not self._closer:
                    return self._ended(call, at), True
                end = at
            elif following in {b",", b";"} and (yield from self._leads_on(at + 1)):
                at += 1
            elif self._in_fence and (yield from source.has(at, _FENCE)):
                self._in_fence, at = False, at + len(_FENCE)
                end = at
            elif self._closer and following in {b"}", b"]"}:
                sink.note(call, "stray_markup", "One closing bracket too many.", at, at + 1, is_fatal=False)
                at = end = at + 1
            else:
                break
        if self._closer or self._in_list:
            self._reading.note_unclosed(call, self._closer.decode() or "]", at)
            if self._is_strict and at < len(source.data):
                return -1, True
        return self._ended(call, end), True

    def _next(self, at: int) -> Reads[int]:
        """Return where the next object begins, behind what separates it from the last."""
        at = yield from self._source.space(at)
        while self._source.byte(at) in {b",", b";"}:
            at = yield from self._source.space(at + 1)
        return at

    def _ended(self, call: OpenCall, end: int) -> int:
        self._sink.end(call, call.arguments, end)
        return end

    def _is_separated(self, end: int, at: int) -> bool:
        """Return whether something stands between two objects: ``{…}{…}`` without is not how calls are written."""
        return at > end

    def _leads_on(self, at: int) -> Reads[bool]:
        at = yield from self._source.space(at)
        return self._source.byte(at) == b"{"

    def _no_object(self, start: int, at: int) -> Reads[int]:
        """End what should have been a call object, at the closing tag or with the text."""
        source, sink = self._source, self._sink
        match = yield from source.find(self._json.barrier_pattern, at, max(1, len(self._closer)))
        end = match.end() if match else len(source.data)
        call = sink.begin("", start)
        code = "bad_json" if match else "truncated"
        sink.note(call, code, "There is no call in it.", at, match.start() if match else end)
        sink.end(call, {}, end)
        return end
