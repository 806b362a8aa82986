"""How a verdict is shown: an icon, a colour and words, so that none of them has to be understood alone."""

from __future__ import annotations

from dataclasses import dataclass

from app.fit.values import PARTS, DevicePlan, FitPlan, Part
from ui.models.sizes import size_words

PART_WORDS: dict[Part, str] = {
    "weights": "Weights",
    "kv_cache": "KV cache",
    "recurrent_state": "Recurrent state",
    "compute": "Compute buffers",
    "output": "Output",
    "checkpoints": "Checkpoints",
    "prompt_cache": "Prompt cache",
}

PART_HINTS: dict[Part, str] = {
    "weights": "The model itself.",
    "kv_cache": "What attention remembers of every token; grows with the context.",
    "recurrent_state": "What linear attention remembers; the same for every context.",
    "compute": "Scratch memory; grows with the micro-batch.",
    "output": "Room for the scores of the next token.",
    "checkpoints": "States to return to, so that regenerating reads nothing twice. Filled as it is used.",
    "prompt_cache": "Other conversations, so that going back reads nothing twice. Filled as it is used.",
}


@dataclass(frozen=True)
class FitMark:
    """A verdict as it is shown.

    Attributes:
        icon: Name of an icon.
        color: Token of its colour.
        word: One word, for a list.
        short: For a row of a table.
        sentence: For the head of a plan.
    """

    icon: str
    color: str
    word: str
    short: str
    sentence: str


CHECKING = FitMark("loader-circle", "text.muted", "Checking", "Checking \u2026", "Checking whether it fits \u2026")
UNKNOWN = FitMark("help", "text.muted", "", "Not checked", "Not checked yet")
FAILED = FitMark("warning", "warning", "Unknown", "Cannot be checked", "Whether it fits cannot be said")


def mark_of(plan: FitPlan) -> FitMark:
    """Return how a plan's verdict is shown."""
    about = "\u2248 " if plan.method == "formula" else ""
    by = ", by estimate" if about else ""
    on_gpu = any(device.kind != "cpu" and device.parts.get("weights") for device in plan.devices)
    match plan.verdict:
        case "fits":
            where = "Fits on the GPU" if on_gpu else "Fits in memory"
            return FitMark("success", "success", f"{about}Fits", f"{about}{where}", f"{where}{by}")
        case "fits_with_offload":
            short = _offload_words(plan)
            sentence = f"Fits, {short[:1].lower()}{short[1:]}{by}"
            return FitMark("layers", "accent", f"{about}Fits", f"{about}{short}", sentence)
        case "mapped":
            sentence = f"Runs mapped from disk, slowly{by}"
            return FitMark("hard-drive", "warning", "Slow", f"{about}Runs from disk", sentence)
        case "too_large":
            size = size_words(plan.short_bytes)
            where = f" on {plan.short_device}" if plan.short_device and plan.short_device != "CPU" else ""
            short = f"Short by {size}" if plan.short_bytes else "Does not fit"
            sentence = f"Does not fit: {size} short{where}{by}" if plan.short_bytes else f"Does not fit{by}"
            return FitMark("error", "danger", "Too large", f"{about}{short}", sentence)


def _offload_words(plan: FitPlan) -> str:
    if plan.settings.n_cpu_moe:
        return f"{plan.settings.n_cpu_moe} expert layers on CPU"
    if plan.settings.n_gpu_layers > 0:
        return f"{plan.settings.n_gpu_layers} layers on GPU"
    return "Partly on the CPU"


def describe_device(device: DevicePlan) -> str:
    """Return all that the bar of a device shows, for those who listen."""
    parts = ", ".join(
        f"{PART_WORDS[part]} {size_words(device.parts[part])}" for part in PARTS if device.parts.get(part)
    )
    used = max(0, device.total_bytes - device.free_bytes)
    left = device.free_bytes - device.needed_bytes
    rest = f"{size_words(left)} stay free" if left >= 0 else f"{size_words(-left)} more than is free"
    mapped = f" Of the weights, {size_words(device.mapped_bytes)} are mapped from disk." if device.mapped_bytes else ""
    return (
        f"{device_words(device)}: {size_words(device.total_bytes)}, of which others use {size_words(used)}. "
        f"Needed: {size_words(device.needed_bytes)} ({parts or 'nothing'}); {rest}.{mapped}"
    )


def device_words(device: DevicePlan) -> str:
    """Return a device's name for people: what it is, and llama.cpp's name where that says more."""
    if device.kind == "cpu":
        return "Memory"
    return f"{device.name}, {device.description}" if device.description else device.name


def totals(plan: FitPlan) -> dict[Part, int]:
    """Return the bytes of each part over all devices, in the order they are drawn; parts of nothing are left out."""
    sums = {part: sum(device.parts.get(part, 0) for device in plan.devices) for part in PARTS}
    return {part: size for part, size in sums.items() if size}
