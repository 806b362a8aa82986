"""Chooses a placement: context, GPU layers and experts on the CPU, for the best estimated speed. Pure.

What a person has set stays. Candidates are planned by arithmetic from one plan of llama.cpp's; what is chosen is then
planned by llama.cpp itself (``app.fit.service``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from app.engine.messages import LoadSettings
from app.fit.balance import balanced
from app.fit.layout import ModelLayout
from app.fit.placement import CPU
from app.fit.plan import Base, Corrections, quick_plan, used_gpus
from app.fit.values import Change, FitPlan, Machine

#: What coding tools are comfortable with; more only when asked for, since each prompt then may take minutes to read.
WANTED_CONTEXT = 65_536
LEAST_CONTEXT = 4_096
#: A larger context is preferred as long as it costs no more speed than this.
_WORTH = 0.9
_RANK = {"fits": 3, "fits_with_offload": 3, "mapped": 1, "too_large": 0}
Planner = Callable[[LoadSettings], FitPlan]


def best_settings(
    layout: ModelLayout,
    machine: Machine,
    wishes: Mapping[str, Any],
    base: Base | None = None,
    corrections: Corrections | None = None,
) -> LoadSettings:
    """Return the settings that make the most of this machine.

    Args:
        wishes: Fields of ``LoadSettings`` a person has set, by name.

    Raises:
        AppError: A tensor override is not a regular expression.
    """
    start = msgspec.structs.replace(LoadSettings(), **wishes)

    def plan(settings: LoadSettings) -> FitPlan:
        return quick_plan(layout, settings, machine, base, corrections)

    chosen: FitPlan | None = None
    for n_ctx in _contexts(layout, wishes):
        found = _best_placement(layout, machine, msgspec.structs.replace(start, n_ctx=n_ctx), wishes, plan)
        if chosen is None or _is_worth(found, chosen):
            chosen = found
    assert chosen is not None  # noqa: S101 - there is always one context to try
    return chosen.settings


def suggest(
    layout: ModelLayout,
    settings: LoadSettings,
    machine: Machine,
    base: Base | None = None,
    corrections: Corrections | None = None,
) -> tuple[Change, ...]:
    """Return changes of ``settings`` that would each make the model fit, the least painful first."""

    def plan(changed: LoadSettings) -> FitPlan:
        return quick_plan(layout, changed, machine, base, corrections)

    short_device = plan(settings).short_device
    found: list[Change] = []
    for words, candidates in _remedies(layout, settings, short_device):
        for changed in candidates:
            if _RANK[plan(changed).verdict]:
                found.append(Change(words=_filled(words, changed), settings=changed))
                break
    return tuple(found) or _together(layout, settings, short_device, plan)


def _together(layout: ModelLayout, settings: LoadSettings, short_device: str, plan: Planner) -> tuple[Change, ...]:
    """Return one change that is made of several, where none alone is enough; nothing if all of them are not."""
    changed, done = settings, dict[str, str]()
    while True:
        left = [(words, list(more)) for words, more in _remedies(layout, changed, short_device) if words not in done]
        if not left:
            return ()
        words, candidates = left[0]
        done[words] = ""
        if candidates:
            changed = candidates[-1]
            done[words] = _filled(words, changed)
        found = plan(changed)
        short_device = found.short_device
        if _RANK[found.verdict]:
            return (Change(words=", and ".join(filter(None, done.values())), settings=changed),)


def loosened(plan: FitPlan, wishes: Mapping[str, Any], layout: ModelLayout) -> LoadSettings | None:
    """Return settings that take less of a GPU which the exact plan found too small; None if all is as it must be."""
    if plan.verdict != "too_large" or plan.short_device == CPU:
        return None
    settings, n_layer = plan.settings, layout.outline.n_layer
    on_gpu = settings.n_gpu_layers if settings.n_gpu_layers >= 0 else n_layer + 1
    if layout.outline.n_expert_layer and "n_cpu_moe" not in wishes and settings.n_cpu_moe < n_layer:
        looser = msgspec.structs.replace(settings, n_cpu_moe=settings.n_cpu_moe + 1)
    elif "n_gpu_layers" not in wishes and on_gpu > 0:
        looser = msgspec.structs.replace(settings, n_gpu_layers=on_gpu - 1)
    else:
        return None
    gpus = [(device.name, device.free_bytes) for device in plan.devices if device.name != CPU]
    return balanced(layout, looser, gpus, wishes)


# --- candidates -------------------------------------------------------------------------------------------------


def _contexts(layout: ModelLayout, wishes: Mapping[str, Any]) -> list[int]:
    """Return the contexts to consider, ascending."""
    if "n_ctx" in wishes:
        return [wishes["n_ctx"]]
    most = min(layout.outline.n_ctx_train or LEAST_CONTEXT, WANTED_CONTEXT)
    sizes = [size for size in (LEAST_CONTEXT << step for step in range(12)) if size < most]
    return [*sizes, most]


def _is_worth(larger: FitPlan, smaller: FitPlan) -> bool:
    if _RANK[larger.verdict] != _RANK[smaller.verdict]:
        return _RANK[larger.verdict] > _RANK[smaller.verdict]
    return _speed(larger) >= _WORTH * _speed(smaller) and larger.verdict != "too_large"


def _speed(plan: FitPlan) -> float:
    return plan.generation_speed.estimate if plan.generation_speed else 0.0


def _best_placement(
    layout: ModelLayout, machine: Machine, settings: LoadSettings, wishes: Mapping[str, Any], plan: Planner
) -> FitPlan:
    plans = [plan(candidate) for candidate in _placements(layout, machine, settings, wishes, plan)]
    return max(plans, key=lambda found: (_RANK[found.verdict], _speed(found), -found.short_bytes))


def _placements(
    layout: ModelLayout, machine: Machine, settings: LoadSettings, wishes: Mapping[str, Any], plan: Planner
) -> Iterator[LoadSettings]:
    """Yield what may be best: all on the GPU; as few experts as must be on the CPU; as many layers as fit; CPU only."""
    gpus = used_gpus(machine, settings)
    yield settings
    if not gpus:
        return
    n_layer = layout.outline.n_layer

    def placed(**fields: int) -> LoadSettings:
        return balanced(layout, msgspec.structs.replace(settings, **fields), gpus, wishes)

    yield placed()
    experts: dict[str, int] = {}
    if layout.outline.n_expert_layer and "n_cpu_moe" not in wishes:
        experts["n_cpu_moe"] = _least(n_layer, lambda count: _fits_gpu(plan(placed(n_cpu_moe=count))))
        yield placed(**experts)
    if "n_gpu_layers" not in wishes:
        fewest = _least(n_layer + 1, lambda count: _fits_gpu(plan(placed(**experts, n_gpu_layers=n_layer + 1 - count))))
        yield placed(**experts, n_gpu_layers=n_layer + 1 - fewest)
        if "devices" not in wishes:  # no layer on a GPU still takes memory there for prompts; no device takes none
            yield msgspec.structs.replace(settings, n_gpu_layers=0, devices=())


def _fits_gpu(plan: FitPlan) -> bool:
    return plan.verdict != "too_large" or plan.short_device == "CPU"


def _least(most: int, is_enough: Callable[[int], bool]) -> int:
    """Return the least number up to ``most`` that is enough, by halving; ``most`` if none is."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        if is_enough(middle):
            high = middle
        else:
            low = middle + 1
    return high


