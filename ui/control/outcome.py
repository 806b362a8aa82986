"""How a load turned out beside what was predicted of it. Pure."""

from __future__ import annotations

from app.engine.messages import ModelInfo
from app.fit.values import FitPlan, Part
from ui.models.fit_pane import Outcome
from ui.models.fit_words import PART_WORDS
from ui.models.sizes import number_words, size_words, speed_words

#: What is allocated at once by a load; checkpoints and the prompt cache fill up later.
_AT_ONCE: tuple[Part, ...] = ("weights", "kv_cache", "recurrent_state", "compute", "output")


def outcome_of(plan: FitPlan, model: ModelInfo, tokens_per_second: float | None) -> list[Outcome]:
    """Return a line for each device with more than one, one for all, and one for the speed if there was a reply."""
    lines = []
    predicted_all = actual_all = 0
    for device in plan.devices:
        predicted = sum(device.parts.get(part, 0) for part in _AT_ONCE)
        actual = sum(size for part, size in model.memory.get(device.name, {}).items() if part in _AT_ONCE)
        predicted_all, actual_all = predicted_all + predicted, actual_all + actual
        if len(plan.devices) > 1:
            lines.append(_line(device.name, predicted, actual))
    for part in _AT_ONCE:
        predicted = sum(device.parts.get(part, 0) for device in plan.devices)
        actual = sum(parts.get(part, 0) for parts in model.memory.values())
        if predicted or actual:
            lines.append(_line(PART_WORDS[part], predicted, actual))
    lines.append(_line("Memory in all", predicted_all, actual_all))
    speed = plan.generation_speed
    if speed is not None and tokens_per_second:
        is_inside = speed.low <= tokens_per_second <= speed.high
        off = tokens_per_second / speed.estimate - 1
        words = "as predicted" if is_inside else f"{off:+.0%}"
        lines.append(Outcome("Writing", speed_words(speed), f"{number_words(tokens_per_second)} tok/s", words))
    return lines


def _line(name: str, predicted: int, actual: int) -> Outcome:
    off = (predicted - actual) / actual if actual else 0.0
    words = f"{100 * off:+.1f} %" if actual else ""
    return Outcome(name, size_words(predicted), size_words(actual), words.replace("+0.0", "0.0").replace("-0.0", "0.0"))
