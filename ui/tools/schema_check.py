"""Whether edited arguments fit a tool's JSON Schema, in words for the field of each. Pure."""

from __future__ import annotations

from typing import Any

from app.agent.tool_table import ToolEntry

#: Longer complaints quote a whole value.
_MOST_CHARACTERS = 160


def check_arguments(arguments: dict[str, Any], schema: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong, by argument; "" for what concerns the whole. Nothing is wrong with an unusable schema."""
    wrong: dict[str, str] = {}
    for error in ToolEntry("", schema).errors(arguments):
        for key, words in _complaints(error.validator, error.validator_value, list(error.absolute_path), arguments):
            wrong.setdefault(key, words or _shortened(error.message))
    return wrong


def _complaints(rule: Any, value: Any, path: list[Any], arguments: dict[str, Any]) -> list[tuple[str, str]]:
    """Return (argument, words) of an error; empty words for the validator's own."""
    if rule == "required" and not path:
        return [(name, "This is needed.") for name in value if name not in arguments]
    if rule == "type" and len(path) == 1:
        kinds = " or ".join(value) if isinstance(value, list) else str(value)
        return [(str(path[0]), f"This has to be of type {kinds}.")]
    if rule == "enum" and len(path) == 1:
        return [(str(path[0]), f"This has to be one of {', '.join(map(str, value))}.")]
    return [(str(path[0]) if path else "", "")]


def _shortened(words: str) -> str:
    return words if len(words) <= _MOST_CHARACTERS else words[: _MOST_CHARACTERS - 2] + " \u2026"
