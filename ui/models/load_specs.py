"""What a form for ``LoadSettings`` needs to know of each of its fields. Names are llama.cpp's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from app.engine.messages import FlashAttention, KvType, RopeScaling, SplitMode

Kind = Literal["context", "int", "optional_int", "float", "bool", "optional_bool", "choice", "names", "shares",
               "overrides", "bytes"]  # fmt: skip


@dataclass(frozen=True)
class LoadSpec:
    """One field.

    Attributes:
        special: The words for the smallest value, such as "All" for -1; empty for none.
        choices: The values of a choice.
    """

    name: str
    label: str
    flag: str
    kind: Kind
    group: str
    help: str
    minimum: float = 0
    maximum: float = 0
    step: float = 1
    special: str = ""
    choices: tuple[str, ...] = ()


_KV = tuple(get_args(KvType))
_CPU, _GPU, _MEMORY, _ROPE = "Processor", "Graphics", "Memory", "Position (RoPE, YaRN)"

LOAD_SPECS: tuple[LoadSpec, ...] = (
    LoadSpec("n_ctx", "Context size", "--ctx-size", "context", "Context",
             "How many tokens of conversation fit. More takes more memory.", 0, 1_048_576, 256, "Model's own"),
    LoadSpec("type_k", "KV cache type, K", "--cache-type-k", "choice", "Context",
             "q8_0 halves the memory of the context; smaller types cost quality.", choices=_KV),
    LoadSpec("type_v", "KV cache type, V", "--cache-type-v", "choice", "Context",
             "As for K; a quantized V cache needs flash attention.", choices=_KV),
    LoadSpec("flash_attn", "Flash attention", "--flash-attn", "choice", "Context",
             "Less memory for long contexts. Auto uses it where it works.", choices=tuple(get_args(FlashAttention))),
    LoadSpec("n_gpu_layers", "GPU layers", "--n-gpu-layers", "int", _GPU,
             "Layers kept in graphics memory.", -1, 1000, 1, "All"),
    LoadSpec("n_cpu_moe", "MoE expert layers on CPU", "--n-cpu-moe", "int", _GPU,
             "Experts of the first N layers stay in main memory, so that the rest fits the GPU.", 0, 1000),
    LoadSpec("tensor_overrides", "Tensor overrides", "--override-tensor", "overrides", _GPU,
             "One per line: regular expression = buffer type, such as blk\\.3\\.ffn_.*=CPU."),
    LoadSpec("devices", "Devices", "--device", "names", _GPU,
             "Names of llama.cpp devices, parted by commas. Empty: all. “none”: no GPU at all."),
    LoadSpec("split_mode", "Split over GPUs", "--split-mode", "choice", _GPU,
             "How a model is spread over several GPUs.", choices=tuple(get_args(SplitMode))),
    LoadSpec("tensor_split", "Share of each GPU", "--tensor-split", "shares", _GPU,
             "Proportions, parted by commas, such as 3,1. Empty: by free memory."),
    LoadSpec("main_gpu", "Main GPU", "--main-gpu", "int", _GPU, "The GPU for what is not split.", 0, 63),
    LoadSpec("offload_kqv", "KV cache on the GPU", "--no-kv-offload", "bool", _GPU,
             "Off keeps the context's cache in main memory."),
    LoadSpec("op_offload", "Large operations on the GPU", "--no-op-offload", "bool", _GPU,
             "Lets the GPU compute long prompts for layers in main memory."),
    LoadSpec("n_threads", "Threads", "--threads", "optional_int", _CPU,
             "For writing. More than the physical cores slows down.", 0, 512, 1, "Physical cores"),
    LoadSpec("n_threads_batch", "Threads for prompts", "--threads-batch", "optional_int", _CPU,
             "For reading prompts.", 0, 512, 1, "Physical cores"),
    LoadSpec("n_batch", "Batch", "--batch-size", "int", _CPU, "Most prompt tokens handed over at once.", 32, 16384, 32),
    LoadSpec("n_ubatch", "Micro-batch", "--ubatch-size", "int", _CPU,
             "Most tokens computed at once; sizes the compute buffers.", 32, 16384, 32),
    LoadSpec("use_mmap", "Map the file (mmap)", "--no-mmap", "bool", _MEMORY,
             "Reads weights from disk as they are needed; a larger model than memory can still run."),
    LoadSpec("use_mlock", "Keep in memory (mlock)", "--mlock", "bool", _MEMORY,
             "Keeps the system from moving the weights out of memory."),
    LoadSpec("use_extra_bufts", "Repack weights", "--no-repack", "optional_bool", _MEMORY,
             "Faster prompts on the CPU for a second copy in memory. Auto: only if it fits."),
    LoadSpec("checkpoint_bytes", "Memory for checkpoints", "--ctx-checkpoints", "bytes", _MEMORY,
             "States to return to in recurrent models, so that regenerating reads nothing twice.", 0, 1024),
    LoadSpec("prompt_cache_bytes", "Memory for other conversations", "--cache-ram", "bytes", _MEMORY,
             "Keeps what was read of other conversations, so that going back reads nothing twice.", 0, 1024),
    LoadSpec("rope_scaling", "RoPE scaling", "--rope-scaling", "choice", _ROPE,
             "How positions beyond the training length are handled.", choices=tuple(get_args(RopeScaling))),
    LoadSpec("rope_freq_base", "RoPE frequency base", "--rope-freq-base", "float", _ROPE, "", 0, 1e9, 1000,
             "Model's own"),
    LoadSpec("rope_freq_scale", "RoPE frequency scale", "--rope-freq-scale", "float", _ROPE, "", 0, 100, 0.05,
             "Model's own"),
    LoadSpec("yarn_ext_factor", "YaRN extrapolation", "--yarn-ext-factor", "float", _ROPE, "", -1, 10, 0.1,
             "Model's own"),
    LoadSpec("yarn_attn_factor", "YaRN attention factor", "--yarn-attn-factor", "float", _ROPE, "", -1, 10, 0.1,
             "Model's own"),
    LoadSpec("yarn_beta_fast", "YaRN beta fast", "--yarn-beta-fast", "float", _ROPE, "", -1, 1000, 1, "Model's own"),
    LoadSpec("yarn_beta_slow", "YaRN beta slow", "--yarn-beta-slow", "float", _ROPE, "", -1, 1000, 1, "Model's own"),
    LoadSpec("yarn_orig_ctx", "YaRN original context", "--yarn-orig-ctx", "int", _ROPE, "", 0, 1_048_576, 256,
             "Model's own"),
)  # fmt: skip
