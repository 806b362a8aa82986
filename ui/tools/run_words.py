"""What the bar above the composer says of a run, and what it offers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.agent.live import LiveCall
from app.agent.trace import Run, Span

ACTIVE = frozenset({"running", "waiting"})
RESUMABLE = frozenset({"paused", "limit", "stopped", "interrupted"})
#: Time in which a person is waited for does not count as the run's own.
_PEOPLE = frozenset({"approval", "question", "pause"})
#: What making a reply is made of.
_REPLY = frozenset({"queue", "prompt", "generate"})
_MINUTE = 60
_HOUR = 3600
_TITLES = {
    "paused": "The run is paused",
    "limit": "The run has reached a limit",
    "stopped": "The run was stopped",
    "interrupted": "The run was interrupted",
    "failed": "The run failed",
    "complete": "The run is complete",
}

Level = Literal["", "info", "warning", "error"]


@dataclass(frozen=True)
class RunBarState:
    """What is to be seen.

    Attributes:
        title: The state in a few words.
        detail: Why, or how far it is.
        level: Its look.
        is_active: The run goes on or waits; time passes.
        waits: A call waits for the person and can be shown.
        continue_words: The button that goes on; empty for none.
        changed_files: Files the run changed and that can still be taken back.
    """

    title: str
    detail: str = ""
    level: Level = ""
    is_active: bool = False
    waits: bool = False
    continue_words: str = ""
    changed_files: int = 0


def bar_of(
    run: Run | None,
    waiting: Sequence[LiveCall],
    now: float,
    *,
    changed_files: int = 0,
) -> RunBarState | None:
    """Return what the bar says; None where there is nothing to say.

    Args:
        waiting: Calls that wait for the person, in their order.
        now: Seconds since the epoch, UTC.
        changed_files: As in the state.
    """
    if run is None:
        return None
    if run.state in ACTIVE:
        return _active(run, waiting, now, changed_files)
    if run.state == "complete" and not changed_files:
        return None
    detail = f"{steps_words(run)}, {time_words(active_seconds(run, now))}"
    if changed_files:
        detail += f", {files_words(changed_files)} changed"
    return RunBarState(
        _TITLES[run.state],
        run.reason or detail,
        level="error" if run.state == "failed" else "" if run.state in {"complete", "stopped"} else "warning",
        continue_words=_continue_words(run) if run.state in RESUMABLE else "",
        changed_files=changed_files,
    )


def _active(run: Run, waiting: Sequence[LiveCall], now: float, changed_files: int) -> RunBarState:
    detail = f"{steps_words(run)}, {time_words(active_seconds(run, now))}"
    if run.injected:
        messages = "Your message goes" if len(run.injected) == 1 else f"Your {len(run.injected)} messages go"
        detail += f". {messages} in before the next step"
    if waiting:
        return RunBarState(
            _waiting_words(waiting), detail, "info", is_active=True, waits=True, changed_files=changed_files
        )
    return RunBarState(_doing_words(run), detail, is_active=True, changed_files=changed_files)


def away_bar(run: Run, title: str) -> RunBarState | None:
    """Return what is said of a run in a conversation that is not on show: only that it waits for the person."""
    if run.state != "waiting":
        return None
    return RunBarState(f"A run waits for you in “{title}”", level="info", is_active=True, waits=True)


def _waiting_words(waiting: Sequence[LiveCall]) -> str:
    call = waiting[0]
    verb = "asks you something" if call.state == "question" else "asks for approval"
    more = f", and {len(waiting) - 1} more" if len(waiting) > 1 else ""
    return f"{call.part.name} {verb}{more}"


def _doing_words(run: Run) -> str:
    span = next((span for span in reversed(run.spans) if span.end is None), None)
    match span:
        case Span(kind="tool", title=title):
            return f"{title} is running" if title else "A tool is running"
        case Span(kind="prompt"):
            return "The model is reading"
        case Span(kind="queue"):
            return "Waiting for the model"
        case _:
            return "The model is at work"


def steps(run: Run) -> int:
    """Return how many replies the model has begun."""
    return len({span.turn_id for span in run.spans if span.kind in _REPLY and span.turn_id})


def steps_words(run: Run) -> str:
    """Return the step it is at, and how many there may be."""
    count = max(1, steps(run))
    if run.state not in ACTIVE:
        return "1 step" if count == 1 else f"{count} steps"
    return f"Step {count} of at most {run.limits.turns}" if run.limits.turns >= count else f"Step {count}"


def active_seconds(run: Run, now: float) -> float:
    """Return for how long a run has been at work, without the time it waited for a person."""
    passed = max(0.0, now - run.started_at)
    return sum(
        max(0.0, (passed if span.end is None else span.end) - span.start)
        for span in run.spans
        if span.kind not in _PEOPLE and (span.end is not None or run.state in ACTIVE)
    )


def time_words(seconds: float) -> str:
    """Return a time as a person would say it, to the second."""
    whole = int(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def files_words(count: int) -> str:
    """Return a number of files in words."""
    return "1 file" if count == 1 else f"{count:,} files"


def _continue_words(run: Run) -> str:
    turns = run.limits.turns
    if run.state == "limit" and turns and steps(run) >= turns:
        return f"Continue: {turns} more turns"
    return "Continue"
