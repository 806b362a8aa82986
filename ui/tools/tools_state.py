"""What the list of tools says: which are on, what each may do unasked, and what it costs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.settings import Permission
from app.tools.tool import ToolKind, ToolSpec

OWN_SOURCE = "sawhorse"
_MCP = "mcp:"


@dataclass(frozen=True)
class ToolRow:
    """One tool.

    Attributes:
        is_on: It is offered to the model.
        default: What it may do where nothing was chosen for the folder.
        chosen: What was chosen for the folder; None for nothing.
        tokens: What its description costs in every prompt; None while that is not known.
    """

    spec: ToolSpec
    is_on: bool
    default: Permission
    chosen: Permission | None = None
    tokens: int | None = None

    @property
    def title(self) -> str:
        """What people call it."""
        return self.spec.title or self.spec.name


@dataclass(frozen=True)
class ToolsState:
    """The whole list.

    Attributes:
        folder: What the permissions are for.
        tokens: What all that are on cost together; None while that is not known.
        has_sandbox: Commands can be held.
    """

    folder: str
    rows: tuple[ToolRow, ...]
    tokens: int | None = None
    has_sandbox: bool = True


def permission_words(kind: ToolKind, permission: Permission) -> str:
    """Return what a permission is called for a kind of tool."""
    if permission == "allow" and kind == "command":
        return "Allow in the sandbox"
    return {"ask": "Ask", "allow": "Allow", "deny": "Deny"}[permission]


def tokens_words(tokens: int | None) -> str:
    """Return a cost in words; a dash while it is not known."""
    return "\u2013" if tokens is None else f"{tokens:,} tokens"


def total_words(state: ToolsState) -> str:
    """Return how many are on, and what they cost."""
    on = sum(row.is_on for row in state.rows)
    words = f"{on} of {len(state.rows)} on"
    return words if state.tokens is None else f"{words} · {state.tokens:,} tokens of every prompt"


def source_words(source: str) -> str:
    """Return what the group of a source is called."""
    return source.removeprefix(_MCP) + " · MCP" if source.startswith(_MCP) else "Sawhorse"


def grouped(rows: Sequence[ToolRow]) -> list[tuple[str, list[ToolRow]]]:
    """Return rows by source, Sawhorse's own first, each in the order they came."""
    groups: dict[str, list[ToolRow]] = {}
    for row in sorted(rows, key=lambda row: row.spec.source != OWN_SOURCE):
        groups.setdefault(row.spec.source, []).append(row)
    return list(groups.items())


def first_sentence(description: str) -> str:
    """Return what a description begins with, on one line."""
    words = " ".join(description.split())
    end = words.find(". ")
    return words if end < 0 else words[: end + 1]
