"""How a load turned out beside what was predicted of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from app.fit.values import FitPlan
from ui.models.fit_pane import Outcome
from ui.models.sizes import number_words, size_words, speed_words


def outcome_of(plan: FitPlan, taken: Sequence[tuple[str, int, int]], tokens_per_second: float | None) -> list[Outcome]:
    """Return a line for each device where there are several, one for all, and one for the speed after a reply.

    Args:
        taken: (device, predicted bytes, actual bytes); checkpoints and the prompt cache, which fill up later, are not
            among them.
        tokens_per_second: Of the last reply; None before there was one.
    """
    lines = [_line(f"Memory, {name}", predicted, actual) for name, predicted, actual in taken if len(taken) > 1]
    predicted_all = sum(predicted for _name, predicted, _actual in taken)
    actual_all = sum(actual for _name, _predicted, actual in taken)
    lines.append(_line("Memory in all", predicted_all, actual_all))
    speed = plan.generation_speed
    if speed is not None and tokens_per_second:
        is_inside = speed.low <= tokens_per_second <= speed.high
        words = "as predicted" if is_inside else f"{tokens_per_second / speed.estimate - 1:+.0%}"
        lines.append(Outcome("Writing", speed_words(speed), f"{number_words(tokens_per_second)} tok/s", words))
    return lines


def _line(name: str, predicted: int, actual: int) -> Outcome:
    off = 100 * (predicted - actual) / actual if actual else 0.0
    return Outcome(name, size_words(predicted), size_words(actual), f"{off:+.1f} %" if round(off, 1) else "0.0 %")
