"""Shares a model among several GPUs so that each is as full as the others, whatever lies on the CPU. Pure.

llama.cpp shares layers by free memory and counts each layer alike. With the experts of the first layers on the CPU the
first GPU would be left almost empty, and the last too full.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from app.engine.messages import LoadSettings
from app.fit.layout import OUTPUT, ModelLayout
from app.fit.memory import GPU_MARGIN_BYTES
from app.fit.predict import KV_BYTES, Gpus

#: Kept out of the sharing for compute buffers, which are alike on all GPUs.
_COMPUTE_BYTES = 512 * 1024**2


def balanced(layout: ModelLayout, settings: LoadSettings, gpus: Gpus, wishes: Mapping[str, Any]) -> LoadSettings:
    """Return ``settings`` with a ``tensor_split`` that fills the GPUs evenly; unchanged where nothing is shared.

    Args:
        gpus: Names and free bytes of the GPUs that are used, in llama.cpp's order.
        wishes: Fields of ``LoadSettings`` a person has set.
    """
    if len(gpus) < 2 or settings.split_mode != "layer" or "tensor_split" in wishes:
        return settings
    n_layer = layout.n_layer
    on_gpu = min(settings.n_gpu_layers, n_layer + 1) if settings.n_gpu_layers >= 0 else n_layer + 1
    sizes = _layer_sizes(layout, settings)[n_layer + 1 - on_gpu :]
    if not sizes:
        return settings
    rooms = [max(1, free - GPU_MARGIN_BYTES - _COMPUTE_BYTES) for _name, free in gpus]
    shares = [sum(sizes) * room / sum(rooms) for room in rooms]
    counts = [0] * len(gpus)
    device, filled = 0, 0.0
    for size in sizes:
        # a layer goes where its middle falls, so that no GPU is always the one that gets too much
        while device < len(gpus) - 1 and filled + size / 2 > sum(shares[: device + 1]):
            device += 1
        counts[device] += 1
        filled += size
    return msgspec.structs.replace(settings, tensor_split=tuple(map(float, counts)))


def _layer_sizes(layout: ModelLayout, settings: LoadSettings) -> list[float]:
    """Return the bytes each block takes on a GPU, and last the output."""
    shape = layout.shape
    sizes = [0.0] * (layout.n_layer + 1)
    for weight in layout.weights:
        stays = weight.is_expert and weight.layer < settings.n_cpu_moe
        if 0 <= weight.layer < layout.n_layer and not stays:
            sizes[weight.layer] += weight.size_bytes
        elif weight.layer == OUTPUT:
            sizes[-1] += weight.size_bytes
    n_ctx = settings.n_ctx or layout.outline.n_ctx_train
    each = shape.key_length * KV_BYTES[settings.type_k] + shape.value_length * KV_BYTES[settings.type_v]
    for layer, heads in enumerate(shape.kv_heads):
        cells = min(n_ctx, shape.n_swa + settings.n_ubatch) if shape.windowed[layer] else n_ctx
        sizes[layer] += heads * each * cells
    return sizes
