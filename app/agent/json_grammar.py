"""Turns the JSON schemas that tools use into rules of llama.cpp's grammar language, GBNF. Pure.

Objects have their required properties first, then the optional ones, each in the schema's order; lists, enum, const,
anyOf and oneOf, references, plain types. What it does not know is let pass as any JSON: the parser checks the
call against the schema in any case, the grammar only keeps the model on the road.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from app.agent.arguments import resolve

#: The rules that others refer to; white space is bounded, since a model may otherwise write it for ever.
BASE_RULES = {
    "ws": '[ \\t\\n]{0,8}',
    "string": '"\\"" char* "\\""',
    "char": '[^"\\\\\\x00-\\x1F] | "\\\\" (["\\\\/bfnrt] | "u" [0-9a-fA-F]{4})',
    "integer": '"-"? ("0" | [1-9] [0-9]{0,15})',
    "number": 'integer ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "value": "object | array | string | number | boolean | null",
    "object": '"{" ws (string ":" ws value ("," ws string ":" ws value)*)? ws "}"',
    "array": '"[" ws (value ("," ws value)*)? ws "]"',
}  # fmt: skip
_PLAIN = frozenset({"string", "integer", "number", "boolean", "null"})
#: A schema that refers to itself is followed so far.
_MAX_DEPTH = 6


def literal(text: str) -> str:
    """Return a text as a literal of the grammar."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(c, c if c >= " " else f"\\x{ord(c):02X}") for c in text) + '"'


class GrammarBuilder:
    """Collects rules by name."""

    def __init__(self) -> None:
        self.rules: dict[str, str] = dict(BASE_RULES)

    def add(self, name: str, body: str) -> str:
        """Add a rule; return its name, made unique and of the letters that names may have."""
        base = re.sub(r"[^a-zA-Z0-9]+", "-", name).strip("-").lower() or "rule"
        unique, count = base, 1
        while unique in self.rules and self.rules[unique] != body:
            unique, count = f"{base}-{count}", count + 1
        self.rules[unique] = body
        return unique

    def schema(self, schema: Any, root: Mapping[str, Any], name: str, depth: int = 0) -> str:
        """Return the expression for a schema, adding the rules it needs."""
        if not isinstance(schema, Mapping) or depth > _MAX_DEPTH:
            return "value"
        if isinstance(schema.get("$ref"), str):
            return self.schema(resolve(schema["$ref"], root), root, name, depth + 1)
        if "const" in schema:
            return literal(json.dumps(schema["const"], ensure_ascii=False))
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            values = (literal(json.dumps(value, ensure_ascii=False)) for value in schema["enum"])
            return self.add(name, " | ".join(values))
        branches = schema.get("anyOf") or schema.get("oneOf")
        if isinstance(branches, list) and branches:
            parts = [self.schema(branch, root, f"{name}-{i}", depth + 1) for i, branch in enumerate(branches)]
            return self.add(name, " | ".join(dict.fromkeys(parts)))
        kind = schema.get("type")
        if isinstance(kind, list):
            parts = [self.schema({**schema, "type": one}, root, f"{name}-{one}", depth + 1) for one in kind]
            return self.add(name, " | ".join(dict.fromkeys(parts))) if parts else "value"
        if kind == "object" or (kind is None and "properties" in schema):
            return self.object(schema, root, name, depth)
        if kind == "array":
            return self._array(schema, root, name, depth)
        return str(kind) if kind in _PLAIN else "value"

    def object(self, schema: Mapping[str, Any], root: Mapping[str, Any], name: str, depth: int = 0) -> str:
        """Return the rule for an object: first what is required, then the others at will."""
        properties = schema.get("properties")
        if not isinstance(properties, Mapping) or not properties:
            return self.add(name, '"{" ws "}"') if schema.get("additionalProperties") is False else "object"
        needed = schema.get("required") or ()
        pairs: dict[str, str] = {}
        for key, inner in properties.items():
            value = self.schema(inner, root, f"{name}-{key}", depth + 1)
            pairs[key] = f"{literal(json.dumps(key, ensure_ascii=False) + ':')} ws {value}"
        required = [key for key in pairs if key in needed]
        optional = [key for key in pairs if key not in needed]
        first = ' "," ws '.join(pairs[key] for key in required)
        if required:
            rest = "".join(f' ("," ws {pairs[key]})?' for key in optional)
            return self.add(name, f'"{{" ws {first}{rest} ws "}}"')
        # With nothing required any one may be the first, and those behind it follow it.
        tails = [
            pairs[key] + "".join(f' ("," ws {pairs[later]})?' for later in optional[place + 1 :])
            for place, key in enumerate(optional)
        ]
        return self.add(name, f'"{{" ws ({" | ".join(tails)})? ws "}}"')

    def _array(self, schema: Mapping[str, Any], root: Mapping[str, Any], name: str, depth: int) -> str:
        item = self.schema(schema.get("items", {}), root, f"{name}-item", depth + 1)
        least = schema.get("minItems")
        inner = f'{item} ("," ws {item})*'
        return self.add(name, f'"[" ws {inner} ws "]"' if least else f'"[" ws ({inner})? ws "]"')

    def text(self, root: str) -> str:
        """Return the grammar, with ``root`` as the body of its first rule."""
        lines = [f"root ::= {root}", *(f"{name} ::= {body}" for name, body in self.rules.items())]
        return "\n".join(lines) + "\n"
