"""What drivers tell of GPUs beyond llama.cpp: names, who else uses their memory, and how fast it is.

NVML through nvidia-ml-py, which is pure Python and loads the driver's library if there is one; amdgpu through sysfs.
A driver that hangs hangs this process, which is why it is a child with a time limit.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pynvml

from app.fit.messages import GpuFacts

_SYSFS = Path("/sys/class/drm")


def find_gpus() -> tuple[list[GpuFacts], list[str]]:
    """Return what drivers tell, and sentences on what they could not."""
    notes: list[str] = []
    nvidia: list[GpuFacts] = []
    try:
        nvidia = list(_nvidia())
    except pynvml.NVMLError as error:
        if not isinstance(error, pynvml.NVMLError_LibraryNotFound):
            notes.append(f"NVIDIA's driver does not answer: {error}.")
    return [*nvidia, *amd(_SYSFS)], notes


def _nvidia() -> Iterator[GpuFacts]:
    pynvml.nvmlInit()
    try:
        for index in range(pynvml.nvmlDeviceGetCount()):
            handle = pynvml.nvmlDeviceGetHandleByIndex(index)
            memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
            name = pynvml.nvmlDeviceGetName(handle)
            yield GpuFacts(
                name=name.decode() if isinstance(name, bytes) else name,
                total_bytes=int(memory.total),
                used_bytes=int(memory.used),
                bandwidth=_nvidia_bandwidth(handle),
                others=tuple(_nvidia_users(handle)),
            )
    finally:
        pynvml.nvmlShutdown()


def _nvidia_bandwidth(handle: Any) -> float:
    """Two transfers a clock over the width of the bus: 3.35 TB/s for an H100, 1.01 for an RTX 4090."""
    with contextlib.suppress(pynvml.NVMLError):
        megahertz = pynvml.nvmlDeviceGetMaxClockInfo(handle, pynvml.NVML_CLOCK_MEM)
        bits = pynvml.nvmlDeviceGetMemoryBusWidth(handle)
        return float(2e6 * megahertz * bits / 8)
    return 0.0


def _nvidia_users(handle: Any) -> Iterator[tuple[str, int]]:
    used: dict[int, int] = {}
    for running in (pynvml.nvmlDeviceGetComputeRunningProcesses, pynvml.nvmlDeviceGetGraphicsRunningProcesses):
        with contextlib.suppress(pynvml.NVMLError):
            for process in running(handle):
                if process.usedGpuMemory:
                    used[process.pid] = max(used.get(process.pid, 0), int(process.usedGpuMemory))
    for pid, size in sorted(used.items(), key=lambda item: -item[1])[:5]:
        try:
            yield psutil.Process(pid).name(), size
        except psutil.Error:
            yield f"process {pid}", size


def amd(sysfs: Path) -> list[GpuFacts]:
    """Return what the amdgpu driver says in ``/sys/class/drm``."""
    found = []
    for device in sorted(sysfs.glob("card*/device")):
        total, used = _number(device / "mem_info_vram_total"), _number(device / "mem_info_vram_used")
        if total:
            name = _text(device / "product_name") or "AMD GPU"
            found.append(GpuFacts(name=name, total_bytes=total, used_bytes=used))
    return found


def _number(path: Path) -> int:
    text = _text(path)
    return int(text) if text.isdigit() else 0


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
