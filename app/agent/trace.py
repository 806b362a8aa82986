"""The record of an agent run: its state, its limits, and its time as spans on one axis. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.conversations.parts import ReferencePart

#: "waiting": for a person's approval or answer; "paused": it looped, a person decides; "limit": turns, time or
#: tokens ran out; "interrupted": Sawhorse ended meanwhile. The last three and "stopped" can be continued.
RunState = Literal["running", "waiting", "paused", "complete", "stopped", "failed", "limit", "interrupted"]
#: "queue": waiting for the engine; "prompt": reading it; "generate": writing; "approval": waiting for a person's
#: yes; "question": waiting for a person's answer; "tool": a tool runs; "pause": stopped to ask.
SpanKind = Literal["queue", "prompt", "generate", "approval", "question", "tool", "pause"]


class RunLimits(msgspec.Struct, frozen=True, kw_only=True):
    """When a run stops to ask; 0 is no limit.

    Attributes:
        turns: Replies of the model.
        seconds: Time, without that of waiting for a person.
        tokens: Generated tokens.
        malformed: Malformed calls in a row.
        repeats: The same call with the same result in a row.
    """

    turns: int = 50
    seconds: float = 3600.0
    tokens: int = 200_000
    malformed: int = 3
    repeats: int = 3


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a run's time.

    Attributes:
        number: Its place in the run, from 0; a span that goes on is sent anew with the same number.
        start: Seconds since the run began.
        end: Seconds since the run began; None while it goes on.
        turn_id: The turn it made or belongs to.
        call_id: The call it belongs to.
        title: A tool's name.
        tokens: Of "prompt": those processed; of "generate": those generated.
        reused_tokens: Of "prompt": those found in the cache.
        outcome: How it ended: a tool's ``Outcome``, a generation's stop reason, "approved", "denied".
    """

    number: int
    kind: SpanKind
    start: float
    end: float | None = None
    turn_id: int = 0
    call_id: str = ""
    title: str = ""
    tokens: int = 0
    reused_tokens: int = 0
    outcome: str = ""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One task of a person and all the model did for it.

    Attributes:
        id: Its row number.
        key: A random name, also of its checkpoints.
        asked_id: The user's turn that began it.
        started_at: Seconds since the epoch, UTC.
        reason: Why it is in that state, for people.
        injected: What the user said meanwhile and the model has not been told yet.
        injected_references: What each of ``injected`` points at, in the same order.
        spans: In the order of their numbers.
    """

    id: int
    key: str
    conversation_id: int
    asked_id: int
    state: RunState
    started_at: float
    workspace: str
    limits: RunLimits = RunLimits()
    reason: str = ""
    injected: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    injected_references: tuple[tuple[ReferencePart, ...], ...] = ()
