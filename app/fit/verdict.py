"""Says whether a load fits, why, and by how much it does not. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.messages import LoadSettings
from app.fit.dry_run import DryRunDone
from app.fit.layout import ModelLayout
from app.fit.memory import CPU_MARGIN_BYTES, GPU_MARGIN_BYTES, Need
from app.fit.placement import CPU
from app.fit.values import DevicePlan, Machine, Speed, Verdict

GB = 1e9


@dataclass(frozen=True)
class Judgement:
    """A verdict, its reason for people, and what is short where."""

    verdict: Verdict
    reason: str
    short_bytes: int = 0
    short_device: str = ""


def judge(
    layout: ModelLayout, run: DryRunDone, settings: LoadSettings, need: Need, machine: Machine, speed: Speed | None
) -> Judgement:
    """Return the verdict on a load."""
    short = [(missing, plan) for plan in need.devices if (missing := _missing(plan, settings, need, machine)) > 0]
    if short:
        missing, plan = max(short, key=lambda pair: pair[0])
        return _too_large(missing, plan, settings)
    cpu = need.cpu
    in_memory = cpu.needed_bytes + CPU_MARGIN_BYTES <= cpu.free_bytes
    where = _placement_words(layout, run, settings)
    if not in_memory:
        return Judgement("mapped", _mapped_words(need, speed))
    amounts = "; ".join(_amount(plan) for plan in need.devices if plan.needed_bytes)
    is_offloaded = bool(where) and any(plan.name != CPU and plan.parts.get("weights") for plan in need.devices)
    if is_offloaded:
        return Judgement("fits_with_offload", f"Fits with {where}: {amounts}.")
    return Judgement("fits", f"Fits: {amounts}.")


def _missing(plan: DevicePlan, settings: LoadSettings, need: Need, machine: Machine) -> int:
    """Bytes that are short on a device; pages of the file do not count, they need not stay in memory unless locked."""
    if plan.name != CPU:
        if not plan.parts.get("weights") and plan.needed_bytes <= plan.free_bytes:
            return 0
        return plan.needed_bytes + GPU_MARGIN_BYTES - plan.free_bytes
    shared = sum(other.needed_bytes for other in need.devices if _shares_memory(other, machine))
    pages = 0 if settings.use_mlock else plan.mapped_bytes
    return plan.needed_bytes - pages + shared + CPU_MARGIN_BYTES - plan.free_bytes


def _shares_memory(plan: DevicePlan, machine: Machine) -> bool:
    return any(device.name == plan.name and device.shares_memory for device in machine.devices)


def _too_large(missing: int, plan: DevicePlan, settings: LoadSettings) -> Judgement:
    what = "memory" if plan.name == CPU else f"{plan.name} memory"
    margin = CPU_MARGIN_BYTES if plan.name == CPU else GPU_MARGIN_BYTES
    needed = plan.needed_bytes - (plan.mapped_bytes if plan.name == CPU and not settings.use_mlock else 0)
    reason = (
        f"Does not fit: {missing / GB:,.1f} GB of {what} short. It needs {needed / GB:,.1f} GB and a margin of "
        f"{margin / GB:.1f} GB; {plan.free_bytes / GB:,.1f} GB are free."
    )
    return Judgement("too_large", reason, missing, plan.name)


def _mapped_words(need: Need, speed: Speed | None) -> str:
    cpu = need.cpu
    room = max(0, cpu.free_bytes - (cpu.needed_bytes - cpu.mapped_bytes) - CPU_MARGIN_BYTES)
    words = (
        f"Runs mapped from disk: {cpu.mapped_bytes / GB:,.1f} GB of weights share {room / GB:,.1f} GB of memory, and "
        "what does not fit is read again as it is needed."
    )
    if speed is None:
        return f"{words} How slow that is depends on the disk, whose speed is not known."
    return f"{words} That makes about {_speed_words(speed)} tokens a second."


def _speed_words(speed: Speed) -> str:
    digits = 1 if speed.estimate < 10 else 0
    return f"{speed.low:.{digits}f} to {speed.high:.{digits}f}"


def _placement_words(layout: ModelLayout, run: DryRunDone, settings: LoadSettings) -> str:
    """Return what is on the CPU that could be on a GPU; empty if nothing is."""
    blocks = sum(device == CPU for device in run.layers[:-1])
    experts = min(settings.n_cpu_moe, layout.outline.n_layer) if layout.outline.n_expert_layer else 0
    words = []
    if experts:
        words.append(f"the experts of {experts} of {layout.outline.n_layer} layers on the CPU")
    if blocks:
        words.append(f"{blocks} of {layout.outline.n_layer} layers on the CPU")
    if not words and run.overridden:
        words.append(f"{len(run.overridden)} tensors elsewhere")
    return " and ".join(words)


def _amount(plan: DevicePlan) -> str:
    where = "memory" if plan.name == CPU else plan.name
    return f"{plan.needed_bytes / GB:,.1f} of {plan.free_bytes / GB:,.1f} GB free in {where}"
