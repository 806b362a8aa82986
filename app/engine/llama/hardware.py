"""How many threads and how much memory the engine may count on, inside containers too."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

_CGROUP = Path("/sys/fs/cgroup")


def compute_threads() -> int:
    """Return the physical cores this process may use; more threads than those slow llama.cpp down."""
    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else physical
    return max(1, min(physical, allowed, _cgroup_cores() or physical))


def available_bytes() -> int:
    """Return the memory that can still be taken: what the system has free, or the container's rest."""
    available = int(psutil.virtual_memory().available)
    limit, used = _cgroup_number("memory.max"), _cgroup_number("memory.current")
    if limit is None or used is None:
        return available
    return min(available, max(0, limit - used))


def memory_limit() -> int | None:
    """Return the container's limit of memory in bytes; None for none."""
    return _cgroup_number("memory.max")


def _cgroup_number(name: str) -> int | None:
    try:
        text = (_CGROUP / name).read_text("ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _cgroup_cores() -> int | None:
    try:
        quota, period = (_CGROUP / "cpu.max").read_text("ascii").split()
    except (OSError, ValueError):
        return None
    return max(1, int(quota) // int(period)) if quota.isdigit() else None
