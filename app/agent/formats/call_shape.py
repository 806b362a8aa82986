"""What a JSON object says as a call: the names models give to its entries. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.agent import loose_json
from app.agent.loose_json import LooseJsonError

NAMES = ("name", "function", "tool", "tool_name", "function_name")
ARGUMENTS = ("arguments", "parameters", "args", "input")


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


def _decoded(text: str) -> Any:
    """Return arguments that were encoded as a text, as some templates have it; the text where they are none."""
    if not text.strip():
        return {}
    try:
        return loose_json.loads(text).value
    except LooseJsonError:
        return text
