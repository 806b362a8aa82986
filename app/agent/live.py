"""A tool call as a window shows it, from its first character to its result. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.conversations.parts import ToolCallPart, ToolResultPart
from app.tools.tool import Reach, ToolSpec

#: "writing": the model writes it; "queued": others run first; "asking": a person's approval is needed;
#: "question": a person's answer is needed; "running"; "done": it has a result; "invalid": malformed, repairable.
CallState = Literal["writing", "queued", "asking", "question", "running", "done", "invalid"]


@dataclass(frozen=True)
class LiveCall:
    """One call of the branch on show.

    Attributes:
        turn_id: The assistant's turn it stands in.
        part: What was understood; while "writing" its ``raw`` is what has come so far.
        spec: The tool; None for one that is not known.
        reason: Why approval is needed, for people.
        reach: What it asks for beyond the sandbox.
        can_remember: "Always allow in this folder" may be offered.
        output: What it printed so far, while it runs.
        result: What came of it, once "done".
        is_record: It is shown from a record, and nothing can be done with it.
    """

    turn_id: int
    part: ToolCallPart
    state: CallState
    spec: ToolSpec | None = None
    reason: str = ""
    reach: Reach = "sandbox"
    can_remember: bool = False
    output: str = ""
    result: ToolResultPart | None = None
    is_record: bool = False
