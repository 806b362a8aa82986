"""The tool todo_write: the model's list of things to do, written anew each time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.tools.context import ToolContext, ToolError
from app.tools.text import text_argument
from app.tools.tool import ToolResult, ToolSpec
from app.tools.views import Todo, TodoView

MAX_ITEMS = 50
MAX_TEXT_CHARACTERS = 300
STATES = ("pending", "in_progress", "done")

SPEC = ToolSpec(
    name="todo_write",
    title="To-do list",
    description="Write your list of things to do, always the whole list. For work of three steps or more.",
    parameters={
        "type": "object",
        "properties": {
            "items": {
                "type": "array",
                "maxItems": MAX_ITEMS,
                "items": {
                    "type": "object",
                    "properties": {
                        "text": {"type": "string"},
                        "state": {"type": "string", "enum": list(STATES)},
                    },
                    "required": ["text", "state"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["items"],
        "additionalProperties": False,
    },
    kind="read",  # it changes nothing, and nobody has to answer
    icon="list",
)


def run(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    """Take the list; see ``SPEC``. Raises ToolError."""
    del context
    items = tuple(_item(value) for value in arguments["items"])
    if len(items) > MAX_ITEMS:
        raise ToolError(f"The list has {len(items)} items; keep it to {MAX_ITEMS}.")
    counts = [sum(item.state == state for item in items) for state in STATES]
    words = f"Noted: {counts[2]} done, {counts[1]} in progress, {counts[0]} pending."
    return ToolResult(content=words if items else "The list is empty.", view=TodoView(items=items))


def _item(value: Mapping[str, Any]) -> Todo:
    text = text_argument(value, "text").strip()
    state = value.get("state", "pending")
    if not text:
        raise ToolError("An item has no text.")
    if state not in STATES:
        raise ToolError(f"state is one of {', '.join(STATES)}.")
    return Todo(text=text[:MAX_TEXT_CHARACTERS], state=state)
