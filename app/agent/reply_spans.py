"""Turns what the engine says about one reply into spans: waiting for it, reading the prompt, writing."""

from __future__ import annotations

from collections.abc import Callable

from app.agent.run_log import RunLog
from app.conversations.parts import Turn
from app.engine.messages import AnyEvent, Delta, Finished, PromptProgress, Stats


class ReplySpans:
    """A ``ReplyWatcher`` that keeps the time and passes on the end."""

    def __init__(self, log: RunLog, turn_id: int, on_ended: Callable[[Turn, Finished | None], None]) -> None:
        self._log = log
        self._turn_id = turn_id
        self._on_ended = on_ended
        self._open: int | None = None
        self._prompt: int | None = None
        self._writing: int | None = None
        self._written = 0

    def asked(self) -> None:
        """A request waits for the engine."""
        self._close("")
        self._prompt = self._writing = None
        self._written = 0
        self._open = self._log.begin("queue", turn_id=self._turn_id)

    def heard(self, event: AnyEvent) -> None:
        """See which stretch of time begins or ends."""
        match event:
            case PromptProgress():
                self._read(event.done - event.reused, event.reused)
            case Delta():
                self._wrote(event.tokens)
            case Finished():
                self._finish(event.stats, event.reason)
            case _:
                pass

    def ended(self, turn: Turn, last: Finished | None) -> None:
        """End what is open and pass it on."""
        self._close(last.reason if last else turn.state)
        self._on_ended(turn, last)

    def _read(self, processed: int, reused: int) -> None:
        if self._prompt is None:
            self._close("")
            self._prompt = self._open = self._log.begin("prompt", turn_id=self._turn_id)
        if self._open == self._prompt:
            self._log.grow(self._prompt, max(processed, 0), reused)

    def _wrote(self, tokens: int) -> None:
        self._written += tokens
        if self._writing is None:
            self._close("")
            self._writing = self._open = self._log.begin("generate", turn_id=self._turn_id)

    def _finish(self, stats: Stats, reason: str) -> None:
        """Put the engine's own numbers in the place of what was counted on the way."""
        if self._prompt is not None and self._open == self._prompt:
            self._log.grow(self._prompt, stats.processed_tokens, stats.reused_tokens)
        if self._writing is not None:
            self._written = stats.generated_tokens
        self._close(reason)

    def _close(self, outcome: str) -> None:
        if self._open is None:
            return
        if self._open == self._writing:
            self._log.grow(self._writing, self._written)
        self._log.end(self._open, outcome)
        self._open = None
