"""What is to be seen of a branch with tool calls, in a test's words."""

from __future__ import annotations

from app.conversations.parts import ToolResultPart


class BranchReader:
    """For whoever has a ``branch``."""

    @property
    def roles(self):
        return [turn.role for turn in self.branch]

    @property
    def results(self):
        return [part for turn in self.branch for part in turn.parts if isinstance(part, ToolResultPart)]

    @property
    def outcomes(self):
        return [result.outcome for result in self.results]
