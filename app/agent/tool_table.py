"""The tools a reply may call, by name, each with its parameters' schema ready to check against. Pure."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from app.tools.tool import ToolSpec

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

#: Type names that tool authors write although JSON Schema has none of them.
_ALIASES = {
    "str": "string",
    "text": "string",
    "int": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "bool": "boolean",
    "dict": "object",
    "map": "object",
    "list": "array",
    "tuple": "array",
    "none": "null",
    "any": "",
}
_TYPES = frozenset({"string", "integer", "number", "boolean", "object", "array", "null"})
#: Keywords whose values are schemas by name, lists of schemas, and schemas.
_NAMED = frozenset({"properties", "$defs", "definitions", "patternProperties", "dependentSchemas"})
_LISTED = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_SINGLE = frozenset({"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"})


class ToolEntry:
    """One tool as the parser knows it; its schema is looked at when first asked for, which takes a millisecond."""

    def __init__(self, name: str, parameters: Any) -> None:
        self.name = name
        self._parameters = parameters

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The schema of its arguments, with type names as JSON Schema spells them."""
        return _plain(self._parameters) if isinstance(self._parameters, Mapping) else {}

    @cached_property
    def validator(self) -> Draft202012Validator | None:
        """What checks its arguments; None where the schema is not valid itself, so that nothing can be checked."""
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - a tenth of a second, for the first call only
        from jsonschema.exceptions import SchemaError  # noqa: PLC0415

        try:
            Draft202012Validator.check_schema(self.schema)
        except (SchemaError, RecursionError):
            return None
        return Draft202012Validator(self.schema)

    def errors(self, arguments: Mapping[str, Any]) -> list[ValidationError]:
        """Return what stands against arguments; a schema that cannot be followed finds no more from there on."""
        from referencing.exceptions import Unresolvable  # noqa: PLC0415 - as above

        found: list[ValidationError] = []
        if self.validator is not None:
            with contextlib.suppress(Unresolvable, RecursionError, re.error):
                found.extend(self.validator.iter_errors(dict(arguments)))
        return found

    @property
    def properties(self) -> Mapping[str, Any]:
        """The parameters' schemas by name."""
        found = self.schema.get("properties")
        return found if isinstance(found, Mapping) else {}

    @property
    def required(self) -> tuple[str, ...]:
        """The parameters a call must give."""
        found = self.schema.get("required")
        return tuple(str(name) for name in found) if isinstance(found, list | tuple) else ()


class ToolTable:
    """Tools by name, from ``ToolSpec`` values or schemas in OpenAI's form, with or without their envelope."""

    def __init__(self, tools: Iterable[ToolSpec | Mapping[str, Any]]) -> None:
        self._entries: dict[str, ToolEntry] = {}
        for tool in tools:
            schema: Mapping[str, Any] = tool.schema if isinstance(tool, ToolSpec) else tool
            function = schema.get("function", schema)
            if isinstance(function, Mapping) and isinstance(function.get("name"), str):
                parameters = function.get("parameters") or function.get("input_schema") or {}
                self._entries[function["name"]] = ToolEntry(function["name"], parameters)

    def get(self, name: str) -> ToolEntry | None:
        """Return the tool of that name; None where there is none."""
        return self._entries.get(name)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in the order the tools were given."""
        return tuple(self._entries)

    @property
    def entries(self) -> tuple[ToolEntry, ...]:
        """The tools, in the order they were given."""
        return tuple(self._entries.values())


def _plain(schema: Any) -> Any:
    """Return a schema with its type names put right; what is no schema keyword stays as it is."""
    if not isinstance(schema, Mapping):
        return schema
    plain: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "type":
            types = [_ALIASES.get(str(name).lower(), name) for name in (value if isinstance(value, list) else [value])]
            known = [name for name in types if name in _TYPES]
            if len(known) == len(types) and known:
                plain["type"] = known if isinstance(value, list) else known[0]
        elif key in _NAMED and isinstance(value, Mapping):
            plain[key] = {name: _plain(inner) for name, inner in value.items()}
        elif key in _LISTED and isinstance(value, list):
            plain[key] = [_plain(inner) for inner in value]
        elif key in _SINGLE:
            plain[key] = _plain(value)
        elif key == "required" and not isinstance(value, list):
            continue  # "required": true belongs to an older draft and would void the whole schema
        elif value is not None or key in {"default", "const"}:
            plain[key] = value
    return plain
