"""From llama.cpp's plan of a load to the answer for people: devices, verdict, speeds. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from app.engine.messages import LoadSettings, Value
from app.fit.dry_run import DryRunDone
from app.fit.layout import ModelLayout
from app.fit.memory import add_up, should_repack
from app.fit.placement import CPU
from app.fit.predict import Gpus, formula_run, predict_run
from app.fit.speed import Correction, estimate, placement_kind
from app.fit.values import FitPlan, Machine, Method
from app.fit.verdict import judge

_ESTIMATED = "This is an estimate: this llama.cpp does not know the architecture “{}” and cannot load it yet."

Corrections = Mapping[str, Correction]


class Base(Value, frozen=True, kw_only=True):
    """A plan of llama.cpp's own and the settings it was made for: what others are predicted from."""

    settings: LoadSettings
    run: DryRunDone


def make_plan(
    layout: ModelLayout,
    run: DryRunDone,
    settings: LoadSettings,
    machine: Machine,
    method: Method = "dry_run",
    corrections: Corrections | None = None,
) -> FitPlan:
    """Return the answer for ``settings``, without changes.

    Args:
        run: llama.cpp's plan for ``settings``.
        corrections: By kind of placement, what was measured here before.
    """
    settings = resolved(layout, run, settings, machine)
    need = add_up(layout, run, settings, machine)
    kind = placement_kind(need)
    correction = (corrections or {}).get(kind) or Correction()
    prompt, generation = estimate(layout, run, settings, need, machine, correction)
    judgement = judge(layout, run, settings, need, machine, generation)
    unclear = f" {_ESTIMATED.format(layout.outline.architecture)}" if method == "formula" else ""
    return FitPlan(
        model=layout.outline.name,
        settings=settings,
        devices=need.devices,
        verdict=judgement.verdict,
        reason=judgement.reason + unclear,
        method=method,
        n_ctx=run.n_ctx,
        short_bytes=judgement.short_bytes,
        short_device=judgement.short_device,
        prompt_speed=prompt,
        generation_speed=generation,
        corrected_by=(correction.prompt, correction.generation),
        placement=kind,
    )


def quick_plan(
    layout: ModelLayout,
    settings: LoadSettings,
    machine: Machine,
    base: Base | None = None,
    corrections: Corrections | None = None,
) -> FitPlan:
    """Return the answer at once, by arithmetic: for a slider that moves, until llama.cpp's own comes.

    Args:
        base: llama.cpp's plan of the same model for other settings; without one, it is a formula's estimate.

    Raises:
        AppError: A tensor override is not a regular expression.
    """
    run = quick_run(layout, settings, machine, base)
    return make_plan(layout, run, settings, machine, "formula" if base is None else "dry_run", corrections)


def quick_run(layout: ModelLayout, settings: LoadSettings, machine: Machine, base: Base | None) -> DryRunDone:
    """Return what llama.cpp would plan, by arithmetic. Raises as ``quick_plan``."""
    gpus = used_gpus(machine, settings)
    if base is None:
        return formula_run(layout, settings, gpus)
    return predict_run(layout, base.run, base.settings, settings, gpus)


def resolved(layout: ModelLayout, run: DryRunDone, settings: LoadSettings, machine: Machine) -> LoadSettings:
    """Return ``settings`` with every None replaced by what is best here."""
    threads = machine.physical_cores
    repack = settings.use_extra_bufts
    return msgspec.structs.replace(
        settings,
        n_threads=settings.n_threads if settings.n_threads and settings.n_threads > 0 else threads,
        n_threads_batch=settings.n_threads_batch if (settings.n_threads_batch or 0) > 0 else threads,
        use_extra_bufts=should_repack(layout, run, settings, machine) if repack is None else repack,
    )


def used_gpus(machine: Machine, settings: LoadSettings) -> Gpus:
    """Return names and free bytes of the GPUs llama.cpp would use: integrated ones only where there is no other."""
    gpus = [device for device in machine.devices if device.kind == "gpu"] or [
        device for device in machine.devices if device.kind == "igpu"
    ]
    if settings.devices is not None:
        by_name = {device.name: device for device in machine.devices if device.name != CPU}
        gpus = [by_name[name] for name in settings.devices if name in by_name]
    return [(device.name, device.free_bytes) for device in gpus]
