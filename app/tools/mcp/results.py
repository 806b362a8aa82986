"""From what a server answers to a call to what a model and a person read of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.tools.context import MAX_RESULT_CHARACTERS
from app.tools.mcp.text import cut, one_line, without_escapes
from app.tools.tool import Outcome, ToolResult
from app.tools.views import MAX_VIEW_CHARACTERS, JsonView, TextView

_MAX_BLOCKS = 200
_BASE64_BYTES = 3 / 4  # bytes of data in a character of base64


def tool_result(answer: Mapping[str, Any], seconds: float) -> ToolResult:
    """Return the result of a call from the protocol's ``CallToolResult``, a JSON object."""
    blocks: Sequence[Mapping[str, Any]] = answer.get("content") or ()
    pieces = [_block_text(block) for block in blocks[:_MAX_BLOCKS]]
    if len(blocks) > _MAX_BLOCKS:
        pieces.append(f"[{len(blocks) - _MAX_BLOCKS:,} more pieces left out]")
    structured = answer.get("structuredContent")
    is_structured_only = structured is not None and not any(block.get("type") == "text" for block in blocks)
    if is_structured_only:
        pieces.append(msgspec.json.format(msgspec.json.encode(structured), indent=2).decode())
    text = without_escapes("\n".join(piece for piece in pieces if piece)) or "(The tool answered nothing.)"
    is_error = answer.get("isError") is True
    view: TextView | JsonView = TextView(text=cut(text, MAX_VIEW_CHARACTERS))
    if is_structured_only and not is_error and len(text) <= MAX_VIEW_CHARACTERS:
        view = JsonView(value=structured)
    return ToolResult(
        content=cut(text, MAX_RESULT_CHARACTERS),
        view=view,
        outcome="failed" if is_error else "done",
        seconds=seconds,
    )


def failure(words: str, outcome: Outcome = "failed", seconds: float = 0.0) -> ToolResult:
    """Return the result of a call that came to nothing, in words for the model and the person."""
    return ToolResult(content=words, view=TextView(text=words), outcome=outcome, seconds=seconds)


def _block_text(block: Mapping[str, Any]) -> str:
    """Return a piece of an answer as text; what is not text is described, never dropped."""
    kind = block.get("type")
    if kind == "text":
        return str(block.get("text", ""))
    if kind in {"image", "audio"}:
        return f"[{kind}, {_data_words(block.get('mimeType'), block.get('data'))}; it cannot be shown to the model]"
    if kind == "resource_link":
        described = one_line(str(block.get("description") or block.get("title") or block.get("name") or ""))
        return f"[link to a resource: {one_line(str(block.get('uri', '')))}{' — ' + described if described else ''}]"
    if kind == "resource":
        resource = block.get("resource") or {}
        uri = one_line(str(resource.get("uri", "")))
        if isinstance(resource.get("text"), str):
            return f"[resource {uri}]\n{resource['text']}"
        return f"[resource {uri}, {_data_words(resource.get('mimeType'), resource.get('blob'))}; it is not text]"
    return f"[a piece of the kind “{one_line(str(kind), 40)}”, which Sawhorse does not know]"


def _data_words(mime_type: object, data: object) -> str:
    size = int(len(data) * _BASE64_BYTES) - data[-2:].count("=") if isinstance(data, str) else 0
    return f"{one_line(str(mime_type or 'of unknown type'), 80)}, {size:,} bytes"
