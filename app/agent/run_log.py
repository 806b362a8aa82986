"""The record of the run under way: its state and its spans, written down and told as they change."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from app.agent.run_store import RunStore
from app.agent.trace import Run, RunState, Span, SpanKind
from app.chat.changes import Change, RunChanged, SpanChanged
from app.conversations.parts import AnyPart, ReferencePart, TextPart


class RunLog:
    """Keeps one run. Spans are written down when they end; the state at once.

    Args:
        clock: Seconds since the epoch.
    """

    def __init__(self, run: Run, runs: RunStore, listen: Callable[[Change], None], clock: Callable[[], float]) -> None:
        self._run = run
        self._runs = runs
        self._listen = listen
        self._clock = clock
        self._spans = {span.number: span for span in run.spans}
        self._latest = max((span.end or span.start for span in run.spans), default=0.0)

    @property
    def run(self) -> Run:
        """The run as it stands."""
        return msgspec.structs.replace(self._run, spans=tuple(self._spans[n] for n in sorted(self._spans)))

    @property
    def state(self) -> RunState:
        """Its state."""
        return self._run.state

    def announce(self) -> None:
        """Tell of the run as it stands."""
        self._listen(RunChanged(self.run))

    def set_state(self, state: RunState, reason: str = "") -> None:
        """Put the run into a state."""
        if (state, reason) != (self._run.state, self._run.reason):
            self._change(msgspec.structs.replace(self._run, state=state, reason=reason))

    def add_injection(self, text: str, references: Sequence[ReferencePart] = ()) -> None:
        """Keep what the user says, and points at, until the model can be told."""
        injected = (*self._run.injected, text)
        pointed = (*_pointed_at(self._run), tuple(references))
        self._change(msgspec.structs.replace(self._run, injected=injected, injected_references=pointed))

    def take_injections(self) -> list[tuple[AnyPart, ...]]:
        """Return the messages the user wrote meanwhile, in order, and keep them no longer."""
        texts, references = self._run.injected, _pointed_at(self._run)
        if texts:
            self._change(msgspec.structs.replace(self._run, injected=(), injected_references=()))
        return [
            (*pointed, TextPart(text=text)) if text or not pointed else pointed
            for text, pointed in zip(texts, references, strict=True)
        ]

    def begin(self, kind: SpanKind, *, turn_id: int = 0, call_id: str = "", title: str = "") -> int:
        """Begin a span; return its number."""
        number = max(self._spans, default=-1) + 1
        self._put(Span(number=number, kind=kind, start=self._now(), turn_id=turn_id, call_id=call_id, title=title))
        return number

    def pause(self) -> None:
        """Begin the pause that the run stops with; it may well outlast this process."""
        self._runs.save_span(self._run.id, self._spans[self.begin("pause")])

    def grow(self, number: int, tokens: int, reused_tokens: int = 0) -> None:
        """Say how far an open span has come."""
        self._put(msgspec.structs.replace(self._spans[number], tokens=tokens, reused_tokens=reused_tokens))

    def end(self, number: int, outcome: str = "") -> None:
        """End a span; one that has ended stays as it is."""
        span = self._spans[number]
        if span.end is None:
            ended = msgspec.structs.replace(span, end=self._now(), outcome=outcome)
            self._runs.save_span(self._run.id, ended)
            self._put(ended)

    def end_all(self, outcome: str = "") -> None:
        """End what is still open."""
        for number in [number for number, span in self._spans.items() if span.end is None]:
            self.end(number, outcome)

    def end_pause(self) -> None:
        """End the pause that the run stopped with, if it did."""
        for number in [number for number, span in self._spans.items() if span.kind == "pause" and span.end is None]:
            self.end(number)

    def _change(self, run: Run) -> None:
        self._run = run
        self._runs.save(run)
        self._listen(RunChanged(self.run))

    def _put(self, span: Span) -> None:
        self._spans[span.number] = span
        self._listen(SpanChanged(self._run.id, span))

    def _now(self) -> float:
        """Return the seconds since the run began; never less than before, whatever is done to the clock."""
        self._latest = max(self._latest, self._clock() - self._run.started_at)
        return self._latest


def _pointed_at(run: Run) -> tuple[tuple[ReferencePart, ...], ...]:
    """Return what each waiting message points at; runs of earlier versions say it of none."""
    return (*run.injected_references, *((),) * (len(run.injected) - len(run.injected_references)))
