"""Puts what the probe found and llama.cpp's devices together to a machine."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import msgspec
import psutil

from app.engine.llama.hardware import available_bytes, compute_threads, memory_limit
from app.engine.messages import Device
from app.fit.messages import GpuFacts, SystemFound
from app.fit.values import Machine, MachineDevice


def with_released(machine: Machine, released: Mapping[str, int]) -> Machine:
    """Return the machine as it will be once a loaded model is gone: ``released`` are its bytes by device. Pure."""
    devices = tuple(
        msgspec.structs.replace(
            device, free_bytes=min(device.total_bytes, device.free_bytes + released.get(device.name, 0))
        )
        for device in machine.devices
    )
    return msgspec.structs.replace(machine, devices=devices)


def put_together(system: SystemFound, devices: Sequence[Device], problem: str = "") -> Machine:
    """Return the machine. Pure.

    Args:
        devices: llama.cpp's; none where it did not answer.
        problem: Why it did not, as a sentence.
    """
    total = min(system.total_bytes, system.limit_bytes or system.total_bytes)
    cpu = MachineDevice(
        name="CPU",
        description=next((device.description for device in devices if device.kind == "cpu"), "Memory"),
        kind="cpu",
        total_bytes=total,
        free_bytes=min(total, system.available_bytes),
        others=system.others,
        bandwidth=system.memory_bandwidth,
    )
    return Machine(
        devices=(cpu, *(_gpu(device, system) for device in devices if device.kind in {"gpu", "igpu"})),
        swap_total_bytes=system.swap_total_bytes,
        swap_free_bytes=system.swap_free_bytes,
        limit_bytes=system.limit_bytes,
        disk_free_bytes=system.disk_free_bytes,
        disk_bandwidth=system.disk_bandwidth,
        physical_cores=system.physical_cores,
        notes=(*system.notes, *([problem] if problem else ())),
    )


def _gpu(device: Device, system: SystemFound) -> MachineDevice:
    facts = match(device.total_bytes, device.description, system.gpus)
    shares = device.kind == "igpu" or (sys.platform == "darwin" and device.name.startswith(("MTL", "Metal")))
    speed = facts.bandwidth if facts else 0.0
    return MachineDevice(
        name=device.name,
        description=facts.name if facts and not device.description else device.description,
        kind="igpu" if device.kind == "igpu" else "gpu",
        total_bytes=device.total_bytes,
        free_bytes=device.free_bytes,
        others=facts.others if facts else (),
        bandwidth=system.memory_bandwidth if shares and not speed else speed,
        shares_memory=shares,
    )


def without_system(note: str) -> SystemFound:
    """Return the little that is certain, for when the probe itself does not answer."""
    memory = psutil.virtual_memory()
    return SystemFound(
        total_bytes=int(memory.total), available_bytes=available_bytes(), limit_bytes=memory_limit(),
        swap_total_bytes=0, swap_free_bytes=0, others=(), disk_free_bytes=0, memory_bandwidth=0.0,
        disk_bandwidth=0.0, physical_cores=compute_threads(), gpus=(), notes=(note,),
    )  # fmt: skip


def match(total_bytes: int, description: str, facts: Sequence[GpuFacts]) -> GpuFacts | None:
    """Return the facts of a llama.cpp device, by its size and name; the drivers number GPUs differently."""
    near = [gpu for gpu in facts if abs(gpu.total_bytes - total_bytes) <= 0.1 * gpu.total_bytes]
    named = [gpu for gpu in near if gpu.name in description or description in gpu.name]
    return next(iter(named or near), None)
