"""What can be chosen of a model: what a repository offers, joined with what is on disk and what is coming. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from msgspec.structs import replace

from app.catalog.cards import Card
from app.catalog.variants import LocalModel, Repository, Variant
from app.download.values import Download, DownloadState
from app.fit.values import FitPlan, ModelSource, Speed, Verdict
from ui.models.card_facts import PLACE_WORDS
from ui.models.fit_words import FitMark
from ui.models.variant_model import VariantRow, VariantState

_GB = 1_000_000_000
#: More bits per weight than this cost memory and speed, and buy nothing that can be noticed.
_MOST_USEFUL_BITS = 9.0
_STATES: dict[DownloadState, VariantState] = {
    "queued": "queued",
    "checking": "queued",
    "running": "running",
    "paused": "paused",
    "waiting": "waiting",
    "verifying": "verifying",
    "failed": "failed",
    "done": "away",  # it is found on disk by then
}


@dataclass(frozen=True)
class Choice:
    """A variant that can be chosen.

    Attributes:
        key: Names it among the choices of its model.
        variant: As a repository offers it; None for what is only on disk, or known from a card alone.
        local: On disk; None for what is not.
    """

    key: str
    quantization: str
    size_bytes: int
    files: int = 1
    variant: Variant | None = None
    local: LocalModel | None = None
    download: Download | None = None
    is_rounded: bool = False

    @property
    def source(self) -> ModelSource | None:
        """Where its headers can be read; None where nowhere."""
        if self.local is not None and not self.local.missing:
            return ModelSource(paths=self.local.files)
        if self.variant is not None:
            return ModelSource(files=self.variant.files)
        return None

    @property
    def state(self) -> VariantState:
        """Where it is."""
        if self.download is not None and self.download.state != "done":
            return _STATES[self.download.state]
        if self.local is not None:
            return "incomplete" if self.local.missing else "here"
        return "away"


def choices_of(
    repository: Repository | None,
    locals_: Sequence[LocalModel],
    downloads: Sequence[Download],
    card: Card | None = None,
) -> list[Choice]:
    """Return the choices of a model, smallest first.

    Args:
        repository: What was listed; None: the card's own, rounded figures are used.
        locals_: Models on disk that belong to it; those the repository does not offer are choices of their own.
        downloads: All of them.
    """
    rest = list(locals_)
    choices: list[Choice] = []
    for variant in repository.variants if repository else ():
        local = _take(rest, partial(_is_same, variant=variant))
        download = next((one for one in downloads if _key(one.variant) == _key(variant)), None)
        choices.append(
            Choice(
                key=variant.quantization,
                quantization=variant.quantization,
                size_bytes=variant.size_bytes,
                files=len(variant.files),
                variant=variant,
                local=local,
                download=download,
            )
        )
    if repository is None and card is not None:
        for known in card.variants:
            name = known.quantization
            local = _take(rest, partial(_is_named, name=name))
            size = local.size_bytes if local else round(known.size_gb * _GB)
            choices.append(Choice(name, name, size, local=local, is_rounded=local is None))
    choices += [_local_choice(local) for local in rest]
    return sorted(choices, key=lambda choice: (choice.size_bytes, choice.key))


def best_choice(choices: Sequence[Choice], plans: Mapping[str, FitPlan], bits: Mapping[str, float]) -> str:
    """Return the key of the best choice; empty for none.

    The best that fits: all in fast memory before partly, and of those the closest to the original that still buys
    something. Where nothing fits, the smallest. What is known of no plan counts last.
    """
    order = {"fits": 0, "fits_with_offload": 1, "mapped": 2, "too_large": 3}

    def rank(choice: Choice) -> tuple[int, float]:
        plan = plans.get(choice.key)
        if plan is None:
            return 4, choice.size_bytes
        place = order[plan.verdict]
        useful = bits.get(choice.key, 0.0) <= _MOST_USEFUL_BITS
        if place >= 2:
            return place, choice.size_bytes
        return place, (-choice.size_bytes if useful else choice.size_bytes)

    if not choices:
        return ""
    if not plans:
        usual = next((choice for choice in choices if choice.quantization.endswith("Q4_K_M")), None)
        return (usual or choices[0]).key
    return min(choices, key=rank).key


def first_choice(choices: Sequence[Choice], plans: Mapping[str, FitPlan], bits: Mapping[str, float]) -> str:
    """Return the key of the choice to begin with: the best that fits of those on disk, else of all; empty for none."""
    here = [choice for choice in choices if choice.state == "here"]
    fitting = [one for one in here if one.key in plans and plans[one.key].verdict in {"fits", "fits_with_offload"}]
    unknown = [choice for choice in here if choice.key not in plans]
    return best_choice(fitting or unknown or choices, plans, bits)


def row_of(
    choice: Choice,
    plan: FitPlan | None,
    mark: FitMark,
    described: Any,
    n_params: int,
    *,
    is_best: bool,
) -> VariantRow:
    """Return a choice as the table shows it."""
    bits = 8 * choice.size_bytes / n_params if n_params else (described.bits or 0.0)
    download = choice.download
    return VariantRow(
        key=choice.key,
        quantization=choice.quantization or choice.key,
        size_bytes=choice.size_bytes,
        bits_per_weight=bits,
        quality=described.cost,
        mark=mark,
        why=plan.reason if plan else "",
        speed=plan.generation_speed if plan else None,
        state=choice.state,
        share=download.done_bytes / max(1, choice.size_bytes) if download else 0.0,
        files=choice.files,
        place=PLACE_WORDS[choice.local.place] if choice.local else "",
        is_rounded=choice.is_rounded,
        is_best=is_best,
    )


def scaled(plan: FitPlan, size_bytes: int, known_bytes: int) -> FitPlan:
    """Return about what another quantization of the same model needs: the same, but for its weights.

    Args:
        known_bytes: The size of the variant that ``plan`` is of.
    """
    ratio = size_bytes / max(1, known_bytes)
    devices = tuple(
        replace(
            device,
            parts={part: round(size * ratio) if part == "weights" else size for part, size in device.parts.items()},
            mapped_bytes=round(device.mapped_bytes * ratio),
        )
        for device in plan.devices
    )
    over = {device.name: device.needed_bytes - device.free_bytes for device in devices}
    mapped = sum(device.mapped_bytes for device in devices if over[device.name] > 0)
    short = sum(max(0, size) for size in over.values())
    room = sum(max(0, -size) for size in over.values())
    verdict: Verdict
    if short <= 0:
        verdict = plan.verdict if plan.verdict in {"fits", "fits_with_offload"} else "fits"
    elif short <= room:
        verdict = "fits_with_offload"
    else:
        verdict = "mapped" if mapped >= short else "too_large"
    return replace(
        plan,
        devices=devices,
        verdict=verdict,
        method="formula",
        reason="An estimate from the check of another variant; choose this one to have it checked exactly.",
        short_bytes=max(0, short - room) if verdict == "too_large" else 0,
        short_device="",
        changes=(),
        prompt_speed=None,
        generation_speed=_slower(plan, ratio) if verdict == plan.verdict else None,
    )


def _slower(plan: FitPlan, ratio: float) -> Speed | None:
    speed = plan.generation_speed
    return (
        replace(speed, low=speed.low / ratio, estimate=speed.estimate / ratio, high=speed.high / ratio)
        if speed
        else None
    )


def _key(variant: Variant) -> tuple[str, str, str]:
    return variant.source, variant.repository.lower(), variant.quantization


def _is_same(local: LocalModel, variant: Variant) -> bool:
    """Whether a model on disk is this variant: as large to the byte, and by its name or place."""
    if local.size_bytes != variant.size_bytes and not local.missing:
        return False
    same_repository = local.repository.lower() == variant.repository.lower()
    same_name = local.quantization.upper() == variant.quantization.upper()
    return same_name or (same_repository and not local.missing)


def _is_named(local: LocalModel, name: str) -> bool:
    return local.quantization.upper() == name.upper()


def _take(models: list[LocalModel], is_wanted: Callable[[LocalModel], bool]) -> LocalModel | None:
    found = next((model for model in models if is_wanted(model)), None)
    if found is not None:
        models.remove(found)
    return found


def _local_choice(local: LocalModel) -> Choice:
    return Choice(
        key=local.path,
        quantization=local.quantization or local.name,
        size_bytes=local.size_bytes,
        files=len(local.files),
        local=local,
    )
