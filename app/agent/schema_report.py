"""What a tool's JSON Schema says of a call's arguments, parameter by parameter, for people to read. Pure.

It explains; whether a call may run was decided before. So two things of JSON Schema are left out here, for this is
looked at in the window: references to other documents are never fetched, and ``pattern`` is not tried, because a
hostile one can take for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from app.agent.loose_json import json_type

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

#: "absent": optional and not given; "unknown": given, but no parameter of the tool.
FieldState = Literal["ok", "missing", "wrong", "absent", "unknown"]

MAX_ERRORS = 100
MAX_WORDS = 300
_MOST_VALUES = 8


@dataclass(frozen=True)
class FieldReport:
    """One parameter of a tool, or one argument that is none.

    Attributes:
        wanted: The type that the schema asks for, in words.
        read_as: The JSON type of the value that was given; empty where none was.
        message: What is wrong; empty where nothing is.
        description: What the schema says of it.
    """

    name: str
    wanted: str
    read_as: str
    is_required: bool
    state: FieldState
    message: str = ""
    description: str = ""


@dataclass(frozen=True)
class SchemaReport:
    """How arguments fit a schema; ``remarks`` are about no single parameter."""

    fields: tuple[FieldReport, ...]
    remarks: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether nothing is wrong."""
        return not self.remarks and all(field.state in {"ok", "absent"} for field in self.fields)


def report_on(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> SchemaReport:
    """Compare arguments with the schema of a tool's parameters."""
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    required = schema.get("required")
    required = {name for name in required if isinstance(name, str)} if isinstance(required, list) else set()
    errors, remarks = _errors(schema, arguments)
    fields = [
        _field(name, wanted, arguments, errors.get(name, ""), is_required=name in required)
        for name, wanted in properties.items()
    ]
    fields += [
        _extra(name, arguments[name], errors.get(name, ""), is_welcome=_takes_more(schema))
        for name in arguments
        if name not in properties
    ]
    fields += [
        FieldReport(name, "", "", True, "missing", "It is required.")
        for name in sorted(required - properties.keys() - arguments.keys())
    ]
    return SchemaReport(tuple(fields), tuple(remarks))


def type_words(schema: object) -> str:
    """Return the type that a schema asks for, in a few words."""
    if not isinstance(schema, dict):
        return "any"
    if isinstance(values := schema.get("enum"), list):
        shown = ", ".join(_short(value) for value in values[:_MOST_VALUES])
        return f"one of {shown}" + (", …" if len(values) > _MOST_VALUES else "")
    if "const" in schema:
        return _short(schema["const"])
    for key in ("anyOf", "oneOf"):
        if isinstance(choices := schema.get(key), list):
            return " or ".join(dict.fromkeys(type_words(choice) for choice in choices[:_MOST_VALUES]))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " or ".join(str(one) for one in kind[:_MOST_VALUES])
    if kind == "array" and isinstance(items := schema.get("items"), dict):
        return f"array of {type_words(items)}"
    return _cut(str(kind)) if kind else "any"


def _field(name: str, wanted: object, arguments: Mapping[str, Any], error: str, *, is_required: bool) -> FieldReport:
    described = wanted.get("description", "") if isinstance(wanted, dict) else ""
    words, description = type_words(wanted), _cut(str(described))
    if name not in arguments:
        state: FieldState = "missing" if is_required else "absent"
        message = "It is required." if is_required else ""
        return FieldReport(name, words, "", is_required, state, message, description)
    read_as = json_type(arguments[name])
    return FieldReport(name, words, read_as, is_required, "wrong" if error else "ok", error, description)


def _extra(name: str, value: object, error: str, *, is_welcome: bool) -> FieldReport:
    if is_welcome:
        return FieldReport(name, "", json_type(value), False, "wrong" if error else "ok", error)
    return FieldReport(name, "", json_type(value), False, "unknown", error or "The tool has no such parameter.")


def _errors(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Return what is wrong by parameter, and what is wrong with the whole."""
    from referencing.exceptions import Unresolvable  # noqa: PLC0415 - a tenth of a second, for the first call only

    by_name: dict[str, str] = {}
    remarks: list[str] = []
    try:
        for error in _found(schema, arguments):
            if error.absolute_path:
                by_name.setdefault(str(error.absolute_path[0]), _message(error))
            elif error.validator not in {"required", "additionalProperties"}:  # told of the parameter itself
                remarks.append(_message(error))
    except Unresolvable:
        remarks.append("The schema refers to something that is not in it, so it could not be checked in full.")
    except RecursionError:
        remarks.append("The schema refers to itself without end, so it could not be checked in full.")
    except Exception as error:  # noqa: BLE001 - a schema of a stranger's server may break its validator in any way
        remarks.append(f"The schema is not valid: {_cut(str(error))}")
    return by_name, remarks


def _found(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> Iterator[ValidationError]:
    from referencing import Registry  # noqa: PLC0415 - as above

    validator = _validator_class()(dict(schema), registry=Registry())
    return islice(validator.iter_errors(dict(arguments)), MAX_ERRORS)


def _no_check(*_: object) -> Iterator[ValidationError]:
    return iter(())


@cache
def _validator_class() -> Any:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - as above
    from jsonschema.validators import extend  # noqa: PLC0415

    checks = {"pattern": _no_check, "patternProperties": _no_check}
    return extend(Draft202012Validator, checks)  # type: ignore[no-untyped-call]


def _message(error: ValidationError) -> str:
    """Say what is wrong, and where inside the argument."""
    inside = "".join(f"[{part!r}]" if isinstance(part, str) else f"[{part}]" for part in list(error.absolute_path)[1:])
    words = _cut(error.message)
    return f"At {inside}: {words}" if inside else words


def _takes_more(schema: Mapping[str, Any]) -> bool:
    """Return whether the schema asks for parameters that it does not name."""
    more = schema.get("additionalProperties")
    return more is True or isinstance(more, dict) or "patternProperties" in schema


def _short(value: object) -> str:
    return _cut(f'"{value}"' if isinstance(value, str) else str(value), 40)


def _cut(words: str, most: int = MAX_WORDS) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"
