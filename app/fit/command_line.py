"""The llama-server command that loads a model the same way, and where each of its flags comes from. Pure."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator, Mapping
from typing import Literal

from app.engine.messages import LoadSettings, Value

#: "settings" are the engine's defaults as the user has set them.
Origin = Literal["default", "you", "automatic", "card", "settings"]
_LOAD_MODES = {(False, False): "none", (True, False): "mmap", (False, True): "mlock", (True, True): "mmap+mlock"}
_MIB = 1024 * 1024


class ServerFlag(Value, frozen=True, kw_only=True):
    """One flag of a command line.

    Attributes:
        value: Its value; empty for a flag that stands alone.
        origin: Who decided it; "default" is Sawhorse's own, where llama-server's differs.
    """

    flag: str
    value: str
    origin: Origin


def llama_server_command(path: str, settings: LoadSettings, origins: Mapping[str, Origin]) -> tuple[ServerFlag, ...]:
    """Return the flags that have llama-server load ``path`` as Sawhorse does with ``settings``.

    Flags whose value is llama-server's own default are left out, unless somebody decided on them. The names are those
    of llama.cpp's ``common/arg.cpp``.

    Args:
        origins: By field of ``LoadSettings``, who decided it; what is missing is a default.
    """
    return tuple(
        ServerFlag(flag=flag, value=value, origin=origins.get(name, "default"))
        for name, flag, value, is_default in _flags(path, settings)
        if not is_default or origins.get(name, "default") != "default"
    )


def as_text(flags: tuple[ServerFlag, ...], *, windows: bool = False) -> str:
    """Return the command as it is typed into a shell, quoted where it must be."""
    words = ["llama-server"]
    for flag in flags:
        words += [flag.flag, flag.value] if flag.value else [flag.flag]
    return subprocess.list2cmdline(words) if windows else shlex.join(words)


def with_origins(flags: tuple[ServerFlag, ...], *, windows: bool = False) -> str:
    """Return the command, and above it a comment for each flag that says who decided it."""
    notes = [f"# {f'{flag.flag} {flag.value}'.strip()}: {flag.origin}" for flag in flags if flag.flag != "--model"]
    return "\n".join([*notes, as_text(flags, windows=windows), ""])


def _flags(path: str, settings: LoadSettings) -> Iterator[tuple[str, str, str, bool]]:
    """Yield (field, flag, value, whether that is llama-server's default)."""
    yield "path", "--model", path, False
    yield "n_ctx", "--ctx-size", str(settings.n_ctx), False
    yield "n_batch", "--batch-size", str(settings.n_batch), settings.n_batch == 2048
    yield "n_ubatch", "--ubatch-size", str(settings.n_ubatch), settings.n_ubatch == 512
    yield from _threads(settings)
    yield from _devices(settings)
    yield "type_k", "--cache-type-k", settings.type_k, settings.type_k == "f16"
    yield "type_v", "--cache-type-v", settings.type_v, settings.type_v == "f16"
    yield "flash_attn", "--flash-attn", settings.flash_attn, settings.flash_attn == "auto"
    mode = _LOAD_MODES[settings.use_mmap, settings.use_mlock]
    yield "use_mmap", "--load-mode", mode, mode == "mmap"
    if settings.use_extra_bufts is not None:
        repack = settings.use_extra_bufts
        yield "use_extra_bufts", "--repack" if repack else "--no-repack", "", repack
    yield from _rope(settings)
    yield "prompt_cache_bytes", "--cache-ram", str(settings.prompt_cache_bytes // _MIB), False
    yield "n_seq_max", "--parallel", "1", False
    yield "fit", "--fit", "off", False  # or llama-server would change what is not given here


def _threads(settings: LoadSettings) -> Iterator[tuple[str, str, str, bool]]:
    for name, flag in (("n_threads", "--threads"), ("n_threads_batch", "--threads-batch")):
        value: int | None = getattr(settings, name)
        if value is not None and value > 0:
            yield name, flag, str(value), False


def _devices(settings: LoadSettings) -> Iterator[tuple[str, str, str, bool]]:
    layers = settings.n_gpu_layers
    yield "n_gpu_layers", "--n-gpu-layers", "all" if layers < 0 else str(layers), False
    yield "n_cpu_moe", "--n-cpu-moe", str(settings.n_cpu_moe), settings.n_cpu_moe == 0
    for pattern, buffer in settings.tensor_overrides:
        yield "tensor_overrides", "--override-tensor", f"{pattern}={buffer}", False
    if settings.devices is not None:
        yield "devices", "--device", ",".join(settings.devices) or "none", False
    yield "split_mode", "--split-mode", settings.split_mode, settings.split_mode == "layer"
    shares = ",".join(f"{share:g}" for share in settings.tensor_split)
    yield "tensor_split", "--tensor-split", shares or "0", not shares
    yield "main_gpu", "--main-gpu", str(settings.main_gpu), settings.main_gpu == 0
    if not settings.offload_kqv:
        yield "offload_kqv", "--no-kv-offload", "", False
    if not settings.op_offload:
        yield "op_offload", "--no-op-offload", "", False


def _rope(settings: LoadSettings) -> Iterator[tuple[str, str, str, bool]]:
    if settings.rope_scaling in {"none", "linear", "yarn"}:  # llama-server has no word for the others
        yield "rope_scaling", "--rope-scaling", settings.rope_scaling, False
    for name, unset in (
        ("rope_freq_base", 0.0), ("rope_freq_scale", 0.0), ("yarn_orig_ctx", 0), ("yarn_ext_factor", -1.0),
        ("yarn_attn_factor", -1.0), ("yarn_beta_slow", -1.0), ("yarn_beta_fast", -1.0),
    ):  # fmt: skip
        value = getattr(settings, name)
        if value != unset:
            yield name, f"--{name.replace('_', '-')}", f"{value:g}" if isinstance(value, float) else str(value), False
