"""Loads a model and makes its context, from ``LoadSettings`` to llama.cpp's own parameters."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import msgspec

from app.engine.llama import bindings
from app.engine.llama.files import model_files
from app.engine.llama.hardware import available_bytes, compute_threads
from app.engine.llama.load_errors import LoadProblem, explain
from app.engine.llama.load_limits import MAX_LAYERS, out_of_range
from app.engine.llama.logs import LlamaLog
from app.engine.messages import FlashAttention, LoadSettings, RopeScaling, SplitMode
from app.errors import AppError, Cancelled

#: Repacked weights are a second copy in memory; this much must stay free beside them.
REPACK_MARGIN_BYTES = 2 * 1024**3
#: Repacking is not bit for bit the size of the file: small tensors stay as they are, blocks are padded.
REPACK_FACTOR = 1.1

# llama_load_mode, llama_flash_attn_type, llama_split_mode and llama_rope_scaling_type of llama.h.
_LOAD_MODES = {(False, False): 0, (True, False): 1, (False, True): 2, (True, True): 3}
_FLASH_ATTENTION: dict[FlashAttention, int] = {"auto": -1, "off": 0, "on": 1}
_SPLIT_MODES: dict[SplitMode, int] = {"none": 0, "layer": 1, "row": 2, "tensor": 3}
_ROPE_SCALING: dict[RopeScaling, int] = {"model": -1, "none": 0, "linear": 1, "yarn": 2, "longrope": 3}


class LoadError(AppError):
    """A model that could not be loaded; ``code`` is one of ``Failed``'s."""

    def __init__(self, problem: LoadProblem, detail: str = "") -> None:
        super().__init__(problem.title, problem.message, problem.hint, detail)
        self.code = problem.code


def resolve_settings(settings: LoadSettings, weight_bytes: int) -> LoadSettings:
    """Return ``settings`` with every None replaced by what this machine can do."""
    threads = compute_threads()
    repack = settings.use_extra_bufts
    if repack is None:
        repack = weight_bytes * REPACK_FACTOR + REPACK_MARGIN_BYTES < available_bytes()
    return msgspec.structs.replace(
        settings,
        n_threads=_or(settings.n_threads, threads),
        n_threads_batch=_or(settings.n_threads_batch, threads),
        use_extra_bufts=repack,
    )


def _or(wanted: int | None, default: int) -> int:
    """Return ``wanted``; as for llama.cpp's own tools, 0 and less are the default."""
    return wanted if wanted is not None and wanted > 0 else default


def load(
    path: Path,
    settings: LoadSettings,
    log: LlamaLog,
    on_progress: Callable[[float], None],
    is_cancelled: Callable[[], bool],
) -> tuple[Any, Any, LoadSettings]:
    """Return (model, context, settings in force).

    Raises:
        AppError: The files are not there or not GGUF.
        LoadError: llama.cpp refused them, there was not enough memory, or a setting is out of range.
        Cancelled: ``is_cancelled`` became true.
    """
    if problem := out_of_range(settings):
        raise LoadError(problem)
    files = model_files(path)
    settings = resolve_settings(settings, sum(file.stat().st_size for file in files))
    log.mark()
    model = _load_model(files[0], settings, log, on_progress, is_cancelled)
    context = llama.llama_init_from_model(model, _context_parameters(settings, model))
    if not context:
        llama.llama_model_free(model)
        raise LoadError(explain(log.lines, "make the model's context"), "\n".join(log.lines[-60:]))
    return model, context, settings


def _load_model(
    path: Path,
    settings: LoadSettings,
    log: LlamaLog,
    on_progress: Callable[[float], None],
    is_cancelled: Callable[[], bool],
) -> Any:
    def report(fraction: float, _data: object) -> bool:
        on_progress(fraction)
        return not is_cancelled()

    parameters = llama.llama_model_default_params()
    callback = llama.llama_progress_callback(report)
    overrides = bindings.tensor_overrides([*_expert_overrides(settings.n_cpu_moe), *settings.tensor_overrides])
    devices = None if settings.devices is None else bindings.device_array(settings.devices)
    split = (ctypes.c_float * llama.llama_max_devices())(*settings.tensor_split) if settings.tensor_split else None
    parameters.n_gpu_layers = settings.n_gpu_layers
    parameters.split_mode = _SPLIT_MODES[settings.split_mode]
    parameters.main_gpu = settings.main_gpu
    parameters.load_mode = _LOAD_MODES[settings.use_mmap, settings.use_mlock]
    parameters.use_extra_bufts = bool(settings.use_extra_bufts)
    parameters.progress_callback = callback
    if overrides is not None:
        parameters.tensor_buft_overrides = ctypes.cast(overrides, ctypes.c_void_p)
    if devices is not None:
        parameters.devices = ctypes.cast(devices, ctypes.c_void_p)
    if split is not None:
        parameters.tensor_split = split
    model = llama.llama_model_load_from_file(str(path).encode(errors="surrogateescape"), parameters)
    if is_cancelled():
        if model:
            llama.llama_model_free(model)
        raise Cancelled
    if not model:
        raise LoadError(explain(log.lines, "load this model"), "\n".join(log.lines[-60:]))
    return model


def _expert_overrides(layers: int) -> list[tuple[str, str]]:
    """Return what llama.cpp's ``--n-cpu-moe`` does: the experts of the first layers stay on the CPU."""
    return [(rf"blk\.{layer}\.ffn_(up|down|gate|gate_up)_(ch|)exps", "CPU") for layer in range(min(layers, MAX_LAYERS))]


def _context_parameters(settings: LoadSettings, model: Any) -> Any:
    parameters = llama.llama_context_default_params()
    n_ctx = settings.n_ctx or llama.llama_model_n_ctx_train(model)
    parameters.n_ctx = n_ctx
    parameters.n_batch = min(settings.n_batch, n_ctx)
    parameters.n_ubatch = min(settings.n_ubatch, settings.n_batch, n_ctx)
    parameters.n_seq_max = 1
    # Only the last token's logits are ever read: without this llama.cpp reserves room for a whole batch.
    parameters.n_outputs_max = 1
    parameters.n_threads = settings.n_threads or 1
    parameters.n_threads_batch = settings.n_threads_batch or 1
    parameters.flash_attn_type = _FLASH_ATTENTION[settings.flash_attn]
    parameters.type_k = bindings.GGML_TYPES[settings.type_k]
    parameters.type_v = bindings.GGML_TYPES[settings.type_v]
    parameters.offload_kqv = settings.offload_kqv
    parameters.op_offload = settings.op_offload
    parameters.swa_full = False  # our checkpoints do what a full-size sliding window would be for
    parameters.rope_scaling_type = _ROPE_SCALING[settings.rope_scaling]
    parameters.rope_freq_base = settings.rope_freq_base
    parameters.rope_freq_scale = settings.rope_freq_scale
    parameters.yarn_ext_factor = settings.yarn_ext_factor
    parameters.yarn_attn_factor = settings.yarn_attn_factor
    parameters.yarn_beta_fast = settings.yarn_beta_fast
    parameters.yarn_beta_slow = settings.yarn_beta_slow
    parameters.yarn_orig_ctx = settings.yarn_orig_ctx
    return parameters
