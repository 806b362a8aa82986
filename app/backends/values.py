"""What a package offers beside its own llama.cpp, what this machine has for it, and how the two meet. Pure."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable
from importlib.resources import files

import msgspec


class Backend(msgspec.Struct, frozen=True, kw_only=True):
    """A GPU backend that can be fetched, an entry of ``resources/backends.json``; a package's build writes that.

    Attributes:
        name: "cuda" or "vulkan", as ggml calls it.
        system: What it runs on, as ``this_system`` says it.
        llama_cpp_python: The one version it goes with: what ggml's libraries exchange changes with every version.
        url: Where its archive is.
        size: The archive's bytes.
        sha256: The archive's, in hexadecimal.
        needs_cuda: The oldest version of CUDA that the driver must offer, such as "12.8"; empty for none.
    """

    name: str
    system: str
    llama_cpp_python: str
    url: str
    size: int
    sha256: str
    needs_cuda: str = ""


class Drivers(msgspec.Struct, frozen=True, kw_only=True):
    """What the machine's drivers offer.

    Attributes:
        cuda: The newest version of CUDA that NVIDIA's driver runs, such as "12.8"; empty without a driver.
        vulkan: Names of the GPUs that can be used with Vulkan.
        notes: Sentences on what could not be asked.
    """

    cuda: str = ""
    vulkan: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A backend and whether it fits; ``why`` says in a sentence what of the machine that rests on."""

    backend: Backend
    fits: bool
    why: str


TITLES = {"cuda": "NVIDIA (CUDA)", "vulkan": "Any GPU (Vulkan)"}


def this_system() -> str:
    """Return what a backend for this machine is marked with, such as "linux-x86_64"."""
    return f"{sys.platform}-{platform.machine().lower()}"


def llama_cpp_version() -> str:
    """Return the version of llama-cpp-python that is at work, "" for none."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - most starts do not ask

    try:
        return version("llama-cpp-python")
    except PackageNotFoundError:
        return ""


def read_manifest() -> tuple[Backend, ...]:
    """Return what this package offers; nothing in a checkout."""
    return decode_manifest((files("resources") / "backends.json").read_bytes())


def decode_manifest(data: bytes) -> tuple[Backend, ...]:
    """Return the backends of a manifest.

    Raises:
        msgspec.DecodeError: It is none.
    """
    return msgspec.json.decode(data, type=tuple[Backend, ...])


def offers(backends: Iterable[Backend], drivers: Drivers, system: str, llama_cpp_python: str) -> list[Offer]:
    """Return what may be offered on this machine, what fits and is quickest first."""
    possible = [entry for entry in backends if (entry.system, entry.llama_cpp_python) == (system, llama_cpp_python)]
    found = [
        Offer(backend=backend, fits=fits, why=why) for backend in possible for fits, why in [_judge(backend, drivers)]
    ]
    order = ("cuda", "vulkan")
    return sorted(found, key=lambda offer: (not offer.fits, order.index(offer.backend.name), offer.backend.needs_cuda))


def _judge(backend: Backend, drivers: Drivers) -> tuple[bool, str]:
    if backend.name == "cuda":
        if not drivers.cuda:
            return False, "No NVIDIA driver was found."
        fits = _numbers(drivers.cuda) >= _numbers(backend.needs_cuda)
        return fits, f"NVIDIA's driver offers CUDA {drivers.cuda}; this needs {backend.needs_cuda} or newer."
    if not drivers.vulkan:
        return False, "No GPU with a Vulkan driver was found."
    return True, f"Found: {', '.join(drivers.vulkan)}."


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(".") if part.isdigit()]
