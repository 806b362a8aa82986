"""What planning needs of a model's headers: each tensor's size, and the numbers its memory follows from. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple

from app.engine.llama.load_limits import MAX_LAYERS
from app.engine.messages import Value
from app.fit.values import ModelOutline
from app.gguf.model import ModelHeader
from app.gguf.values import ArrayValue, GgufHeader

_BLOCK = re.compile(r"^blk\.(\d+)\.")
#: The experts' tensors: of all experts in one, as ``--n-cpu-moe`` knows them, or one for each (older files).
_EXPERTS = re.compile(r"^blk\.\d+\.ffn_(?:up|down|gate|gate_up)(?:_(?:ch)?exps|\.\d+)\.")
_INPUT = ("token_embd.", "position_embd.", "token_types.", "per_layer_token_embd.")


class Weight(NamedTuple):
    """A tensor: ``file`` and ``offset`` say where its data begins.

    Attributes:
        layer: Its block; -1 for what is read by token (stays on the CPU), -2 for the output.
    """

    name: str
    size_bytes: int
    elements: int
    layer: int
    is_expert: bool
    file: int
    offset: int


INPUT, OUTPUT = -1, -2
_INT32_MAX = 2**31 - 1  # llama.cpp's numbers are 32 bits wide


class Shape(Value, frozen=True, kw_only=True):
    """The numbers that the sizes of caches and states follow from; 0 where the model has none.

    Attributes:
        kv_heads: Of each block; 0 where it keeps no KV.
        windowed: Of each block, whether it sees ``n_swa`` tokens only.
        recurrent: Of each block, whether it keeps recurrent state.
        state_elements: Elements of the recurrent state of one such block.
    """

    n_embd: int
    n_vocab: int
    n_expert: int
    n_expert_used: int
    key_length: int
    value_length: int
    n_swa: int
    kv_heads: tuple[int, ...]
    windowed: tuple[bool, ...]
    recurrent: tuple[bool, ...]
    state_elements: int


class ModelLayout(Value, frozen=True, kw_only=True, dict=True):
    """A model as far as planning its load needs it; ``key`` names its content."""

    key: str
    outline: ModelOutline
    shape: Shape
    weights: tuple[Weight, ...]

    @property
    def n_layer(self) -> int:
        """Blocks of the model."""
        return self.outline.n_layer

    @cached_property
    def is_tied(self) -> bool:
        """Whether the output is computed with the table of the input, which is then needed in two places."""
        return not any(weight.name == "output.weight" for weight in self.weights)

    @cached_property
    def expert_layers(self) -> frozenset[int]:
        """The blocks that have experts."""
        return frozenset(weight.layer for weight in self.weights if weight.is_expert)

    @cached_property
    def active_elements(self) -> float:
        """Weights used for one token."""
        shape = self.shape
        used = shape.n_expert_used / shape.n_expert if shape.n_expert else 1.0
        return sum(
            weight.elements * (used if weight.is_expert else 1.0) for weight in self.weights if weight.layer != INPUT
        )


def outline(model: ModelHeader, layout_key: str, file_names: Sequence[str], fetched_bytes: int = 0) -> ModelLayout:
    """Return the layout of a model.

    Args:
        layout_key: As ``content_key`` makes it.
        file_names: Names of its files, for a model without a name of its own.
    """
    header = model.first
    architecture = header.text("general.architecture")
    weights = tuple(_weights(model))
    blocks = max((weight.layer + 1 for weight in weights), default=0)
    n_layer = _bounded(header.integer(f"{architecture}.block_count"), blocks)
    shape = _shape(header, architecture, n_layer)
    return ModelLayout(
        key=layout_key,
        shape=shape,
        weights=weights,
        outline=ModelOutline(
            name=header.text("general.name") or PurePosixPath(file_names[0].replace("\\", "/")).stem,
            architecture=architecture,
            n_layer=n_layer,
            n_expert_layer=len({weight.layer for weight in weights if weight.is_expert}),
            n_ctx_train=min(max(0, header.integer(f"{architecture}.context_length")), _INT32_MAX),
            n_params=sum(weight.elements for weight in weights),
            size_bytes=sum(weight.size_bytes for weight in weights),
            is_recurrent=any(shape.recurrent),
            fetched_bytes=fetched_bytes,
        ),
    )


def content_key(heads: Sequence[bytes], lengths: Sequence[int]) -> str:
    """Return a name for the content of a model's headers."""
    digest = hashlib.sha256()
    for head, length in zip(heads, lengths, strict=True):
        digest.update(length.to_bytes(8, "big"))
        digest.update(head)
    return digest.hexdigest()[:32]


