"""Suggests what a malformed call may have meant, to fill an editor with: never run by itself. Pure."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.agent import arguments as schema_check
from app.agent import loose_json
from app.agent.loose_json import LooseJsonError
from app.agent.tool_table import ToolEntry, ToolTable
from app.conversations.parts import CallProblem
from app.tools.tool import ToolSpec

_NAMES = (
    re.compile(r"<function(?:\s*=\s*|\s+name\s*=\s*)[\"']?([\w.\-:]+)"),
    re.compile(r"[\"'](?:name|tool|function)[\"']\s*:\s*[\"']([\w.\-:]+)"),
    re.compile(r"\[TOOL_CALLS\]\s*([\w.\-:]+)"),
    re.compile(r"([A-Za-z_][\w.\-]*)\s*\("),
)
_PARAMETER = re.compile(
    r"<parameter(?:\s*=\s*|\s+name\s*=\s*)[\"']?([^\s\"'<>]+)[\"']?\s*>\r?\n?"
    r"(.*?)(?:\r?\n?</parameter[^>]*>|\r?\n?(?=<parameter[ =])|\r?\n?</function>|\r?\n?</tool_call>|\Z)",
    re.DOTALL,
)
_ENTRY = re.compile(r"[\"'](\w+)[\"']\s*:\s*(\"(?:[^\"\\]|\\.)*\"|-?\d+(?:\.\d+)?|true|false|null|True|False|None)")
_ARGUMENTS = re.compile(r"[\"'](?:arguments|parameters)[\"']\s*:\s*|\[ARGS\]\s*|<function=[^>]*>\s*(?=\{)")
_CLOSES = {"{": "}", "[": "]"}


def suggest(
    raw: str, problems: Sequence[CallProblem], tools: Iterable[ToolSpec | Mapping[str, Any]], *, name: str = ""
) -> tuple[str, dict[str, Any]]:
    """Return the tool and arguments that a malformed call most likely meant; the name is empty where none fits.

    ``name`` is what the parser made of it, if anything.
    """
    table = ToolTable(tools)
    entry = _tool(raw, name, table)
    found = _parameters(raw) or _json_arguments(raw) or _entries(raw)
    if entry is None:
        return "", found
    values = _named_right(found, entry)
    typed: dict[str, Any] = {}
    for key, value in values.items():
        is_text = isinstance(value, str) and key in entry.properties
        typed[key] = schema_check.from_text(value, entry.properties[key], entry.schema).value if is_text else value
    unexpected = {problem.code for problem in problems} & {"unexpected"}
    if unexpected and entry.schema.get("additionalProperties") is False:
        typed = {key: value for key, value in typed.items() if key in entry.properties}
    return entry.name, typed


def _tool(raw: str, name: str, table: ToolTable) -> ToolEntry | None:
    """Return the tool that is named, or the one whose name is closest to what is."""
    named = [name, *(match.group(1) for pattern in _NAMES for match in pattern.finditer(raw[:2000]))]
    for candidate in named:
        if candidate in table:
            return table.get(candidate)
    for candidate in filter(None, named):
        close = difflib.get_close_matches(candidate.lower(), [known.lower() for known in table.names], n=1)
        if close:
            return next(entry for entry in table.entries if entry.name.lower() == close[0])
    return None


def _parameters(raw: str) -> dict[str, Any]:
    """Return the parameters of Qwen3-Coder's form, whatever tags are missing."""
    found: dict[str, Any] = {}
    for match in _PARAMETER.finditer(raw):
        if match.group(2).strip() or match.group(1) not in found:
            found[match.group(1)] = match.group(2)
    return found


def _json_arguments(raw: str) -> dict[str, Any]:
    """Return the arguments of a JSON call, with its open texts and brackets closed."""
    match = _ARGUMENTS.search(raw)
    start = match.end() if match else raw.find("{")
    if start < 0 or raw[start : start + 1] != "{":
        return {}
    try:
        value = loose_json.loads(_balanced(raw[start:])).value
    except LooseJsonError:
        return {}
    if not isinstance(value, dict):
        return {}
    return value if match else {key: inner for key, inner in value.items() if key not in {"name", "type", "id"}}


def _balanced(text: str) -> str:
    """Return the object a text begins with, closing what is still open at its end."""
    stack: list[str] = []
    in_text = escaped = False
    for place, character in enumerate(text):
        if in_text:
            in_text = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_text = True
        elif character in _CLOSES:
            stack.append(_CLOSES[character])
        elif stack and character == stack[-1]:
            stack.pop()
            if not stack:
                return text[: place + 1]
        elif character == "<" or text.startswith("```", place):
            text = text[:place].rstrip().rstrip(",")
            break
    cut = text[:-1] if escaped else text
    return cut + ('"' if in_text else "") + "".join(reversed(stack))


def _entries(raw: str) -> dict[str, Any]:
    """Return the plain entries that can be read from JSON too broken to be closed."""
    found: dict[str, Any] = {}
    for match in _ENTRY.finditer(raw):
        if match.group(1) not in {"name", "type", "id"}:
            try:
                found[match.group(1)] = loose_json.loads(match.group(2)).value
            except LooseJsonError:
                found[match.group(1)] = json.dumps(match.group(2))
    return found


def _named_right(found: Mapping[str, Any], entry: ToolEntry) -> dict[str, Any]:
    """Return arguments under the names the tool knows, where one is close and not given itself."""
    right: dict[str, Any] = {}
    spellings = {_plain(name): name for name in entry.properties}
    for key, value in found.items():
        name = key if key in entry.properties else spellings.get(_plain(key), key)
        if name not in entry.properties:
            free = [known for known in entry.properties if known not in found and known not in right]
            name = (difflib.get_close_matches(key, free, n=1, cutoff=0.7) or [key])[0]
        right.setdefault(name, value)
    return right


def _plain(name: str) -> str:
    """Return a name without what spellings differ in: ``filePath`` and ``file_path``."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
