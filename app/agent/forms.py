"""How the calls of a loaded model are read and checked: what the agent is given beside its tools."""

from __future__ import annotations

from typing import Any

from app.agent.arguments import check_arguments
from app.agent.tool_calls import ToolCallParser
from app.agent.tool_table import ToolEntry
from app.conversations.parts import CallProblem
from app.tools.tool import ToolSpec


def parser_for(specs: tuple[ToolSpec, ...], template: str) -> ToolCallParser:
    """Return a parser for one reply of a model with that chat template."""
    return ToolCallParser("auto", specs, template=template)


def problems_of(spec: ToolSpec, arguments: dict[str, Any]) -> list[CallProblem]:
    """Return what keeps a tool from being called with these arguments."""
    return check_arguments(arguments, ToolEntry(spec.name, spec.parameters))
