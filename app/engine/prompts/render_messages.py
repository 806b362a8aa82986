"""The messages between the renderer and its child process."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

#: The most memory the child may take, all of Python in it.
MAX_MEMORY_BYTES = 512 * 1024**2

#: "refused" is the template's own ``raise_exception``; the others say what went wrong or which limit was met.
Problem = Literal["refused", "syntax", "forbidden", "error", "memory", "output"]


class RenderRequest(msgspec.Struct, frozen=True, tag="render"):
    """Render ``template`` with ``variables``; ``today`` is what ``strftime_now`` formats, as an ISO date."""

    template: str
    variables: dict[str, Any]
    today: str


class RenderedText(msgspec.Struct, frozen=True, tag="rendered"):
    """The rendered text."""

    text: str


class RenderProblem(msgspec.Struct, frozen=True, tag="problem"):
    """Why there is no text; ``line`` of the template, 0 when not known."""

    problem: Problem
    message: str
    line: int = 0


RenderReply = RenderedText | RenderProblem
