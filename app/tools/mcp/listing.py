"""From a tool as a server lists it to one that can be shown to people and offered to models. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.tools.mcp.messages import ToolInfo
from app.tools.mcp.text import cut, for_model, one_line, reveal, suspicions

MAX_TOOLS = 128
MAX_DESCRIPTION_CHARACTERS = 4_000
MAX_SCHEMA_BYTES = 32 * 1024
MAX_SCHEMA_DEPTH = 24
MAX_NAME_CHARACTERS = 128
#: Keywords whose text only explains; every other string of a schema has to reach the server unchanged.
_EXPLAINING = frozenset({"title", "description", "$comment"})
#: Keywords that hold schemas by the names of arguments.
_NAMED_SCHEMAS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})


def digest(value: object) -> str:
    """Return the SHA-256 of a JSON value, the same for the same value."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()


def tool_infos(tools: Sequence[Mapping[str, Any]]) -> tuple[ToolInfo, ...]:
    """Return what a server lists (JSON objects of the protocol); at most ``MAX_TOOLS``, the rest marked as unusable."""
    infos = [_tool_info(tool) for tool in tools]
    seen: set[str] = set()
    for position, info in enumerate(infos):
        problem = ""
        if info.name in seen:
            problem = "The server lists another tool of this name."
        elif position >= MAX_TOOLS:
            problem = f"Only the first {MAX_TOOLS} tools of a server are offered."
        seen.add(info.name)
        if problem:
            infos[position] = msgspec.structs.replace(info, description="", parameters={}, problem=problem)
    return tuple(infos)


def _tool_info(tool: Mapping[str, Any]) -> ToolInfo:
    name = str(tool.get("name", ""))
    description = str(tool.get("description") or "")
    schema = tool.get("inputSchema")
    annotations = tool.get("annotations") or {}
    problem = _name_problem(name) or _schema_problem(schema)
    notes = [f"In its description: {found}." for found in suspicions(description)]
    cleaned = for_model(description)
    if len(cleaned) > MAX_DESCRIPTION_CHARACTERS:
        notes.append(f"Its description has {len(cleaned):,} characters; the middle is left out.")
    parameters: dict[str, Any] = {}
    if not problem and isinstance(schema, dict):
        parameters = _cleaned(schema)
        notes += [f"In what it says of its arguments: {found}." for found in suspicions(_explanations(schema))]
    return ToolInfo(
        name=one_line(name, MAX_NAME_CHARACTERS),
        description=cut(cleaned, MAX_DESCRIPTION_CHARACTERS),
        parameters=parameters,
        digest=digest(tool),
        title=one_line(str(tool.get("title") or annotations.get("title") or ""), MAX_NAME_CHARACTERS),
        is_read_only=annotations.get("readOnlyHint") is True,
        notes=tuple(notes),
        problem=problem,
    )


def _name_problem(name: str) -> str:
    if not name.strip():
        return "It has no name."
    if len(name) > MAX_NAME_CHARACTERS:
        return f"Its name has {len(name):,} characters."
    return "There are hidden characters in its name." if one_line(name, MAX_NAME_CHARACTERS) != name else ""


def _schema_problem(schema: object) -> str:
    """Return why a tool's arguments cannot be offered to a model, in words, or ""."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return "Its arguments are not described as an object."
    try:
        size = len(msgspec.json.encode(schema))
    except (RecursionError, ValueError):
        return "The description of its arguments cannot be read."
    if size > MAX_SCHEMA_BYTES:
        return f"The description of its arguments has {size:,} bytes; at most {MAX_SCHEMA_BYTES:,} are taken."
    if _depth(schema) > MAX_SCHEMA_DEPTH:
        return f"The description of its arguments is nested more than {MAX_SCHEMA_DEPTH} deep."
    if problem := _string_problem(schema):
        return problem
    import jsonschema  # noqa: PLC0415 - a tenth of a second, for those who have MCP servers only

    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        return f"The description of its arguments is not a JSON Schema: {one_line(error.message, 200)}."
    return ""


def _depth(value: object) -> int:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((_depth(child) for child in children), default=0)


def _string_problem(value: object, key: str = "") -> str:
    """Return what is wrong with the strings that a model has to write back, or ""."""
    if isinstance(value, str):
        if key == "$ref" and not value.startswith("#"):
            return "The description of its arguments refers to another document."
        if key not in _EXPLAINING and reveal(value) != value:
            return "There are hidden characters in the names or values of its arguments."
        return ""
    if isinstance(value, dict):
        for name, child in value.items():
            if problem := _string_problem(name) or _string_problem(child, name):
                return problem
    if isinstance(value, list):
        return next((problem for child in value if (problem := _string_problem(child))), "")
    return ""


def _cleaned(schema: dict[str, Any], *, are_names: bool = False) -> dict[str, Any]:
    """Return a schema whose explanations are fit for a model; with ``are_names`` the keys name arguments."""
    cleaned: dict[str, Any] = {}
    for key, value in schema.items():
        if isinstance(value, dict):
            cleaned[key] = _cleaned(value, are_names=not are_names and key in _NAMED_SCHEMAS)
        elif isinstance(value, list):
            cleaned[key] = [_cleaned(item) if isinstance(item, dict) else item for item in value]
        elif isinstance(value, str) and key in _EXPLAINING and not are_names:
            cleaned[key] = cut(for_model(value), MAX_DESCRIPTION_CHARACTERS)
        else:
            cleaned[key] = value
    return cleaned


def _explanations(value: object, key: str = "") -> str:
    if isinstance(value, str):
        return value if key in _EXPLAINING else ""
    if isinstance(value, dict):
        return "\n".join(filter(None, (_explanations(child, name) for name, child in value.items())))
    if isinstance(value, list):
        return "\n".join(filter(None, (_explanations(child) for child in value)))
    return ""
