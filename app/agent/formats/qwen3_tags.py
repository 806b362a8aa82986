"""Qwen3-Coder's tags, and the second reading of parameters whose tags are not as they should be. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PARAMETER, FUNCTION, CALL = b"<parameter", b"<function", b"<tool_call>"
END_PARAMETER, END_FUNCTION, END_CALL = b"</parameter>", b"</function>", b"</tool_call>"
NAME = rb"(?:[ \t]*=[ \t]*|[ \t]+name[ \t]*=[ \t]*)[\"']?([^\s\"'<>{}=]{1,200})[\"']?[ \t]*>"
OPENING = re.compile(rb"<parameter" + NAME)
TAG = re.compile(rb"</?(?:parameter|function|tool_call)")
_SPACE = re.compile(rb"\s*")
_EXAMPLE = re.compile(rb"\n[ \t]*<(?:tool_call>|function[ =])")
_STRICT_END = re.compile(
    rb"(?P<closed></parameter[\w=]*+>?)(?=\s*+(?:<parameter[ =]|</function>|</tool_call>))"
    rb"|\n<parameter" + NAME.replace(b"([^", b"(?P<key>[^") + rb"|\n</function>(?=\s*+</tool_call>)"
)


@dataclass(frozen=True)
class Value:
    """Where the text of a value begins and ends, and where to go on after its closing tag."""

    start: int
    end: int
    after: int


@dataclass(frozen=True)
class ValueForm:
    """How a value is set off from its tags: on lines of its own (``line_break``) or not."""

    start: int
    line_break: bytes

    @property
    def is_block(self) -> bool:
        """Whether it stands on lines of its own."""
        return bool(self.line_break)

    def value_end(self, data: bytearray, tag: int) -> int:
        """Return where a value ends whose closing tag stands, or may stand, at a position."""
        line_break = self.line_break or b"\n"
        return max(self.start, tag - len(line_break) if data.endswith(line_break, 0, tag) else tag)


def strict_parameters(data: bytearray, at: int, known: Mapping[str, Any]) -> tuple[list[tuple[str, Value]], int] | None:
    """Return the parameters from a position on, each ended by the first tag that can end it, and where the call ends.

    None where that would be a guess: a tag is not closed to the very end, an example of a call stands inside, or
    more text follows the call.
    """
    begin, found, given = at, list[tuple[str, Value]](), set[str]()
    while True:
        at = _skip(data, at)
        if data.startswith(END_FUNCTION, at):
            end = at + len(END_FUNCTION)
            at = _skip(data, end)
            if data.startswith(END_CALL, at):
                end = at + len(END_CALL)
                rest = _skip(data, end)
                is_alone = rest == len(data) or data.startswith(CALL, rest)
            else:
                is_alone = not TAG.search(data, end)
            return (found, end) if is_alone and not _EXAMPLE.search(data, begin, end) else None
        header = OPENING.match(data, at)
        if header is None:
            return None
        key = header.group(1).decode("utf-8", "surrogatepass")
        given.add(key)
        value = _strict_value(data, header.end(), [name for name in known if name not in given])
        if value is None:
            return None
        found.append((key, value))
        at = value.after


def _strict_value(data: bytearray, at: int, next_keys: list[str]) -> Value | None:
    line_break = b"\r\n" if data.startswith(b"\r\n", at) else b"\n" if data.startswith(b"\n", at) else b""
    form = ValueForm(at + len(line_break), line_break)
    for match in _STRICT_END.finditer(data, at):
        if match.group("closed") is not None:
            return Value(form.start, form.value_end(data, match.start()), match.end("closed"))
        if match.group("key") is None or match.group("key").decode("utf-8", "surrogatepass") in next_keys:
            return Value(form.start, form.value_end(data, match.start() + 1), match.start() + 1)
    return None


def _skip(data: bytearray, at: int) -> int:
    match = _SPACE.match(data, at)
    return match.end() if match else at
