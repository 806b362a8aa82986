"""Turns ``LoadSettings`` into llama.cpp's own parameters: for a load and, field for field the same, for a dry run."""

from __future__ import annotations

import ctypes
from typing import Any

import llama_cpp.llama_cpp as llama

from app.engine.llama import bindings
from app.engine.llama.load_limits import MAX_LAYERS
from app.engine.messages import FlashAttention, LoadSettings, RopeScaling, SplitMode

# llama_load_mode, llama_flash_attn_type, llama_split_mode and llama_rope_scaling_type of llama.h.
_LOAD_MODES = {(False, False): 0, (True, False): 1, (False, True): 2, (True, True): 3}
_FLASH_ATTENTION: dict[FlashAttention, int] = {"auto": -1, "off": 0, "on": 1}
_SPLIT_MODES: dict[SplitMode, int] = {"none": 0, "layer": 1, "row": 2, "tensor": 3}
_ROPE_SCALING: dict[RopeScaling, int] = {"model": -1, "none": 0, "linear": 1, "yarn": 2, "longrope": 3}


class ModelParameters:
    """``llama_model_params`` for some settings, and the arrays it points to, which live as long as this object.

    Raises:
        AppError: A device or buffer type does not exist in this build.
    """

    def __init__(self, settings: LoadSettings) -> None:
        overrides = bindings.tensor_overrides([*expert_overrides(settings.n_cpu_moe), *settings.tensor_overrides])
        devices = None if settings.devices is None else bindings.device_array(settings.devices)
        split = (ctypes.c_float * llama.llama_max_devices())(*settings.tensor_split) if settings.tensor_split else None
        self._kept = (overrides, devices, split)
        self.value: Any = llama.llama_model_default_params()
        self.value.n_gpu_layers = settings.n_gpu_layers
        self.value.split_mode = _SPLIT_MODES[settings.split_mode]
        self.value.main_gpu = settings.main_gpu
        self.value.load_mode = _LOAD_MODES[settings.use_mmap, settings.use_mlock]
        self.value.use_extra_bufts = bool(settings.use_extra_bufts)
        if overrides is not None:
            self.value.tensor_buft_overrides = ctypes.cast(overrides, ctypes.c_void_p)
        if devices is not None:
            self.value.devices = ctypes.cast(devices, ctypes.c_void_p)
        if split is not None:
            self.value.tensor_split = split


def expert_overrides(layers: int) -> list[tuple[str, str]]:
    """Return what llama.cpp's ``--n-cpu-moe`` does: the experts of the first layers stay on the CPU."""
    return [(rf"blk\.{layer}\.ffn_(up|down|gate|gate_up)_(ch|)exps", "CPU") for layer in range(min(layers, MAX_LAYERS))]


def context_parameters(settings: LoadSettings, model: Any) -> Any:
    """Return ``llama_context_params`` for some settings and a loaded model."""
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