def _bounded(claimed: int, blocks: int) -> int:
    """A header may claim any number of blocks, and name a tensor of any; llama.cpp knows ``MAX_LAYERS``."""
    return min(claimed if 0 < claimed <= blocks else blocks, MAX_LAYERS)


def _weights(model: ModelHeader) -> list[Weight]:
    found = []
    for index, tensor in model.tensors:
        match = _BLOCK.match(tensor.name)
        layer = int(match[1]) if match else INPUT if tensor.name.startswith(_INPUT) else OUTPUT
        start = model.shards[index].header.data_offset + tensor.offset
        is_expert = _EXPERTS.match(tensor.name) is not None
        found.append(Weight(tensor.name, tensor.size_bytes, tensor.elements, layer, is_expert, index, start))
    return found


def _shape(header: GgufHeader, architecture: str, n_layer: int) -> Shape:
    def number(key: str, default: int = 0) -> int:
        return min(max(0, header.integer(f"{architecture}.{key}", default)), _INT32_MAX)

    heads = max(1, number("attention.head_count", 1))
    width = number("embedding_length")
    recurrent = _recurrent(header, architecture, n_layer)
    kv_heads = _per_layer(header, f"{architecture}.attention.head_count_kv", n_layer, heads)
    tokens = header.metadata.get("tokenizer.ggml.tokens")
    n_swa = number("attention.sliding_window")
    return Shape(
        n_embd=width,
        n_vocab=tokens.length if isinstance(tokens, ArrayValue) else number("vocab_size"),
        n_expert=number("expert_count"),
        n_expert_used=number("expert_used_count"),
        key_length=number("attention.key_length", width // heads),
        value_length=number("attention.value_length", width // heads),
        n_swa=n_swa,
        kv_heads=tuple(0 if is_recurrent else count for count, is_recurrent in zip(kv_heads, recurrent, strict=True)),
        windowed=_windowed(header, architecture, n_layer) if n_swa else (False,) * n_layer,
        recurrent=recurrent,
        state_elements=_state_elements(number),
    )


def _per_layer(header: GgufHeader, key: str, n_layer: int, default: int) -> tuple[int, ...]:
    value = header.metadata.get(key, default)
    if isinstance(value, ArrayValue):
        items = tuple(
            min(max(0, item), _INT32_MAX) if isinstance(item, int) else default
            for item in (value.items or ())[:n_layer]
        )
        return items + (default,) * (n_layer - len(items))
    return (min(max(0, value), _INT32_MAX) if isinstance(value, int) else default,) * n_layer


def _recurrent(header: GgufHeader, architecture: str, n_layer: int) -> tuple[bool, ...]:
    """Which blocks are recurrent: as the file lists them, by an interval, or by their tensors' absence of KV heads."""
    listed = header.metadata.get(f"{architecture}.attention.recurrent_layers")
    if isinstance(listed, ArrayValue) and listed.items is not None and len(listed.items) >= n_layer:
        return tuple(bool(item) for item in listed.items[:n_layer])
    if not header.integer(f"{architecture}.ssm.state_size"):
        return (False,) * n_layer
    interval = header.integer(f"{architecture}.full_attention_interval", 4 if architecture == "qwen3next" else 0)
    if interval > 0:
        return tuple((layer + 1) % interval != 0 for layer in range(n_layer))
    kv_heads = _per_layer(header, f"{architecture}.attention.head_count_kv", n_layer, 0)
    return tuple(count == 0 for count in kv_heads)


#: Every how many blocks one sees everything, where the file does not say (``set_swa_pattern`` in llama.cpp's models).
_SWA_PERIODS = {"gemma2": 2, "gemma3": 6, "gemma3n": 5, "cohere2": 4, "gpt-oss": 2, "llama4": 4, "exaone4": 4}


def _windowed(header: GgufHeader, architecture: str, n_layer: int) -> tuple[bool, ...]:
    pattern = header.metadata.get(f"{architecture}.attention.sliding_window_pattern")
    if isinstance(pattern, ArrayValue) and pattern.items is not None and len(pattern.items) >= n_layer:
        return tuple(bool(item) for item in pattern.items[:n_layer])
    period = pattern if isinstance(pattern, int) and pattern > 0 else _SWA_PERIODS.get(architecture, 1)
    return tuple(period == 1 or layer % period < period - 1 for layer in range(n_layer))


def _state_elements(number: Callable[..., int]) -> int:
    """Elements of one block's state: those of the convolution and those of the scan (``n_embd_r``, ``n_embd_s``)."""
    kernel, state, inner, groups = (
        number(f"ssm.{name}") for name in ("conv_kernel", "state_size", "inner_size", "group_count")
    )
    return max(0, kernel - 1) * (inner + 2 * groups * state) + state * inner
