"""Adds up what a load takes of each device, part by part. Pure; sizes in bytes."""

from __future__ import annotations

import msgspec

from app.engine.messages import LoadSettings
from app.fit.dry_run import DryRunDone
from app.fit.layout import ModelLayout
from app.fit.placement import CPU, DeviceWeights, place
from app.fit.values import PARTS, DevicePlan, Machine, MachineDevice, Part

#: Left free on every GPU: for its driver's own needs, which differ, and for what the desktop takes meanwhile.
GPU_MARGIN_BYTES = 1024**3
#: Left free in memory: for the engine's own code and vocabulary, and for the rest of the system.
CPU_MARGIN_BYTES = 1024**3
#: Repacking is refused unless this stays free beside it: it cannot be given back under pressure, mapped pages can.
REPACK_MARGIN_BYTES = 2 * 1024**3
#: The least tokens between two checkpoints; so many a context can hold at most, however many fit the limit.
_CHECKPOINT_TOKENS = 64
#: A conversation shorter than this is not saved (``app.engine.llama.cache_plan.WORTHWHILE_TOKENS``).
_SAVED_TOKENS = 64


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """What a load takes: a plan for each device, the CPU first, and the weights they were made of."""

    devices: tuple[DevicePlan, ...]
    weights: dict[str, DeviceWeights]

    @property
    def cpu(self) -> DevicePlan:
        """The machine's own memory."""
        return self.devices[0]


def add_up(layout: ModelLayout, run: DryRunDone, settings: LoadSettings, machine: Machine) -> Need:
    """Return what a load takes of each device.

    Args:
        run: llama.cpp's plan for ``settings``.
    """
    weights = place(layout, run, settings)
    parts: dict[str, dict[Part, int]] = {CPU: {}}

    def add(device: str, part: Part, size: int) -> None:
        if size:
            of_device = parts.setdefault(device, {})
            of_device[part] = of_device.get(part, 0) + size

    for device, lying in weights.items():
        add(device, "weights", lying.total)
    for cache in run.caches:
        count = sum(cache.layers.values())
        for device, layers in cache.layers.items():
            add(device, "kv_cache", round(cache.size_bytes * layers / count))
    buffers: dict[Part, dict[str, int]] = {
        "recurrent_state": run.recurrent, "compute": run.compute, "output": run.output
    }  # fmt: skip
    for part, sizes in buffers.items():
        for device, size in sizes.items():
            add(device, part, size)
    add(CPU, "checkpoints", checkpoint_total(run, settings))
    add(CPU, "prompt_cache", prompt_cache_total(run, settings))
    known = {device.name: device for device in machine.devices}
    names = dict.fromkeys([CPU, *(name for name in known if name in parts), *parts])
    return Need(
        devices=tuple(_device_plan(known.get(name), name, parts.get(name, {}), weights.get(name)) for name in names),
        weights=weights,
    )


def checkpoint_total(run: DryRunDone, settings: LoadSettings) -> int:
    """Return the most our prompt cache takes for checkpoints: as many as fit its limit."""
    each = run.checkpoint_bytes
    if not run.needs_checkpoints or not 0 < each <= settings.checkpoint_bytes:
        return 0
    return each * min(settings.checkpoint_bytes // each, max(4, run.n_ctx // _CHECKPOINT_TOKENS))


def prompt_cache_total(run: DryRunDone, settings: LoadSettings) -> int:
    """Return the most our prompt cache takes for other conversations; nothing if not even a short one fits."""
    fixed = sum(run.recurrent.values())
    least = fixed + (run.state_bytes - fixed) * _SAVED_TOKENS // max(1, run.n_ctx)
    return settings.prompt_cache_bytes if least <= settings.prompt_cache_bytes else 0


def should_repack(layout: ModelLayout, run: DryRunDone, settings: LoadSettings, machine: Machine) -> bool:
    """Return whether weights on the CPU should be repacked, for faster prompts, at the price of being in memory.

    Only if there is anything to repack, and all the CPU's weights with everything else fit with room to spare; what
    is not repacked stays mapped, and needs to be in memory as well if it is not to be slow.
    """
    need = add_up(layout, run, msgspec.structs.replace(settings, use_extra_bufts=True), machine)
    return bool(need.weights[CPU].repacked) and has_room_to_repack(need)


def has_room_to_repack(need: Need) -> bool:
    """Return whether all that a load takes of memory, mapped weights included, fits with room to spare."""
    return need.cpu.needed_bytes + REPACK_MARGIN_BYTES <= need.cpu.free_bytes


def _device_plan(
    device: MachineDevice | None, name: str, parts: dict[Part, int], weights: DeviceWeights | None
) -> DevicePlan:
    return DevicePlan(
        name=name,
        description=device.description if device else "",
        kind=device.kind if device else "gpu",
        total_bytes=device.total_bytes if device else 0,
        free_bytes=device.free_bytes if device else 0,
        parts={part: parts[part] for part in PARTS if part in parts},
        mapped_bytes=weights.mapped if weights else 0,
        mapped_span=weights.span if weights else 0,
    )
