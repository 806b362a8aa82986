"""Grammars that hold a reply to some text and then well-formed calls of the given tools; for llama.cpp. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from app.agent.arguments import types_of
from app.agent.call_events import CallFormat
from app.agent.json_grammar import GrammarBuilder, literal
from app.agent.tool_table import ToolEntry, ToolTable
from app.tools.tool import ToolSpec

#: Text of an unquoted value: anything but a line that begins as its closing tag does.
_RAW_TEXT = '([^\\n] | "\\n"+ ([^\\n<] | "<" [^/\\n] | "</" [^p\\n] | "</p" [^a\\n]))* "\\n"*'
#: Text before the first call: nothing in it can be taken for the beginning of one.
_BEFORE = '([^<\\[`{] | "<" [^tfr|\\n])*'


def call_grammar(format: CallFormat, tools: Iterable[ToolSpec | Mapping[str, Any]]) -> str:  # noqa: A002
    """Return a GBNF grammar for one reply: text, if the form allows any, and one or more calls.

    "auto" is held to Hermes's form. Without tools the grammar allows text alone.
    """
    table, builder = ToolTable(tools), GrammarBuilder()
    builder.add("before", _BEFORE)
    if not table.entries:
        return builder.text("before")
    call = _CALLS[format](builder, table)
    name = builder.add("call", call)
    match format:
        case "llama3":
            return builder.text(f'{name} (";" ws {name})*')
        case "mistral":
            return builder.text(f"before {name}+")
        case _:
            return builder.text(f'before {name} ("\\n" {name})*')


def _objects(builder: GrammarBuilder, table: ToolTable, key: str) -> str:
    """Return the rule for one call as a JSON object, whose arguments stand under ``key``."""
    parts = []
    for entry in table.entries:
        arguments = builder.object(entry.schema, entry.schema, f"{entry.name}-arguments")
        head = literal(f'"name": {json.dumps(entry.name, ensure_ascii=False)}, "{key}":')
        parts.append(f'"{{" {head} ws {arguments} "}}"')
    return builder.add("call-object", " | ".join(parts))


def _hermes(builder: GrammarBuilder, table: ToolTable) -> str:
    return f'"<tool_call>\\n" {_objects(builder, table, "arguments")} "\\n</tool_call>"'


def _fence(builder: GrammarBuilder, table: ToolTable) -> str:
    return f'"```json\\n" {_objects(builder, table, "arguments")} "\\n```"'


def _llama3(builder: GrammarBuilder, table: ToolTable) -> str:
    return _objects(builder, table, "parameters")


def _mistral(builder: GrammarBuilder, table: ToolTable) -> str:
    parts = []
    for entry in table.entries:
        arguments = builder.object(entry.schema, entry.schema, f"{entry.name}-arguments")
        parts.append(f"{literal(f'[TOOL_CALLS]{entry.name}[ARGS]')} {arguments}")
    return " | ".join(parts)


def _qwen3_coder(builder: GrammarBuilder, table: ToolTable) -> str:
    builder.add("raw-text", _RAW_TEXT)
    functions = [_function(builder, entry) for entry in table.entries]
    return f'"<tool_call>\\n" ({" | ".join(functions)}) "</tool_call>"'


def _function(builder: GrammarBuilder, entry: ToolEntry) -> str:
    parts = [literal(f"<function={entry.name}>\n")]
    for key, schema in entry.properties.items():
        value = _raw_value(builder, schema, entry, f"{entry.name}-{key}")
        head, tail = literal(f"<parameter={key}>\n"), literal("\n</parameter>\n")
        parameter = builder.add(f"{entry.name}-parameter-{key}", f"{head} {value} {tail}")
        parts.append(parameter if key in entry.required else f"{parameter}?")
    return builder.add(f"{entry.name}-call", " ".join([*parts, literal("</function>\n")]))


def _raw_value(builder: GrammarBuilder, schema: Any, entry: ToolEntry, name: str) -> str:
    """Return the expression for a value as Qwen3-Coder writes it: texts bare, everything else as JSON."""
    if "string" not in types_of(schema, entry.schema):
        return builder.schema(schema, entry.schema, name)
    values = schema.get("enum") if isinstance(schema, Mapping) else None
    if isinstance(values, list) and values and all(isinstance(value, str) for value in values):
        return builder.add(name, " | ".join(literal(value) for value in values))
    return "raw-text"


_CALLS = {
    "qwen3-coder": _qwen3_coder,
    "hermes": _hermes,
    "auto": _hermes,
    "json-fence": _fence,
    "llama3": _llama3,
    "mistral": _mistral,
}
