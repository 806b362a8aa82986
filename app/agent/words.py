"""What the agent tells the model of calls that did not run as written. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from app.agent.live_calls import spec_named
from app.conversations.parts import ToolCallPart
from app.tools.tool import ToolSpec

#: A tool bounds its own results; this bounds what any tool, of whatever program, can put into a context.
MAX_CONTENT_CHARACTERS = 40_000
NOT_RUN = "This call was not run, because the person stopped the work before its turn came."


def malformed_words(part: ToolCallPart, specs: Sequence[ToolSpec]) -> str:
    """Say what is wrong with a call, so that the model can write it again."""
    problems = [problem for problem in part.problems if problem.is_fatal]
    lines = ["This call was not run:", *(f"- {problem.message}" for problem in problems)]
    spec = spec_named(part.name, specs)
    if spec is not None:
        lines.append(f"The arguments of {spec.name}, as JSON Schema: {_json(spec.parameters)}")
    else:
        lines.append(f"The tools are: {', '.join(spec.name for spec in specs)}.")
    lines.append("If you still want it, write the whole call again without these mistakes.")
    return "\n".join(lines)


def denied_words(reason: str) -> str:
    """Say that a person refused a call."""
    said = f" They said: {reason}" if reason else ""
    return f"The person did not allow this call.{said} Do not try the same again; find another way, or ask."


def forbidden_words(reason: str) -> str:
    """Say that the settings refuse a call."""
    return f"This call was not run. {reason} Find another way, or ask the person."


def answered_words(text: str) -> str:
    """Say that a person answered where a tool would have."""
    return f"The tool was not run. The person answered in its place:\n{text}"


def changed_words(name: str, arguments: dict[str, Any], content: str) -> str:
    """Say before a result that a person had something else run."""
    return f"The person changed this call before it ran. What ran: {name} with {_json(arguments)}\n\n{content}"


def clipped(content: str) -> str:
    """Return a result's beginning and end where it is too long, and say how much is missing."""
    left_out = len(content) - MAX_CONTENT_CHARACTERS
    if left_out <= 0:
        return content
    half = MAX_CONTENT_CHARACTERS // 2
    return f"{content[:half]}\n… {left_out:,} characters were left out here …\n{content[-half:]}"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
