"""Which type each tensor has in a quantisation, as ``llama-quantize`` mixes them for Qwen3-Coder-Next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tests.models.gguf import Tensor

#: Tensors that the K mixes give more bits in the layers of ``_is_favoured``. The published files leave
#: ``attn_qkv`` of the DeltaNet layers out; a newer llama-quantize would add it, and 78 MB.
_SENSITIVE = ("attn_v.weight", "ffn_down_exps.weight", "ffn_down_shexp.weight", "ffn_down.weight")


@dataclass(frozen=True)
class Mix:
    """A quantisation: its number in ``general.file_type``, its main type, and those of the output and the favoured."""

    file_type: int
    main: str
    output: str
    favoured: str


MIXES = {
    "F16": Mix(1, "F16", "F16", "F16"),
    "Q4_0": Mix(2, "Q4_0", "Q6_K", "Q4_0"),
    "Q8_0": Mix(7, "Q8_0", "Q8_0", "Q8_0"),
    "Q5_0": Mix(8, "Q5_0", "Q6_K", "Q5_0"),
    "Q4_K_M": Mix(15, "Q4_K", "Q6_K", "Q6_K"),
    "Q5_K_M": Mix(17, "Q5_K", "Q6_K", "Q6_K"),
    "Q6_K": Mix(18, "Q6_K", "Q6_K", "Q6_K"),
}


def quantised(tensors: Iterable[Tensor], mix: Mix, layers: int) -> Iterator[Tensor]:
    """Yield the tensors with their types in ``mix``."""
    favoured = {layer for layer in range(layers) if _is_favoured(layer, layers)}
    for tensor in tensors:
        yield replace(tensor, type=_type(tensor, mix, favoured))


def _type(tensor: Tensor, mix: Mix, favoured: set[int]) -> str:
    if is_kept_whole(tensor):
        return "F32"
    if tensor.name == "output.weight":
        return mix.output
    if tensor.name.endswith(_SENSITIVE) and int(tensor.name.split(".")[1]) in favoured:
        return mix.favoured
    return mix.main


def is_kept_whole(tensor: Tensor) -> bool:
    """Whether a tensor stays F32 in every quantisation: vectors, routers and convolutions."""
    return len(tensor.shape) == 1 or "ffn_gate_inp" in tensor.name or "ssm_conv1d" in tensor.name


def _is_favoured(layer: int, layers: int) -> bool:
    """The first eighth, the last eighth, and every third layer between (llama.cpp's ``use_more_bits``)."""
    return layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2
