"""Reads the JSON that models write: raw newlines and Python literals pass, anything uncertain does not. Pure."""

from __future__ import annotations

import ast
import json
import math
import re
import warnings
from dataclasses import dataclass
from typing import Any

_MAX_DEPTH = 100
_SURROGATE = re.compile("[\ud800-\udfff]")
#: What JSON calls the types that a value can have in Python; a bool is an int to Python, so it comes first.
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


class LooseJsonError(ValueError):
    """Text that is no JSON; ``position`` is the character where it stops being one."""

    def __init__(self, reason: str, position: int = 0) -> None:
        super().__init__(reason)
        self.position = position


@dataclass(frozen=True)
class Loose:
    """A value that was read.

    Attributes:
        duplicates: Keys that an object had more than once; the last value counts.
        is_python: It was written as a Python literal.
    """

    value: Any
    duplicates: tuple[str, ...] = ()
    is_python: bool = False


def loads(text: str) -> Loose:
    """Read a JSON value, or a Python literal of the same types.

    Raises:
        LooseJsonError: It is neither, or holds what cannot be kept: NaN, infinity, half of a character pair.
    """
    duplicates: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) < len(items):
            keys = [key for key, _ in items]
            duplicates.extend(key for key in found if keys.count(key) > 1)
        return found

    try:
        value = json.loads(
            text, strict=False, object_pairs_hook=pairs, parse_constant=_no_constant, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        value = _python_literal(text, error)
        _check(value)
        return Loose(value, is_python=True)
    except RecursionError as error:
        raise LooseJsonError("it is nested too deeply") from error
    except LooseJsonError:
        raise
    except ValueError as error:  # a number with thousands of digits
        raise LooseJsonError(str(error)) from error
    _check(value)
    return Loose(value, tuple(dict.fromkeys(duplicates)))


def json_type(value: object) -> str:
    """Return what JSON calls a value's type."""
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "null")


def literal(node: ast.expr) -> Any:
    """Return the value of a Python expression that is nothing but a literal; ``true`` and ``null`` count as such.

    Raises:
        LooseJsonError: It is something else, or of a type that JSON has not.
    """
    if isinstance(node, ast.Name) and node.id in _WORDS:
        return _WORDS[node.id]
    if isinstance(node, ast.List | ast.Tuple):
        return [literal(element) for element in node.elts]
    if isinstance(node, ast.Dict):
        return {_key(key): literal(value) for key, value in zip(node.keys, node.values, strict=True)}
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise LooseJsonError("it is not a plain value", node.col_offset) from error
    if not isinstance(value, str | int | float | bool | None):
        raise LooseJsonError(f"JSON has no {type(value).__name__}", node.col_offset)
    _check(value)
    return value


def parse_expression(text: str) -> ast.expr:
    """Return the syntax tree of one Python expression.

    Raises:
        LooseJsonError: It is none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\\d" in a text is the model's business
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise LooseJsonError(str(error.msg), max(0, (error.offset or 1) - 1)) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise LooseJsonError("it cannot be read") from error


_WORDS = {"true": True, "false": False, "null": None}


def _key(node: ast.expr | None) -> str:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        raise LooseJsonError("a key is not a text", getattr(node, "col_offset", 0))
    return node.value


def _python_literal(text: str, error: json.JSONDecodeError) -> Any:
    """Return the value of a Python literal; where it is none either, JSON's complaint is the better one."""
    reason = LooseJsonError(error.msg[:1].lower() + error.msg[1:], error.pos)
    stripped = text.strip()
    if not stripped or (stripped[0] not in "{[('\"-" and stripped not in {"True", "False", "None"}):
        raise reason
    try:
        return literal(parse_expression(stripped))
    except LooseJsonError:
        raise reason from error


def _no_constant(name: str) -> Any:
    raise LooseJsonError(f"{name} is not a number that JSON has")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise LooseJsonError(f"{digits} is too large a number")
    return value


def _check(value: Any) -> None:
    """Refuse what later steps could not keep, without calling itself: depth is what is being limited."""
    level = [value]
    for _ in range(_MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, str) and _SURROGATE.search(item):
                raise LooseJsonError("a text holds half of a character pair")
            if isinstance(item, float) and not math.isfinite(item):
                raise LooseJsonError("a number is too large")
            if isinstance(item, dict):
                below.extend(item)
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        if not below:
            return
        level = below
    raise LooseJsonError("it is nested too deeply")
