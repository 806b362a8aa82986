"""What the status bar shows, as a value, and the words it says it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EngineState = Literal["none", "starting", "loading", "ready", "reading", "generating", "stopping", "silent", "stopped"]

#: From this share of the context on, the end is near enough to say so.
CONTEXT_WARNING_SHARE = 0.85
CONTEXT_DANGER_SHARE = 0.97


@dataclass(frozen=True)
class StatusValues:
    """Everything the status bar knows; None where there is nothing to say.

    Attributes:
        engine: "none": no model is loaded; "silent": alive but not answering; "stopped": it ended by itself.
        model: Name of the loaded model.
        load_share: 0 to 1 while loading.
        context_tokens: Tokens of the conversation in the context.
        context_size: Tokens that fit.
        reused_tokens: Of the last prompt, found in the cache.
        processed_tokens: Of the last prompt, read anew.
        reuse_reason: Why no more could be reused.
        tokens_per_second: Of the reply, now or last.
        prompt_tokens_per_second: Of reading the prompt, now or last.
        prompt_done: Tokens of the prompt that have been read while it is read.
        prompt_total: Tokens to read in all.
        engine_bytes: Resident memory of the engine's process.
        window_bytes: Resident memory of the window's process.
    """

    engine: EngineState = "none"
    model: str = ""
    load_share: float | None = None
    context_tokens: int | None = None
    context_size: int | None = None
    reused_tokens: int | None = None
    processed_tokens: int | None = None
    reuse_reason: str = ""
    tokens_per_second: float | None = None
    prompt_tokens_per_second: float | None = None
    prompt_done: int | None = None
    prompt_total: int | None = None
    engine_bytes: int | None = None
    window_bytes: int | None = None


_ENGINE_WORDS: dict[EngineState, str] = {
    "none": "No model",
    "starting": "Starting",
    "loading": "Loading",
    "ready": "Ready",
    "reading": "Reading prompt",
    "generating": "Generating",
    "stopping": "Stopping",
    "silent": "Not answering",
    "stopped": "Stopped",
}

_ENGINE_COLORS: dict[EngineState, str] = {
    "none": "text.faint",
    "starting": "warning",
    "loading": "warning",
    "ready": "success",
    "reading": "accent",
    "generating": "accent",
    "stopping": "warning",
    "silent": "danger",
    "stopped": "danger",
}

_ENGINE_HINTS: dict[EngineState, str] = {
    "none": "No model is loaded. Click to choose one.",
    "starting": "The engine's process is starting.",
    "loading": "The model is being loaded.",
    "ready": "The model is loaded and waits for a message.",
    "reading": "The model reads the prompt.",
    "generating": "The model writes a reply.",
    "stopping": "The reply is being stopped.",
    "silent": "The engine has not answered for a while. Click for what can be done.",
    "stopped": "The engine has stopped. Click to load the model again.",
}


def engine_words(values: StatusValues) -> str:
    """Return the engine's state, such as "Loading 43 %"."""
    words = _ENGINE_WORDS[values.engine]
    if values.engine == "loading" and values.load_share is not None:
        # Whole numbers, rounded down: 100 % is said when it is true.
        return f"{words} {int(values.load_share * 100)} %"
    return words


def engine_color(values: StatusValues) -> str:
    """Return the colour token of the state's dot."""
    return _ENGINE_COLORS[values.engine]


def engine_hint(values: StatusValues) -> str:
    """Return a sentence on the state."""
    return _ENGINE_HINTS[values.engine]


def context_share(values: StatusValues) -> float:
    """Return the part of the context in use, 0 to 1."""
    if not values.context_size or values.context_tokens is None:
        return 0.0
    return min(1.0, values.context_tokens / values.context_size)


def context_level(values: StatusValues) -> str:
    """Return "", "warning" or "danger"."""
    share = context_share(values)
    if share >= CONTEXT_DANGER_SHARE:
        return "danger"
    return "warning" if share >= CONTEXT_WARNING_SHARE else ""


def context_words(values: StatusValues) -> str:
    """Return how much of the context is in use, such as "1,204 / 8,192"; empty without a model."""
    if values.context_size is None:
        return ""
    return f"{values.context_tokens or 0:,} / {values.context_size:,}"


def context_hint(values: StatusValues) -> str:
    """Return what the tooltip says of the context and of the last prompt."""
    if values.context_size is None:
        return "Context: no model is loaded"
    used = values.context_tokens or 0
    lines = [f"Context: {used:,} of {values.context_size:,} tokens in use ({context_share(values):.0%})"]
    if values.reused_tokens is not None and values.processed_tokens is not None:
        lines.append(f"Last prompt: {values.reused_tokens:,} reused, {values.processed_tokens:,} read anew")
    if values.reuse_reason:
        lines.append(values.reuse_reason)
    return "\n".join(lines)


def speed_words(values: StatusValues) -> str:
    """Return the speed of the reply, or of the prompt while it is read; empty when neither is known."""
    speed = values.prompt_tokens_per_second if values.engine == "reading" else values.tokens_per_second
    return f"{short_number(speed)} tok/s" if speed is not None else ""


def speed_hint(values: StatusValues) -> str:
    """Return both speeds in words."""
    lines = []
    if values.tokens_per_second is not None:
        lines.append(f"Reply: {short_number(values.tokens_per_second)} tokens a second")
    if values.prompt_tokens_per_second is not None:
        lines.append(f"Prompt: {short_number(values.prompt_tokens_per_second)} tokens a second")
    return "\n".join(lines) or "Speed: nothing has been generated yet"


def prompt_words(values: StatusValues) -> str:
    """Return how far the prompt has been read."""
    if values.prompt_done is None or not values.prompt_total:
        return ""
    return f"{values.prompt_done:,} of {values.prompt_total:,} tokens read"


def memory_words(values: StatusValues) -> str:
    """Return the memory of both processes together; empty when it is not known."""
    known = [size for size in (values.engine_bytes, values.window_bytes) if size is not None]
    return short_bytes(sum(known)) if known else ""


def memory_hint(values: StatusValues) -> str:
    """Return the memory of each process."""
    lines = []
    if values.engine_bytes is not None:
        lines.append(f"Engine: {short_bytes(values.engine_bytes)} in memory")
    if values.window_bytes is not None:
        lines.append(f"Window: {short_bytes(values.window_bytes)} in memory")
    return "\n".join(lines) or "Memory: not known"


def short_number(value: float) -> str:
    """Return a number with as many digits as matter: 3.4, 42, 1,250."""
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def short_bytes(size: int) -> str:
    """Return a size in binary units: 812 MiB, 4.2 GiB."""
    mib = size / 1024**2
    if mib < 1000:
        return f"{mib:.0f} MiB"
    return f"{mib / 1024:.1f} GiB"
