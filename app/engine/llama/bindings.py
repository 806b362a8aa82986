"""What llama_cpp's low-level module lacks: devices, buffer types and tensor overrides of ggml, typed.

The functions are those of ``ggml-backend.h``; the override struct is that of ``llama.h``.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import llama_cpp.llama_cpp as llama
from llama_cpp import _ctypes_extensions, _ggml

from app.engine.messages import Device, KvType
from app.errors import AppError
from app.ipc.launch import BACKEND_VARIABLE

#: ``enum ggml_type`` of ``ggml.h``, for the types a KV cache may have.
GGML_TYPES: dict[KvType, int] = {
    "f32": 0,
    "f16": 1,
    "q4_0": 2,
    "q4_1": 3,
    "q5_0": 6,
    "q5_1": 7,
    "q8_0": 8,
    "iq4_nl": 20,
    "bf16": 30,
}
#: ``enum ggml_backend_dev_type``.
DEVICE_KINDS = {0: "cpu", 1: "gpu", 2: "igpu", 3: "accel"}


class TensorOverride(ctypes.Structure):
    """``struct llama_model_tensor_buft_override``: tensors matching ``pattern`` go to ``buffer_type``."""

    _fields_ = (("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p))


def _library(name: str) -> ctypes.CDLL:
    """Return where a function of ggml is looked up: in the very copy of ggml that llama.cpp itself uses.

    Wheels hold each library of ggml twice, as ``libggml-base.so`` and ``libggml-base.so.0`` (their links became
    files). One opened by name would be a second ggml with a CPU buffer type of its own, which llama.cpp does not
    take for the CPU's: experts kept there would never be repacked. What is looked up through libllama is found
    among its own dependencies; Windows does not search those, but has each library once.
    """
    found: ctypes.CDLL
    if sys.platform == "win32":
        found = _ctypes_extensions.load_shared_library(name, _ggml.libggml_base_path)
    else:
        found = llama._lib  # noqa: SLF001 - the handle is not public
    return found


_base = _library("ggml-base")
_registry = _library("ggml")


def _function(library: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments
    return function


_backend_count = _function(_registry, "ggml_backend_reg_count", ctypes.c_size_t)
_load_backend = _function(_registry, "ggml_backend_load", ctypes.c_void_p, ctypes.c_char_p)
_load_backends_from = _function(_registry, "ggml_backend_load_all_from_path", None, ctypes.c_char_p)
_device_count = _function(_registry, "ggml_backend_dev_count", ctypes.c_size_t)
_device_get = _function(_registry, "ggml_backend_dev_get", ctypes.c_void_p, ctypes.c_size_t)
_device_name = _function(_base, "ggml_backend_dev_name", ctypes.c_char_p, ctypes.c_void_p)
_device_description = _function(_base, "ggml_backend_dev_description", ctypes.c_char_p, ctypes.c_void_p)
_device_type = _function(_base, "ggml_backend_dev_type", ctypes.c_int, ctypes.c_void_p)
_device_buffer_type = _function(_base, "ggml_backend_dev_buffer_type", ctypes.c_void_p, ctypes.c_void_p)
_device_memory = _function(
    _base,
    "ggml_backend_dev_memory",
    None,
    ctypes.c_void_p,
    ctypes.POINTER(ctypes.c_size_t),
    ctypes.POINTER(ctypes.c_size_t),
)
_buffer_type_name = _function(_base, "ggml_backend_buft_name", ctypes.c_char_p, ctypes.c_void_p)
_cpu_buffer_type = _function(_base, "ggml_backend_cpu_buffer_type", ctypes.c_void_p)


def start_backends() -> None:
    """Initialise llama.cpp with the backends it has: those linked into it, or those that lie beside it as files.

    The build in a package has its backends in files (``GGML_BACKEND_DL``), of the CPU one for each generation of
    processors; ggml takes the best that this one can run. Left to itself it would look for them in the current
    folder as well, where anybody's file may lie. ``BACKEND_VARIABLE`` names one more, such as a GPU's; ggml says in
    its log when that one does not load, and goes on without.
    """
    if not _backend_count():
        if extra := os.environ.get(BACKEND_VARIABLE):
            _load_backend(os.fsencode(extra))
        _load_backends_from(os.fsencode(_ggml.libggml_base_path))
    llama.llama_backend_init()


def _named(known: Mapping[str, int], name: str, what: str) -> int:
    if name not in known:
        raise AppError(
            f"This build of llama.cpp has no {what} “{name}”",
            f"It has: {', '.join(sorted(known))}.",
            "Choose one of these in the load settings.",
        )
    return known[name]


def device_handles() -> list[int]:
    """Return llama.cpp's devices as opaque pointers, in its own order."""
    return [_device_get(index) for index in range(_device_count())]


def describe_device(handle: int) -> Device:
    """Return what a device says of itself."""
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    _device_memory(handle, ctypes.byref(free), ctypes.byref(total))
    return Device(
        name=_device_name(handle).decode(),
        description=_device_description(handle).decode(),
        kind=DEVICE_KINDS.get(_device_type(handle), "accel"),
        total_bytes=total.value,
        free_bytes=free.value,
    )


def device_array(names: Sequence[str]) -> ctypes.Array[ctypes.c_void_p]:
    """Return the NULL-terminated array of devices that ``llama_model_params.devices`` wants.

    Raises:
        AppError: There is no device of that name.
    """
    by_name = {describe_device(handle).name: handle for handle in device_handles()}
    handles = [_named(by_name, name, "device") for name in names]
    return (ctypes.c_void_p * (len(handles) + 1))(*handles, None)


def buffer_types() -> dict[str, int]:
    """Return the buffer types tensors can be put into, by name such as "CPU" or "CUDA0"."""
    found = {"CPU": _cpu_buffer_type()}
    for handle in device_handles():
        buffer_type = _device_buffer_type(handle)
        if buffer_type:
            found.setdefault(_buffer_type_name(buffer_type).decode(), buffer_type)
    return found


def tensor_overrides(pairs: Sequence[tuple[str, str]]) -> ctypes.Array[TensorOverride] | None:
    """Return the NULL-terminated array for (pattern, buffer type name) pairs; None for no pairs.

    The caller must keep the array alive while the model loads.

    Raises:
        AppError: There is no buffer type of that name.
    """
    if not pairs:
        return None
    known = buffer_types()
    entries = [TensorOverride(pattern.encode(), _named(known, name, "buffer type")) for pattern, name in pairs]
    return (TensorOverride * (len(entries) + 1))(*entries, TensorOverride(None, None))
