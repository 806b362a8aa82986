"""Load settings as the command line of llama-server that would do the same.

Flags are those of llama-server's own help (``tools/server/README.md`` of llama.cpp). What it has no flag for is left
out: our prompt cache is told as ``--cache-ram``, which is its nearest relative.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from app.engine.messages import LoadSettings

_MIB = 1024**2
_DEFAULT = LoadSettings()


def server_flags(settings: LoadSettings) -> dict[str, tuple[str, ...]]:
    """Return the flags and their values by the name of the setting they come from, in the order they are written.

    Settings that leave the choice to the engine (None, or 0 and -1 where they mean that) have no flag.
    """
    flags: dict[str, tuple[str, ...]] = {
        "n_ctx": ("--ctx-size", str(settings.n_ctx)),
        "n_batch": ("--batch-size", str(settings.n_batch)),
        "n_ubatch": ("--ubatch-size", str(settings.n_ubatch)),
        "n_gpu_layers": ("--n-gpu-layers", str(settings.n_gpu_layers if settings.n_gpu_layers >= 0 else 999)),
        "type_k": ("--cache-type-k", settings.type_k),
        "type_v": ("--cache-type-v", settings.type_v),
        "flash_attn": ("--flash-attn", settings.flash_attn),
    }
    if settings.n_threads is not None:
        flags["n_threads"] = ("--threads", str(settings.n_threads))
    if settings.n_threads_batch is not None:
        flags["n_threads_batch"] = ("--threads-batch", str(settings.n_threads_batch))
    if settings.n_cpu_moe:
        flags["n_cpu_moe"] = ("--n-cpu-moe", str(settings.n_cpu_moe))
    if settings.tensor_overrides:
        pairs = ",".join(f"{pattern}={buffer}" for pattern, buffer in settings.tensor_overrides)
        flags["tensor_overrides"] = ("--override-tensor", pairs)
    flags |= _switches(settings) | _devices(settings) | _positions(settings)
    flags["prompt_cache_bytes"] = ("--cache-ram", str(settings.prompt_cache_bytes // _MIB))
    return flags


def server_command(path: str, settings: LoadSettings, origins: Mapping[str, str]) -> str:
    """Return the command, and above it a comment for each flag that says where its value comes from.

    Args:
        path: What llama.cpp is given: the only file, or the first shard.
        origins: Words such as "you" or "automatic" by the name of the setting; others are "default".
    """
    flags = server_flags(settings)
    notes = [f"# {' '.join(words)}: {_origin(name, settings, origins)}" for name, words in flags.items()]
    command = shlex.join(["llama-server", "--model", path, *(word for words in flags.values() for word in words)])
    return "\n".join([*notes, command, ""])


def _origin(name: str, settings: LoadSettings, origins: Mapping[str, str]) -> str:
    is_default = getattr(settings, name) == getattr(_DEFAULT, name)
    return origins.get(name, "default" if is_default else "load settings")


def _switches(settings: LoadSettings) -> dict[str, tuple[str, ...]]:
    flags: dict[str, tuple[str, ...]] = {}
    if not settings.use_mmap:
        flags["use_mmap"] = ("--no-mmap",)
    if settings.use_mlock:
        flags["use_mlock"] = ("--mlock",)
    if settings.use_extra_bufts is False:
        flags["use_extra_bufts"] = ("--no-repack",)
    if not settings.offload_kqv:
        flags["offload_kqv"] = ("--no-kv-offload",)
    if not settings.op_offload:
        flags["op_offload"] = ("--no-op-offload",)
    return flags


def _devices(settings: LoadSettings) -> dict[str, tuple[str, ...]]:
    flags: dict[str, tuple[str, ...]] = {}
    if settings.devices is not None:
        flags["devices"] = ("--device", ",".join(settings.devices) or "none")
    if settings.split_mode != _DEFAULT.split_mode:
        flags["split_mode"] = ("--split-mode", settings.split_mode)
    if settings.tensor_split:
        flags["tensor_split"] = ("--tensor-split", ",".join(f"{share:g}" for share in settings.tensor_split))
    if settings.main_gpu:
        flags["main_gpu"] = ("--main-gpu", str(settings.main_gpu))
    return flags


def _positions(settings: LoadSettings) -> dict[str, tuple[str, ...]]:
    flags: dict[str, tuple[str, ...]] = {}
    if settings.rope_scaling != "model":
        flags["rope_scaling"] = ("--rope-scaling", settings.rope_scaling)
    for name in ("rope_freq_base", "rope_freq_scale"):
        if value := getattr(settings, name):
            flags[name] = (f"--{name.replace('_', '-')}", repr(value))
    if settings.yarn_orig_ctx:
        flags["yarn_orig_ctx"] = ("--yarn-orig-ctx", str(settings.yarn_orig_ctx))
    for name in ("yarn_ext_factor", "yarn_attn_factor", "yarn_beta_fast", "yarn_beta_slow"):
        if (value := getattr(settings, name)) >= 0:
            flags[name] = (f"--{name.replace('_', '-')}", repr(value))
    return flags
