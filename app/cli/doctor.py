"""``sawhorse doctor``: what this machine and this installation can do, in figures."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import apsw
import msgspec
import psutil

from app.cli.waiting import waiting_engine
from app.engine.llama.hardware import memory_limit
from app.engine.messages import Devices
from app.errors import AppError
from app.fit.record import RECORDS, RecordStore, summary
from app.models import find_starter
from app.paths import find_paths
from app.tools.sandbox.find import find_sandbox

GB = 1e9
_ENGINE_SECONDS = 20.0  # a driver that hangs is a finding too
_PACKAGES = ("PySide6-Essentials", "llama-cpp-python", "jinja2", "msgspec", "markdown-it-py", "pygments")
_CPU_FLAGS = (
    "sse4_2",
    "avx",
    "avx2",
    "f16c",
    "fma",
    "avx512f",
    "avx512_vnni",
    "avx512_bf16",
    "amx_tile",
    "asimd",
    "sve",
)


def run(*, as_json: bool) -> int:
    """Print the findings; a finding that could not be made says why, and the others are still there."""
    findings = {name: _found(find) for name, find in _FINDERS.items()}
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(findings), indent=2).decode())
        return 0
    for name, values in findings.items():
        print(name.replace("_", " ").capitalize())
        for label, value in values.items():
            print(f"  {label.removesuffix('_bytes').replace('_', ' '):<22} {_words(label, value)}")
        print()
    return 0


def _found(find: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return find()
    except (AppError, OSError, subprocess.SubprocessError) as error:
        return {"problem": str(error)}


def _system() -> dict[str, Any]:
    return {
        "sawhorse": _installed("sawhorse"),
        "python": f"{platform.python_version()} ({sys.executable})",
        "os": platform.platform(),
        **{name: _installed(name) for name in _PACKAGES},
        "sqlite": apsw.sqlite_lib_version(),
    }


def _processor() -> dict[str, Any]:
    model, flags = _cpu_description()
    frequency = psutil.cpu_freq() if hasattr(psutil, "cpu_freq") else None
    return {
        "model": model,
        "physical_cores": psutil.cpu_count(logical=False),
        "logical_cores": psutil.cpu_count(),
        "usable_cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "instructions": [flag for flag in _CPU_FLAGS if flag in flags],
        "max_mhz": round(frequency.max) if frequency and frequency.max else None,
    }


def _cpu_description() -> tuple[str, set[str]]:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine(), set()
    fields: dict[str, str] = {}
    for line in lines:
        name, _sign, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    flags = fields.get("flags") or fields.get("Features") or ""
    return fields.get("model name") or platform.machine(), set(flags.split())


def _memory() -> dict[str, Any]:
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    return {
        "total_bytes": memory.total,
        "available_bytes": memory.available,
        "swap_total_bytes": swap.total,
        "container_limit_bytes": memory_limit(),
    }


def _engine() -> dict[str, Any]:
    with waiting_engine() as engine:
        devices = engine.last(engine.engine.list_devices(), limit_s=_ENGINE_SECONDS)
    if not isinstance(devices, Devices):
        return {"problem": "the engine gave no answer"}
    listed = {f"device_{device.name}": msgspec.to_builtins(device) for device in devices.devices}
    return {"llama.cpp": devices.llama_cpp_version, "build": _features(devices.system_info), **listed}


def _features(system_info: str) -> list[str]:
    """Return what is on in llama.cpp's "CPU : AVX2 = 1 | FMA = 1 |", with what stands before a colon."""
    parts = re.split(r"\s*[|:]\s*", system_info)
    return [part.removesuffix(" = 1") for part in parts if part and not part.endswith(" = 0")]


def _places() -> dict[str, Any]:
    paths = find_paths()
    disk = shutil.disk_usage(paths.data)
    found: dict[str, Any] = {
        "data": str(paths.data),
        "settings": str(paths.settings),
        "models": str(paths.models),
        "logs": str(paths.logs),
        "disk_free_bytes": disk.free,
        "disk_total_bytes": disk.total,
    }
    if paths.notice:
        found["note"] = paths.notice
    try:
        found["starter_model"] = str(find_starter())
    except AppError as error:
        found["starter_model"] = error.title
    return found


def _fit() -> dict[str, Any]:
    """Say how far the fit check's predictions of memory were off, over the loads that were recorded."""
    found = summary(RecordStore(find_paths().data / RECORDS).read())
    return {name: f"{value:.2%}" if name.endswith("_error") else value for name, value in found.items()}


def _display() -> dict[str, Any]:
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_SESSION_TYPE")
    found = {name: os.environ[name] for name in names if os.environ.get(name)}
    if sys.platform in {"win32", "darwin"}:
        return {"display": "the system's own", **found}
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return {"display": "yes" if has_display else "none: the window cannot open, `sawhorse tour` can", **found}


def _sandbox() -> dict[str, Any]:
    """Run a command in it rather than look for it: it may be there and not be allowed to work."""
    state = find_sandbox().state
    found: dict[str, Any] = {
        "commands_are_held_by": "nothing" if state.kind == "none" else state.kind,
        "network_can_be_cut": "yes" if state.can_cut_network else "no",
        "what_it_holds": state.message,
    }
    return {**found, "hint": state.hint} if state.hint else found


_FINDERS: dict[str, Callable[[], dict[str, Any]]] = {
    "system": _system,
    "processor": _processor,
    "memory": _memory,
    "engine": _engine,
    "fit": _fit,
    "places": _places,
    "display": _display,
    "sandbox": _sandbox,
}


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _words(label: str, value: Any) -> str:
    match value:
        case None:
            return "-"
        case dict():
            kind, about = value.get("kind", ""), value.get("description", "")
            free, total = value.get("free_bytes", 0), value.get("total_bytes", 0)
            return f"{kind}, {about}, {free / GB:.1f} of {total / GB:.1f} GB free"
        case list():
            return " ".join(map(str, value)) or "-"
        case int() if label.endswith("_bytes"):
            return f"{value / GB:,.1f} GB" if value else "none"
        case _:
            return str(value)