def _filled(words: str, changed: LoadSettings) -> str:
    return words.format(
        context=f"{changed.n_ctx:,}", experts=_layers(changed.n_cpu_moe), on_gpu=_layers(changed.n_gpu_layers)
    )


def _layers(count: int) -> str:
    return "1 layer" if count == 1 else f"{count} layers"


def _remedies(
    layout: ModelLayout, settings: LoadSettings, short_device: str
) -> Iterator[tuple[str, Iterator[LoadSettings]]]:
    """Yield words for a change, and settings with more and more of it: what helps the device that is short."""
    replace = msgspec.structs.replace
    n_layer = layout.outline.n_layer
    is_cpu = short_device == CPU
    if is_cpu and (settings.use_extra_bufts or not settings.use_mmap):
        yield (
            "map the weights from disk instead of copying them",
            iter([replace(settings, use_extra_bufts=False, use_mmap=True, use_mlock=False)]),
        )
    if not is_cpu:
        if layout.outline.n_expert_layer:
            yield (
                "keep the experts of {experts} on the CPU",
                (replace(settings, n_cpu_moe=count) for count in range(settings.n_cpu_moe + 1, n_layer + 1)),
            )
        most = n_layer + 1 if settings.n_gpu_layers < 0 else min(settings.n_gpu_layers, n_layer + 1)
        yield (
            "put {on_gpu} on the GPU",
            (replace(settings, n_gpu_layers=count) for count in range(most - 1, -1, -1)),
        )
    for type_ in ("q8_0", "q4_0"):
        if settings.type_k == "f16" and settings.flash_attn != "off":
            yield (
                f"keep the KV cache in {type_}",
                iter([replace(settings, type_k=type_, type_v=type_)]),
            )
    yield (
        "take a context of {context} tokens",
        (replace(settings, n_ctx=n_ctx) for n_ctx in _smaller_contexts(layout, settings)),
    )
    if is_cpu and (settings.checkpoint_bytes or settings.prompt_cache_bytes):
        yield (
            "keep no conversations but the open one in memory, and few checkpoints of it",
            iter([replace(settings, prompt_cache_bytes=0, checkpoint_bytes=settings.checkpoint_bytes // 4)]),
        )


def _smaller_contexts(layout: ModelLayout, settings: LoadSettings) -> Iterator[int]:
    n_ctx = settings.n_ctx or layout.outline.n_ctx_train
    size = 1 << max(0, n_ctx - 1).bit_length()
    while (size := size // 2) >= LEAST_CONTEXT // 4:
        yield size
