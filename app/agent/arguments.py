"""Arguments of a call: typed by the tool's schema, then checked against it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.agent import loose_json
from app.agent.loose_json import Loose, LooseJsonError, json_type
from app.agent.tool_table import ToolEntry
from app.conversations.parts import CallProblem

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_ALL_TYPES = frozenset({"string", "integer", "number", "boolean", "object", "array", "null"})
_NUMBER = re.compile(r"-?\d+(\.\d*)?([eE][-+]?\d+)?")
_SHOWN_CHARACTERS = 120

Spans = Mapping[str, tuple[int, int]]


def types_of(schema: Any, root: Mapping[str, Any], depth: int = 0) -> frozenset[str]:
    """Return the JSON types a schema allows; all of them where it says nothing."""
    if not isinstance(schema, Mapping) or depth > 16:
        return _ALL_TYPES
    if isinstance(schema.get("$ref"), str):
        return types_of(resolve(schema["$ref"], root), root, depth + 1)
    allowed = _ALL_TYPES
    named = schema.get("type")
    if named:
        allowed = frozenset(named) if isinstance(named, list) else frozenset({named})
    elif isinstance(schema.get("enum"), list):
        allowed = frozenset(json_type(value) for value in schema["enum"])
    elif "const" in schema:
        allowed = frozenset({json_type(schema["const"])})
    for key in ("anyOf", "oneOf"):
        branches = schema.get(key)
        if isinstance(branches, list) and branches:
            allowed &= frozenset().union(*(types_of(branch, root, depth + 1) for branch in branches))
    for branch in schema.get("allOf") or ():
        allowed &= types_of(branch, root, depth + 1)
    return allowed


def resolve(reference: str, root: Mapping[str, Any]) -> Any:
    """Return what a reference within the schema points to; an empty schema where it points nowhere."""
    if not reference.startswith("#"):
        return {}
    found: Any = root
    for step in reference[1:].strip("/").split("/") if reference != "#" else ():
        key = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or key not in found:
            return {}
        found = found[key]
    return found


def from_text(text: str, schema: Any, root: Mapping[str, Any]) -> Loose:
    """Return the value that a parameter's raw text stands for, by its schema.

    A text stays exactly as written where the schema allows texts, unless the schema also allows another type
    and the text is JSON of that type. What fits no allowed type stays text, for the check to complain about.
    """
    types = types_of(schema, root)
    stripped = text.strip()
    if types == {"string"}:
        return Loose(_enum_text(text, schema))
    if types == _ALL_TYPES:
        return _container(text, stripped)
    if "null" in types and stripped in {"null", "None", *(() if "string" in types else ("",))}:
        return Loose(None)
    if "boolean" in types and stripped.lower() in {"true", "false"}:
        return Loose(stripped.lower() == "true")
    if types & {"integer", "number"} and _NUMBER.fullmatch(stripped):
        return Loose(_number(stripped, text, is_whole="number" not in types))
    if types & {"object", "array"} and stripped[:1] in {"{", "[", "("}:
        return _structured(text, stripped, types)
    if "string" not in types and stripped[:1] in {'"', "'"}:
        return _unquoted(text, stripped, schema, root)
    return Loose(_enum_text(text, schema))


def typed(arguments: Mapping[str, Any], entry: ToolEntry) -> tuple[dict[str, Any], list[CallProblem]]:
    """Return JSON arguments with what is unambiguous put right, and remarks on it.

    A text becomes another type where the schema allows no text; null for a parameter that may be left out and
    must not be null is left out.
    """
    right: dict[str, Any] = {}
    remarks: list[CallProblem] = []
    for name, value in arguments.items():
        schema = entry.properties.get(name)
        types = types_of(schema, entry.schema) if schema is not None else _ALL_TYPES
        if value is None and "null" not in types and name not in entry.required:
            remarks.append(_remark("unexpected", f"{name} was null, which is taken for not given."))
        elif isinstance(value, str) and schema is not None and "string" not in types:
            right[name] = from_text(value, schema, entry.schema).value
        else:
            right[name] = value
    return right, remarks


def check_arguments(arguments: Mapping[str, Any], entry: ToolEntry, spans: Spans | None = None) -> list[CallProblem]:
    """Return what stands against the arguments by the tool's schema, and remarks on parameters it does not know.

    ``spans`` holds the characters of the call's raw text that each argument was read from.
    """
    spans = spans or {}
    if entry.validator is None:
        return []
    problems = [problem for error in entry.errors(arguments) for problem in _problems_of(error, entry, spans)]
    for name in arguments:
        if entry.properties and name not in entry.properties and not any(p.code == "unexpected" for p in problems):
            start, end = spans.get(name, (0, 0))
            message = f"{entry.name} has no parameter {name!r}."
            problems.append(CallProblem(code="unexpected", message=message, start=start, end=end, is_fatal=False))
    return problems


def _problems_of(error: ValidationError, entry: ToolEntry, spans: Spans) -> list[CallProblem]:
    path = ".".join(str(step) for step in error.absolute_path)
    start, end = spans.get(str(error.absolute_path[0]), (0, 0)) if error.absolute_path else (0, 0)
    inside = f" in {path}" if path else ""
    wanted: Any = error.validator_value
    schema: Any = error.schema
    if error.validator == "required" and isinstance(error.instance, Mapping):
        missing = [name for name in wanted if name not in error.instance]
        named = [name for name in missing if error.message.startswith(repr(name))] or missing
        words = [f"The required parameter {name!r} is missing{inside}." for name in named]
        return [CallProblem(code="missing", message=message, start=start, end=end) for message in words]
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        known = schema.get("properties", {})
        extra = [name for name in error.instance if name not in known]
        first = spans.get(extra[0], (start, end)) if extra and not path else (start, end)
        message = f"Unknown: {', '.join(map(repr, extra))}{inside}. {entry.name} knows: {', '.join(known) or 'none'}."
        return [CallProblem(code="unexpected", message=message, start=first[0], end=first[1])]
    return [CallProblem(code="wrong_type", message=_complaint(error, path or "The arguments"), start=start, end=end)]


def _complaint(error: ValidationError, path: str) -> str:
    shown = repr(error.instance)
    shown = shown if len(shown) <= _SHOWN_CHARACTERS else shown[:_SHOWN_CHARACTERS] + "…"
    wanted: Any = error.validator_value
    if error.validator == "type":
        return f"{path} must be {' or '.join(wanted) if isinstance(wanted, list) else wanted}, not {shown}."
    if error.validator in {"enum", "const"}:
        values = wanted if error.validator == "enum" else [wanted]
        return f"{path} must be one of {', '.join(map(repr, values))}, not {shown}."
    return f"{path} does not fit the schema ({error.validator}): {shown}."


def _enum_text(text: str, schema: Any) -> Any:
    """Return the listed value a text means where spaces or quotes around it are all that differs."""
    values = schema.get("enum") if isinstance(schema, Mapping) else None
    if not isinstance(values, list) or text in values:
        return text
    bare = text.strip()
    unquoted = bare[1:-1] if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'" else bare
    return next((value for value in values if str(value) in {bare, unquoted}), text)


def _container(text: str, stripped: str) -> Loose:
    """Return a JSON object or list as such, anything else as text: all that a schema without types allows to say."""
    if stripped[:1] in {"{", "["}:
        try:
            read = loose_json.loads(stripped)
        except LooseJsonError:
            return Loose(text)
        return Loose(text) if read.is_python else read
    return Loose(text)


def _number(stripped: str, text: str, *, is_whole: bool) -> Any:
    try:
        value = loose_json.loads(stripped).value
    except LooseJsonError:
        return text
    return int(value) if is_whole and isinstance(value, float) and value.is_integer() else value


def _structured(text: str, stripped: str, types: frozenset[str]) -> Loose:
    try:
        read = loose_json.loads(stripped)
    except LooseJsonError:
        return Loose(text)
    fits = json_type(read.value) in types and not (read.is_python and "string" in types)
    return read if fits else Loose(text)


def _unquoted(text: str, stripped: str, schema: Any, root: Mapping[str, Any]) -> Loose:
    """Return what a text in quotes stands for where no text is allowed: it was encoded once too often."""
    try:
        inner = loose_json.loads(stripped).value
    except LooseJsonError:
        return Loose(text)
    if not isinstance(inner, str) or inner.strip()[:1] in {'"', "'"}:
        return Loose(text)
    read = from_text(inner, schema, root)
    return Loose(text) if isinstance(read.value, str) else read


def _remark(code: str, message: str) -> CallProblem:
    return CallProblem(code=code, message=message, is_fatal=False)
