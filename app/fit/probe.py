"""Finds out what this machine has: memory, limits, disk, speeds; and puts that together with llama.cpp's devices."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import psutil

from app.engine.llama.hardware import available_bytes, compute_threads, memory_limit
from app.engine.messages import Device
from app.fit import bandwidth, gpus
from app.fit.gpus import GpuFacts
from app.fit.values import Machine, MachineDevice
from app.ipc.job import JobEvent


class SystemFound(JobEvent, tag="system", frozen=True, kw_only=True):
    """The machine without llama.cpp's devices; sizes in bytes, bandwidths in bytes per second."""

    total_bytes: int
    available_bytes: int
    limit_bytes: int | None
    swap_total_bytes: int
    swap_free_bytes: int
    others: tuple[tuple[str, int], ...]
    disk_free_bytes: int
    memory_bandwidth: float
    disk_bandwidth: float
    physical_cores: int
    gpus: tuple[GpuFacts, ...]
    notes: tuple[str, ...] = ()


def find_system(models: Path, cache: Path, *, with_drivers: bool = True) -> SystemFound:
    """Return what can be found out without llama.cpp; takes seconds the first time, when speeds are measured.

    Args:
        models: Where models are downloaded to.
        cache: Where measured speeds are kept.
        with_drivers: Ask the GPUs' drivers too.
    """
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    cores = compute_threads()
    found, notes = gpus.find_gpus() if with_drivers else ([], ["The GPUs' drivers do not answer."])
    free = available_bytes()  # before measuring takes some of it
    disk_speed = bandwidth.kept_disk_bandwidth(cache, models)
    if not disk_speed:
        notes.append("The disk's speed could not be measured past the system's cache.")
    return SystemFound(
        total_bytes=int(memory.total),
        available_bytes=free,
        limit_bytes=memory_limit(),
        swap_total_bytes=int(swap.total),
        swap_free_bytes=int(swap.free),
        others=_largest_processes(),
        disk_free_bytes=shutil.disk_usage(models).free,
        memory_bandwidth=bandwidth.kept_memory_bandwidth(cache, cores),
        disk_bandwidth=disk_speed,
        physical_cores=cores,
        gpus=tuple(found),
        notes=tuple(notes),
    )


def _largest_processes(count: int = 3) -> tuple[tuple[str, int], ...]:
    sizes: list[tuple[int, str]] = []
    for process in psutil.process_iter(["name", "memory_info"]):
        info = process.info["memory_info"]
        if info is not None:
            sizes.append((int(info.rss), process.info["name"] or "?"))
    return tuple((name, size) for size, name in sorted(sizes, reverse=True)[:count])


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
    facts = gpus.match(device.total_bytes, device.description, system.gpus)
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
