"""Finds out what this machine has beside llama.cpp's devices: memory, limits, disk, speeds. For a child process."""

from __future__ import annotations

import shutil
from pathlib import Path

import psutil

from app.engine.llama.hardware import available_bytes, compute_threads, memory_limit
from app.fit import bandwidth, gpus
from app.fit.messages import SystemFound


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
