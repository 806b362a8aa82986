"""Whether a model fits, by its size alone: until its headers are read, and for a list of many. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.catalog.cards import Card
from app.fit.values import FitPlan, Machine
from ui.models.fit_words import FitMark, mark_of

#: Bits per weight of the usual choice, Q4_K_M, for cards that name no sizes.
_USUAL_BITS = 4.9
#: What a load takes besides the weights, at the least.
_BESIDES_BYTES = 1_500_000_000
_GB = 1_000_000_000
#: Tokens per second that a person still calls usable; memory as fast as a laptop's where it was not measured.
_USABLE_SPEED = 5.0
_USUAL_BANDWIDTH = 40e9
_FITS = FitMark("success", "success", "\u2248 Fits", "\u2248 Fits", "Fits, by its size")
_SLOW = FitMark(
    "hard-drive", "warning", "\u2248 Slow", "\u2248 Runs from disk", "Larger than what is free, by its size"
)
_LARGE = FitMark("error", "danger", "\u2248 Too large", "\u2248 Too large", "Larger than memory, by its size")
_RANKS = {"success": 0, "accent": 0, "warning": 1, "danger": 2}


def size_mark(size_bytes: int, machine: Machine | None) -> FitMark | None:
    """Return whether weights of this size fit into what is free; None while the machine is not known."""
    if machine is None:
        return None
    needed = size_bytes + _BESIDES_BYTES
    devices = [device for device in machine.devices if device.kind != "igpu"]
    free = sum(device.free_bytes for device in devices)
    total = sum(device.total_bytes for device in devices)
    return _FITS if needed <= free else _SLOW if needed <= 2 * total else _LARGE


def card_mark(card: Card, machine: Machine | None, plans: Mapping[str, FitPlan]) -> FitMark | None:
    """Return whether a card's model fits here: as its best variant was checked, or by its usual size."""
    plan = plans.get(card.id)
    return mark_of(plan) if plan else size_mark(usual_bytes(card), machine)


def usual_bytes(card: Card) -> int:
    """Return the size of the variant most people would take of a model."""
    sizes = {variant.quantization: variant.size_gb for variant in card.variants}
    if sizes:
        return round(sizes.get("Q4_K_M", min(sizes.values())) * _GB)
    return round(card.parameters.total * _USUAL_BITS / 8)


def is_usable(card: Card, machine: Machine) -> bool:
    """Whether it would write fast enough: what a token touches, read from the fastest memory that holds it all."""
    size = usual_bytes(card)
    touched = size * card.parameters.active / card.parameters.total
    fast = [device.bandwidth or _USUAL_BANDWIDTH for device in machine.devices if device.free_bytes >= size]
    slow = [device.bandwidth or _USUAL_BANDWIDTH for device in machine.devices]
    return max(fast or [min(slow)]) / touched >= _USABLE_SPEED


def sorted_cards(cards: Sequence[Card], machine: Machine | None, plans: Mapping[str, FitPlan]) -> list[Card]:
    """Return the cards, the best that fit here first.

    Of those that fit, the fast enough before the others and the largest first; of what does not fit, the smallest.
    """

    def rank(card: Card) -> tuple[int, bool, int]:
        mark = card_mark(card, machine, plans)
        place = _RANKS.get(mark.color, 0) if mark else 0
        is_slow = machine is not None and place == 0 and not is_usable(card, machine)
        return place, is_slow, -card.parameters.total if place == 0 else card.parameters.total

    return sorted(cards, key=rank)
