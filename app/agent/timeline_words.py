"""A run's spans and totals in words, for tooltips, tables, exported pages and those who listen. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from app.agent.timeline import Share, Totals, end_of
from app.agent.trace import Run, RunState, Span, SpanKind

SHARE_WORDS: dict[Share, str] = {
    "prompt": "Prompt",
    "generate": "Generation",
    "tool": "Tools",
    "waiting": "Waiting for you",
    "queue": "Queue",
    "other": "Between",
}
STATE_WORDS: dict[RunState, str] = {
    "running": "Running",
    "waiting": "Waiting for you",
    "paused": "Paused",
    "complete": "Complete",
    "stopped": "Stopped",
    "failed": "Failed",
    "limit": "At its limit",
    "interrupted": "Interrupted",
}
_KIND_WORDS: dict[SpanKind, str] = {
    "queue": "Waiting for the engine",
    "prompt": "Prompt processing",
    "generate": "Generation",
    "approval": "Waiting for your approval",
    "question": "Waiting for your answer",
    "tool": "Tool",
    "pause": "Paused to ask",
}
_OUTCOME_WORDS = {
    "timed_out": "timed out",
    "not_run": "not run",
    "eos": "finished",
    "stop_string": "stop string",
    "max_tokens": "token limit",
    "context_full": "context full",
}


def seconds_words(seconds: float) -> str:
    """Return a duration as people read it: "42 ms", "3.2 s", "4 min 05 s", "1 h 02 min"."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def clock_words(seconds: float, step: float = 1.0) -> str:
    """Return a time of the run for an axis whose ticks are ``step`` seconds apart: "0.25 s", "12 s", "4:05"."""
    if step < 1:
        digits = 3 if step < 0.01 else 2 if step < 0.1 else 1
        return f"{seconds:.{digits}f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def title_of(span: Span) -> str:
    """Return what a span is, in a few words."""
    words = _KIND_WORDS[span.kind]
    if span.kind == "tool":
        return span.title or words
    return f"{words}: {span.title}" if span.title else words


def outcome_words(outcome: str) -> str:
    """Return how something ended, as people say it."""
    return _OUTCOME_WORDS.get(outcome, outcome)


def tokens_words(span: Span) -> str:
    """Return a span's tokens; empty where it has none."""
    if span.kind == "prompt":
        return f"{span.reused_tokens:,} tokens reused, {span.tokens:,} processed"
    if span.kind == "generate":
        return f"{span.tokens:,} tokens generated"
    return ""


def speed_words(span: Span, now: float = 0.0) -> str:
    """Return tokens per second of the model's own work; empty where there is none."""
    seconds = end_of(span, now) - span.start
    if span.kind in {"prompt", "generate"} and span.tokens and seconds > 0:
        return f"{span.tokens / seconds:,.1f} tokens/s"
    return ""


def describe(span: Span, step: int, now: float = 0.0) -> str:
    """Return a span in one line: what, when, how long, tokens, how it ended."""
    end = end_of(span, now)
    pieces = [
        title_of(span),
        f"step {step}" if step else "",
        f"from {seconds_words(span.start)}, {seconds_words(end - span.start)} long",
        tokens_words(span),
        speed_words(span, now),
        "goes on" if span.end is None else outcome_words(span.outcome),
    ]
    return "  ·  ".join(piece for piece in pieces if piece)


def time_words(totals: Totals) -> str:
    """Return where the time went, in one sentence."""
    pieces = [
        f"{SHARE_WORDS[share].lower()} {seconds_words(seconds)} ({totals.share(share):.0%})"
        for share, seconds in totals.seconds.items()
        if seconds > 0
    ]
    return f"{seconds_words(totals.length)}: " + ", ".join(pieces) if pieces else "No time yet"


def token_words(totals: Totals) -> str:
    """Return where the tokens went, in one sentence."""
    read = totals.reused_tokens + totals.processed_tokens
    reused = f" ({totals.reused_tokens / read:.0%})" if read else ""
    return (
        f"{totals.reused_tokens:,} prompt tokens reused{reused}, {totals.processed_tokens:,} processed,"
        f" {totals.generated_tokens:,} generated"
    )


def started_words(run: Run) -> str:
    """Return when a run began, in this machine's time; empty for a time that no clock shows."""
    try:
        began = datetime.fromtimestamp(run.started_at, UTC).astimezone()
    except (OverflowError, OSError, ValueError):
        return ""
    return f"{began:%Y-%m-%d %H:%M:%S}"
