"""Qwen3-Coder's form: ``<function=NAME>`` with one ``<parameter=KEY>`` for each argument, values as raw text.

The text of a value may hold anything, these tags included. So a closing tag counts only where it stands as the
model's template writes it, on a line of its own, and what may legally follow does follow; tags of examples
inside a value are counted off in pairs. Where that leaves a value open to the end of the reply, it is read once
more, the first closing tag counting, and is believed only if nothing speaks against it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.agent.formats.json_body import JsonReader
from app.agent.formats.qwen3_tags import (
    CALL,
    END_CALL,
    END_FUNCTION,
    END_PARAMETER,
    FUNCTION,
    NAME,
    OPENING,
    PARAMETER,
    TAG,
    Value,
    ValueForm,
    strict_parameters,
)
from app.agent.formats.reading import Reading
from app.agent.formats.sink import OpenCall
from app.agent.formats.source import Reads, Tokens

_HEADER = re.compile(NAME)
_HEADER_END = re.compile(rb"[<>\n]")
_LINE_END = re.compile(rb"\n|</parameter")
_CLOSER = re.compile(rb"</parameter[\w=]*>?")
_CLOSER_END = re.compile(rb"[^\w=]")
_END_OF_CALL = re.compile(rb"</tool_call>")
_MAX_REREADS = 8
_IN_VALUE = Tokens(b"</parameter", b"\n<parameter", b"\n</function>")


@dataclass
class _Body:
    """The parameters of a call as far as they were read."""

    call: OpenCall
    values: dict[str, str]


class FunctionReader:
    """Reads one ``<function=…>`` element, parameters or JSON inside."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._source = reading.source
        self._sink = reading.sink

    def read(self, start: int, at: int, *, is_wrapped: bool, is_usual: bool = False) -> Reads[int]:
        """Read a call whose raw text begins at ``start`` and whose ``<function`` stands at ``at``.

        Args:
            is_wrapped: It stands in a ``<tool_call>`` tag.
            is_usual: The form has no such tag.

        Returns:
            The position after it.
        """
        header = yield from self._header(at, FUNCTION)
        if header is None:
            return (yield from self._nameless(start, at))
        name, at = header
        call = self._sink.begin(name, start)
        if not (is_wrapped or is_usual):
            self._sink.note(call, "missing_opener", "The opening <tool_call> is missing.", is_fatal=False)
        at = yield from self._source.space(at)
        if self._source.byte(at) == b"{":
            return (yield from self._json(call, at, is_wrapped=is_wrapped))
        return (yield from self._parameters(_Body(call, {}), at, is_wrapped=is_wrapped))

    def name_at(self, at: int) -> Reads[str]:
        """Return the name in a ``<function`` tag; empty where it is none."""
        header = yield from self._header(at, FUNCTION)
        return header[0] if header else ""

    # --- the parts of a call ------------------------------------------------------------------------------

    def _header(self, at: int, tag: bytes) -> Reads[tuple[str, int] | None]:
        """Return the name in an opening tag and the position after it; None where it is not well formed."""
        if not (yield from self._source.has(at, tag)):
            return None
        end = yield from self._source.find(_HEADER_END, at + len(tag), 1)
        match = _HEADER.match(self._source.data, at + len(tag)) if end else None
        return (match.group(1).decode("utf-8", "surrogatepass"), match.end()) if match else None

    def _nameless(self, start: int, at: int) -> Reads[int]:
        """End a call whose first tag cannot be read, at the next closing tag."""
        source, sink = self._source, self._sink
        match = yield from source.find(_END_OF_CALL, at, len(END_CALL))
        end = match.end() if match else len(source.data)
        call = sink.begin("", start)
        code = "bad_json" if match else "truncated"
        sink.note(call, code, "The tag <function=NAME> is not well formed.", at, at + len(FUNCTION))
        sink.end(call, {}, end)
        return end

    def _json(self, call: OpenCall, at: int, *, is_wrapped: bool) -> Reads[int]:
        reader = JsonReader(self._reading, END_FUNCTION)
        arguments, end = yield from reader.arguments(call, at)
        if arguments is None:
            return end
        after = yield from self._source.space(end)
        if (yield from self._source.has(after, END_FUNCTION)):
            return (yield from self._finish(call, arguments, after + len(END_FUNCTION), is_wrapped=is_wrapped))
        end = self._reading.note_unclosed(call, END_FUNCTION, after, end)
        self._sink.end(call, arguments, end)
        return end

    def _parameters(self, body: _Body, at: int, *, is_wrapped: bool) -> Reads[int]:
        source, sink, call = self._source, self._sink, body.call
        while True:
            at = yield from source.space(at)
            if (yield from source.has(at, END_FUNCTION)):
                end = at + len(END_FUNCTION)
                return (yield from self._finish(call, body.values, end, is_wrapped=is_wrapped, is_text=True))
            is_end = yield from source.has(at, END_CALL)
            if is_end or (yield from source.has(at, CALL)) or (yield from source.has(at, FUNCTION)):
                sink.note(call, "not_closed", "The closing </function> is missing.", is_fatal=False)
                end = at + len(END_CALL) if is_end else at
                sink.end(call, body.values, end, is_text=True)
                return end
            header = yield from self._header(at, PARAMETER)
            if header is not None:
                value = yield from self._value(call, header[0], header[1])
                if value is None:
                    return self._reread(body, at)
                self._keep(body, header[0], value)
                at = value.after
            elif (yield from source.has(at, END_PARAMETER)):
                sink.note(call, "stray_markup", "A </parameter> closes nothing.", at, at + 12, is_fatal=False)
                at += len(END_PARAMETER)
            else:
                match = yield from source.find(TAG, at + 1, len(END_CALL))
                if match is None:
                    return self._cut(body)
                message = "Between the parameters stands what is none of them."
                sink.note(call, "stray_markup", message, at, match.start())
                at = match.start()

    def _keep(self, body: _Body, key: str, value: Value) -> None:
        text = self._source.text(value.start, value.end)
        if key in body.values:
            message = f"{key} is given twice; the last one that is not empty counts."
            self._sink.note(body.call, "duplicate", message, value.start, value.end, is_fatal=False)
            if not text.strip():
                return
        body.values[key] = text
        body.call.spans[key] = (value.start, value.end)

    def _finish(
        self, call: OpenCall, values: Mapping[str, Any], at: int, *, is_wrapped: bool, is_text: bool = False
    ) -> Reads[int]:
        """End a call after its ``</function>``, with the ``</tool_call>`` that may follow."""
        after = yield from self._source.space(at)
        if (yield from self._source.has(after, END_CALL)):
            at = after + len(END_CALL)
        elif is_wrapped and not (yield from self._source.has(after, FUNCTION)):
            at = self._reading.note_unclosed(call, END_CALL, after, at)
        self._sink.end(call, values, at, is_text=is_text)
        return at

    # --- values -------------------------------------------------------------------------------------------

    def _value(self, call: OpenCall, key: str, at: int) -> Reads[Value | None]:
        """Read a value that begins after its opening tag; None where the reply ends inside it."""
        source, data = self._source, self._source.data
        form = yield from self._form(at)
        call.shown, depth, scan, is_sure = form.start, 0, at, True
        while True:
            match = _IN_VALUE.search(data, scan)
            if match is None:
                scan = _IN_VALUE.safe_end(data, scan)
                if is_sure:
                    self._sink.show(call, key, form.value_end(data, scan))
                if source.is_ended:
                    return None
                yield
                continue
            place, scan, is_doubt = match.start(), match.end(), True
            if match.group() == b"</parameter":
                is_line = place == form.start or data[place - 1 : place] == b"\n"
                after, follows = yield from self._after_closer(call, place)
                if depth and is_line:
                    depth -= 1
                elif follows == "legal" and (is_line or not form.is_block):
                    end = form.value_end(data, place)
                    self._sink.show(call, key, end)
                    return Value(form.start, end, after)
                is_doubt = follows != "no"
            elif match.group() == b"\n<parameter":
                depth += yield from self._inner(place + 1)
            if is_sure and is_doubt:
                self._sink.show(call, key, form.value_end(data, place))
                is_sure = False

    def _form(self, at: int) -> Reads[ValueForm]:
        """Return how a value is set off from its opening tag."""
        if (yield from self._source.has(at, b"\r\n")):
            return ValueForm(at + 2, b"\r\n")
        if (yield from self._source.has(at, b"\n")):
            return ValueForm(at + 1, b"\n")
        return ValueForm(at, b"")

    def _after_closer(self, call: OpenCall, at: int) -> Reads[tuple[int, str]]:
        """Return the position after a closing tag, and whether what follows is "legal", "maybe" so, or not: "no"."""
        source = self._source
        yield from source.find(_CLOSER_END, at + len(b"</parameter"), 1)
        closer = _CLOSER.match(source.data, at)
        after = closer.end() if closer else at
        at = yield from source.space(after)
        if (yield from source.has(at, END_PARAMETER)):  # one too many, if what follows that is legal
            at = yield from source.space(at + len(END_PARAMETER))
        if (yield from source.has(at, END_FUNCTION)):
            at = yield from source.space(at + len(END_FUNCTION))
            return after, "legal" if (yield from self._may_follow_function(at)) else "maybe"
        if (yield from source.has(at, END_CALL)):
            return after, "legal"
        header = yield from self._header(at, PARAMETER)
        if header is None:
            return after, "no"
        known = call.entry.properties if call.entry else {}
        return after, "legal" if not known or header[0] in known else "maybe"

    def _may_follow_function(self, at: int) -> Reads[bool]:
        for tag in (END_CALL, CALL, FUNCTION):
            if (yield from self._source.has(at, tag)):
                return True
        return at >= len(self._source.data) or END_CALL.startswith(self._source.data[at : at + len(END_CALL)])

    def _inner(self, at: int) -> Reads[int]:
        """Return 1 where a line inside a value opens an element that a later line closes, else 0."""
        header = yield from self._header(at, PARAMETER)
        if header is None:
            return 0
        closing = yield from self._source.find(_LINE_END, header[1], len(b"</parameter"))
        return 1 if closing is None or closing.group() == b"\n" else 0

    def _reread(self, body: _Body, at: int) -> int:
        """Read on from a value that never ended, the first closing tags counting; only if that leaves no doubt."""
        source, reading = self._source, self._reading
        reading.rereads += 1
        if source.is_cut or reading.rereads > _MAX_REREADS:
            return self._cut(body, at)
        found = strict_parameters(source.data, at, body.call.entry.properties if body.call.entry else {})
        if found is None:
            return self._cut(body, at)
        parameters, end = found
        for key, value in parameters:
            body.call.shown = max(value.start, body.call.shown)
            self._sink.show(body.call, key, value.end)
            self._keep(body, key, value)
        self._sink.note(body.call, "not_closed", "A closing </parameter> is missing or misplaced.", is_fatal=False)
        self._sink.end(body.call, body.values, end, is_text=True)
        return end

    def _cut(self, body: _Body, open_at: int = -1) -> int:
        """End a call that the end of the reply cuts off, keeping what there is of its last value."""
        source, end = self._source, len(self._source.data)
        header = OPENING.match(source.data, open_at) if open_at >= 0 else None
        if header is not None:
            key = header.group(1).decode("utf-8", "surrogatepass")
            text = source.text(header.end(), end).removeprefix("\r").removeprefix("\n")
            text = text.rstrip().removesuffix("</parameter>").rstrip("\r\n") if text.rstrip().endswith(">") else text
            body.values.setdefault(key, text)
        self._sink.note(body.call, "truncated", "The call ends in the middle: </function> never comes.", end, end)
        self._sink.end(body.call, body.values, end, is_text=True)
        return end


def render(name: str, arguments: Mapping[str, Any]) -> str:
    """Return a call as Qwen3-Coder writes it."""
    parts = [f"<tool_call>\n<function={name}>\n"]
    for key, value in arguments.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        parts.append(f"<parameter={key}>\n{text}\n</parameter>\n")
    return "".join(parts) + "</function>\n</tool_call>"
