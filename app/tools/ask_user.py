"""The tool ask_user: a question, which the window shows and a person answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from app.tools.context import ToolContext, ToolError
from app.tools.tool import ToolSpec

SPEC = ToolSpec(
    name="ask_user",
    title="Ask you",
    description=(
        "Ask the user a question and wait for the answer. Only for what the files cannot tell and you cannot decide."
    ),
    parameters={
        "type": "object",
        "properties": {
            "question": {"type": "string", "description": "One question"},
            "choices": {
                "type": "array",
                "items": {"type": "string"},
                "maxItems": 6,
                "description": "Answers to choose from; the user may give another",
            },
        },
        "required": ["question"],
        "additionalProperties": False,
    },
    kind="talk",
    main_argument="question",
    icon="circle-question-mark",
)


def run(arguments: Mapping[str, Any], context: ToolContext) -> NoReturn:
    """Refuse: only a person can answer, and the agent asks them. Raises ToolError."""
    del arguments, context
    raise ToolError("Nobody is there to answer.")
