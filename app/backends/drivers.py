"""Asks the GPU drivers of this machine what they offer. A driver may hang: this is for a child process."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import pynvml

from app.backends.values import Drivers

_LOADER = {"win32": "vulkan-1.dll", "darwin": "libvulkan.1.dylib"}.get(sys.platform, "libvulkan.so.1")
#: ``VkStructureType`` and ``VkPhysicalDeviceType`` of vulkan_core.h.
_INSTANCE_CREATE_INFO = 1
_INTEGRATED, _DISCRETE, _VIRTUAL = 1, 2, 3
#: ``VkPhysicalDeviceProperties``: five numbers, then the name, which has 256 bytes; all of it is below 1 KiB.
_PROPERTIES_BYTES, _TYPE_AT, _NAME_AT, _NAME_BYTES = 1024, 16, 20, 256


def find_drivers() -> Drivers:
    """Return what NVIDIA's driver and Vulkan's offer."""
    notes: list[str] = []
    return Drivers(cuda=_cuda(notes), vulkan=tuple(_vulkan(notes)), notes=tuple(notes))


def cuda_version(number: int) -> str:
    """Return NVML's number of a CUDA version, such as 12080, as it is written: "12.8"."""
    return f"{number // 1000}.{number % 1000 // 10}"


def _cuda(notes: list[str]) -> str:
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        if not isinstance(error, pynvml.NVMLError_LibraryNotFound):
            notes.append(f"NVIDIA's driver does not answer: {error}.")
        return ""
    try:
        has_gpu = pynvml.nvmlDeviceGetCount() > 0
        return cuda_version(pynvml.nvmlSystemGetCudaDriverVersion_v2()) if has_gpu else ""
    except pynvml.NVMLError as error:
        notes.append(f"NVIDIA's driver does not tell its version: {error}.")
        return ""
    finally:
        pynvml.nvmlShutdown()


class _InstanceInfo(ctypes.Structure):
    """``VkInstanceCreateInfo``, of which the type alone is set."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("flags", ctypes.c_uint32),
        ("application", ctypes.c_void_p),
        ("layer_count", ctypes.c_uint32),
        ("layers", ctypes.c_void_p),
        ("extension_count", ctypes.c_uint32),
        ("extensions", ctypes.c_void_p),
    )


def _vulkan(notes: list[str]) -> list[str]:
    try:
        loader = ctypes.CDLL(_LOADER)
    except OSError:
        return []
    instance = ctypes.c_void_p()
    info = _InstanceInfo(type=_INSTANCE_CREATE_INFO)
    if result := loader.vkCreateInstance(ctypes.byref(info), None, ctypes.byref(instance)):
        notes.append(f"Vulkan does not start (VkResult {result}).")
        return []
    try:
        return [name for kind, name in _devices(loader, instance) if kind in {_INTEGRATED, _DISCRETE, _VIRTUAL}]
    finally:
        loader.vkDestroyInstance(instance, None)


def _devices(loader: Any, instance: ctypes.c_void_p) -> list[tuple[int, str]]:
    count = ctypes.c_uint32()
    loader.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), None)
    handles = (ctypes.c_void_p * count.value)()
    loader.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), handles)
    return [_described(loader, handle) for handle in handles if handle]


def _described(loader: Any, handle: int) -> tuple[int, str]:
    """Return a device's type and name. Software renderers are of another type than any GPU."""
    properties = (ctypes.c_uint64 * (_PROPERTIES_BYTES // 8))()  # aligned as the structure is
    loader.vkGetPhysicalDeviceProperties(ctypes.c_void_p(handle), properties)
    data = bytes(properties)
    name = data[_NAME_AT : _NAME_AT + _NAME_BYTES].split(b"\0")[0].decode("utf-8", "replace")
    return int.from_bytes(data[_TYPE_AT : _TYPE_AT + 4], sys.byteorder), name
