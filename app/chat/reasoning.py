"""Tells a reply's reasoning from its answer while it streams: ``<think>`` … ``</think>`` at its start."""

from __future__ import annotations

from typing import Literal

OPEN, CLOSE = "<think>", "</think>"
Piece = tuple[str, bool]


class ReasoningSplitter:
    """Feed it text in any pieces; it returns (text, is_reasoning), the same for every chunking.

    Only a block that opens the reply is reasoning: the tag inside an answer is something quoted. Line
    breaks next to the tags belong to neither side.
    """

    def __init__(self) -> None:
        self._held = ""
        self._state: Literal["start", "reasoning", "answer"] = "start"
        self._skip_newlines = False

    def feed(self, text: str) -> list[Piece]:
        """Return what can be told now; holds back only what may still become a tag."""
        self._held += text
        if self._skip_newlines:
            self._held = self._held.lstrip("\n")
            self._skip_newlines = not self._held
        match self._state:
            case "start":
                return self._feed_start()
            case "reasoning":
                return self._feed_reasoning()
            case "answer":
                return self._take(len(self._held), is_reasoning=False)

    def finish(self) -> list[Piece]:
        """Return what was held back."""
        return self._take(len(self._held), is_reasoning=self._state == "reasoning")

    def _feed_start(self) -> list[Piece]:
        stripped = self._held.lstrip()
        if stripped.startswith(OPEN):
            return self._enter("reasoning", stripped[len(OPEN) :])
        if OPEN.startswith(stripped):
            return []
        self._state = "answer"
        return self.feed("")

    def _feed_reasoning(self) -> list[Piece]:
        before, tag, after = self._held.partition(CLOSE)
        if not tag:
            return self._take(len(before) - _may_belong_to_tag(before), is_reasoning=True)
        reasoning = before.rstrip("\n")
        pieces = [(reasoning, True)] if reasoning else []
        return pieces + self._enter("answer", after)

    def _enter(self, state: Literal["reasoning", "answer"], rest: str) -> list[Piece]:
        self._state, self._held, self._skip_newlines = state, rest, True
        return self.feed("")

    def _take(self, length: int, *, is_reasoning: bool) -> list[Piece]:
        ready, self._held = self._held[:length], self._held[length:]
        return [(ready, is_reasoning)] if ready else []


def _may_belong_to_tag(text: str) -> int:
    """Return how many last characters may be the closing tag's beginning or the line breaks before it."""
    tag = next((n for n in range(min(len(CLOSE), len(text)), 0, -1) if CLOSE.startswith(text[-n:])), 0)
    rest = text[: len(text) - tag]
    return tag + len(rest) - len(rest.rstrip("\n"))
