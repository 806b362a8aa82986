"""One measured figure and the budget it is held to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Measurement:
    """A figure, its unit and its budget.

    Attributes:
        what: What was measured, in a few words.
        value: The figure.
        unit: Its unit, "" for a ratio or a count.
        budget: What it must reach; None for a figure that is only told.
        direction: Whether the figure may be "at most" or must be "at least" the budget.
        note: How it was measured, where the name does not say.
    """

    what: str
    value: float
    unit: str = ""
    budget: float | None = None
    direction: Literal["at most", "at least"] = "at most"
    note: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether the budget is kept; True where there is none."""
        if self.budget is None:
            return True
        return self.value <= self.budget if self.direction == "at most" else self.value >= self.budget


def row(measurement: Measurement) -> str:
    """Return one line of the table."""
    value = f"{shown(measurement.value)} {measurement.unit}".strip()
    sign = {"at most": "<=", "at least": ">="}[measurement.direction]
    budget = "" if measurement.budget is None else f"{sign} {shown(measurement.budget)} {measurement.unit}".strip()
    verdict = "" if measurement.budget is None else "ok" if measurement.is_ok else "MISSED"
    return f"{measurement.what:<62} {value:>14}  {budget:<14} {verdict:<6} {measurement.note}".rstrip()


def shown(value: float) -> str:
    """Return a figure with the digits that mean something."""
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.3g}"


def percentile(values: list[float], percent: float) -> float:
    """Return the smallest value that at least ``percent`` of all do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]
