"""Architectures: the metadata and the tensors that llama.cpp expects of each, at any size.

Names and shapes follow llama.cpp's ``src/models/*.cpp``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.models.gguf import Scalar, Tensor


@dataclass(frozen=True)
class Shape:
    """The sizes of a model; what an architecture does not have, it ignores.

    Attributes:
        key_heads, value_heads, state: Heads and head size of the DeltaNet layers.
        window: Tokens seen by the sliding-window layers.
        tied: The output is computed with the table of the input, and has none of its own.
    """

    architecture: str
    layers: int = 4
    width: int = 256
    heads: int = 4
    kv_heads: int = 2
    head_size: int = 64
    rope_dimensions: int = 64
    context: int = 32_768
    rope_base: float = 10_000.0
    feed_forward: int = 512
    experts: int = 0
    experts_used: int = 0
    expert_feed_forward: int = 128
    key_heads: int = 2
    value_heads: int = 4
    state: int = 64
    convolution: int = 4
    attention_interval: int = 4
    window: int = 64
    tied: bool = False

    def is_recurrent(self, layer: int) -> bool:
        """Whether a layer of a hybrid model is a DeltaNet layer."""
        return self.architecture == "qwen3next" and (layer + 1) % self.attention_interval != 0


#: Qwen3-Coder-Next: 80B parameters, 3B of them active.
QWEN3_CODER_NEXT = Shape(
    "qwen3next", layers=48, width=2048, heads=16, kv_heads=2, head_size=256, rope_dimensions=64, context=262_144,
    rope_base=5_000_000.0, feed_forward=5120, experts=512, experts_used=10, expert_feed_forward=512, key_heads=16,
    value_heads=32, state=128,
)  # fmt: skip

#: Small shapes of the architectures that behave differently in the engine.
TINY = {
    "qwen3next": Shape("qwen3next", rope_dimensions=32, experts=8, experts_used=2),
    "llama": Shape("llama"),
    "qwen2": Shape("qwen2"),
    "qwen3": Shape("qwen3"),
    "qwen3moe": Shape("qwen3moe", experts=8, experts_used=2),
    "gemma3": Shape("gemma3", layers=6),
}

#: The sizes of models people run, for sparse files: what a fit check is measured against.
LARGE = {
    "llama": Shape(  # Llama 3.1 8B
        "llama", layers=32, width=4096, heads=32, kv_heads=8, head_size=128, rope_dimensions=128, context=131_072,
        rope_base=500_000.0, feed_forward=14_336,
    ),
    "qwen2": Shape(  # Qwen2.5-Coder 7B
        "qwen2", layers=28, width=3584, heads=28, kv_heads=4, head_size=128, rope_dimensions=128, rope_base=1e6,
        feed_forward=18_944,
    ),
    "qwen3": Shape(  # Qwen3 4B
        "qwen3", layers=36, width=2560, heads=32, kv_heads=8, head_size=128, rope_dimensions=128, context=40_960,
        rope_base=1e6, feed_forward=9_728, tied=True,
    ),
    "gemma3": Shape(  # Gemma 3 12B
        "gemma3", layers=48, width=3840, heads=16, kv_heads=8, head_size=256, rope_dimensions=256, context=131_072,
        rope_base=1e6, feed_forward=15_360, window=1024, tied=True,
    ),
    "qwen3moe": Shape(  # Qwen3-Coder-30B-A3B, the first 20 of its 48 layers
        "qwen3moe", layers=20, width=2048, heads=32, kv_heads=4, head_size=128, rope_dimensions=128, context=262_144,
        rope_base=1e7, feed_forward=6144, experts=128, experts_used=8, expert_feed_forward=768,
    ),
    "qwen3next": replace(QWEN3_CODER_NEXT, layers=12),  # a quarter of Qwen3-Coder-Next
}  # fmt: skip


def metadata(shape: Shape) -> dict[str, Scalar]:
    """Return the keys that belong to the architecture."""
    keys: dict[str, Scalar] = {
        "block_count": shape.layers,
        "context_length": shape.context,
        "embedding_length": shape.width,
        "feed_forward_length": shape.feed_forward,
        "attention.head_count": shape.heads,
        "attention.head_count_kv": shape.kv_heads,
        "attention.key_length": shape.head_size,
        "attention.value_length": shape.head_size,
        "attention.layer_norm_rms_epsilon": 1e-6,
        "rope.dimension_count": shape.rope_dimensions,
        "rope.freq_base": shape.rope_base,
    }
    if shape.experts:
        keys |= {
            "expert_count": shape.experts,
            "expert_used_count": shape.experts_used,
            "expert_feed_forward_length": shape.expert_feed_forward,
        }
    if shape.architecture == "qwen3next":
        keys |= {
            "expert_shared_feed_forward_length": shape.expert_feed_forward,
            "full_attention_interval": shape.attention_interval,
            "ssm.conv_kernel": shape.convolution,
            "ssm.state_size": shape.state,
            "ssm.group_count": shape.key_heads,
            "ssm.time_step_rank": shape.value_heads,
            "ssm.inner_size": shape.state * shape.value_heads,
        }
    if shape.architecture == "gemma3":
        keys["attention.sliding_window"] = shape.window
    return {f"{shape.architecture}.{key}": value for key, value in keys.items()}


def tensors(shape: Shape, vocabulary_size: int) -> Iterator[Tensor]:
    """Yield every tensor, as F32; a quantisation gives them their types."""
    yield Tensor("token_embd.weight", (shape.width, vocabulary_size))
    for layer in range(shape.layers):
        for name, dimensions in _layer(shape, layer):
            yield Tensor(f"blk.{layer}.{name}", dimensions)
    yield Tensor("output_norm.weight", (shape.width,))
    if not shape.tied:
        yield Tensor("output.weight", (shape.width, vocabulary_size))


def _layer(shape: Shape, layer: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "attn_norm.weight", (shape.width,)
    yield from _delta_net(shape) if shape.is_recurrent(layer) else _attention(shape)
    if shape.architecture == "qwen3next":
        yield "post_attention_norm.weight", (shape.width,)
    else:
        yield "ffn_norm.weight", (shape.width,)
    if shape.architecture == "gemma3":
        yield "post_attention_norm.weight", (shape.width,)
        yield "post_ffw_norm.weight", (shape.width,)
    yield from _experts(shape) if shape.experts else _feed_forward(shape)


def _attention(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    queries, keys = shape.heads * shape.head_size, shape.kv_heads * shape.head_size
    gated = 2 if shape.architecture == "qwen3next" else 1  # each query carries a gate
    yield "attn_q.weight", (shape.width, queries * gated)
    yield "attn_k.weight", (shape.width, keys)
    yield "attn_v.weight", (shape.width, keys)
    yield "attn_output.weight", (queries, shape.width)
    if shape.architecture == "qwen2":
        yield from (("attn_q.bias", (queries,)), ("attn_k.bias", (keys,)), ("attn_v.bias", (keys,)))
    if shape.architecture in {"qwen3next", "qwen3", "qwen3moe", "gemma3"}:
        yield from (("attn_q_norm.weight", (shape.head_size,)), ("attn_k_norm.weight", (shape.head_size,)))


def _delta_net(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    values, mixed = shape.state * shape.value_heads, shape.state * (2 * shape.key_heads + shape.value_heads)
    yield "attn_qkv.weight", (shape.width, mixed)
    yield "attn_gate.weight", (shape.width, values)
    yield "ssm_conv1d.weight", (shape.convolution, mixed)
    yield "ssm_dt.bias", (shape.value_heads,)
    yield "ssm_a", (shape.value_heads,)
    yield "ssm_ba.weight", (shape.width, 2 * shape.value_heads)
    yield "ssm_norm.weight", (shape.state,)
    yield "ssm_out.weight", (values, shape.width)


def _feed_forward(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "ffn_gate.weight", (shape.width, shape.feed_forward)
    yield "ffn_up.weight", (shape.width, shape.feed_forward)
    yield "ffn_down.weight", (shape.feed_forward, shape.width)


def _experts(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    width, inner = shape.width, shape.expert_feed_forward
    yield "ffn_gate_inp.weight", (width, shape.experts)
    yield "ffn_gate_exps.weight", (width, inner, shape.experts)
    yield "ffn_up_exps.weight", (width, inner, shape.experts)
    yield "ffn_down_exps.weight", (inner, width, shape.experts)
    if shape.architecture == "qwen3next":
        yield "ffn_gate_inp_shexp.weight", (width,)
        yield "ffn_gate_shexp.weight", (width, inner)
        yield "ffn_up_shexp.weight", (width, inner)
        yield "ffn_down_shexp.weight", (inner, width)
