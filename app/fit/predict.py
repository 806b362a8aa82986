"""What llama.cpp would plan, by arithmetic: from an earlier plan of its own, or from the header alone. Pure.

An earlier plan is scaled: KV caches with their cells and types, compute buffers with the mask of the context. That is
what a slider shows until llama.cpp has answered. From the header alone, for architectures this llama.cpp does not
know, it is an estimate and marked as one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from app.engine.messages import KvType, LoadSettings
from app.fit.dry_run import Cache, DryRunDone
from app.fit.layout import ModelLayout
from app.fit.placement import CPU, layer_devices, overridden

#: Bytes per element of the types a KV cache may have: block bytes by elements per block, as in ggml.
KV_BYTES: dict[KvType, float] = {
    "f32": 4.0, "f16": 2.0, "bf16": 2.0, "q8_0": 34 / 32, "q5_1": 24 / 32, "q5_0": 22 / 32, "q4_1": 20 / 32,
    "q4_0": 18 / 32, "iq4_nl": 18 / 32,
}  # fmt: skip
#: llama.cpp rounds contexts up to this (``GGML_PAD(n_ctx, 256)``), and the caches of sliding windows too.
CELLS = 256
#: Elements per token of the activations that live at once, in units of the model's width; seen in dry runs.
_ACTIVATIONS, _EXPERT_ACTIVATIONS = 16, 2

#: What comes of numbers that cannot be true stays below this, and can be added up and sent.
_MOST_BYTES = 2**53

Gpus = Sequence[tuple[str, int]]


def predict_run(
    layout: ModelLayout, base: DryRunDone, base_settings: LoadSettings, settings: LoadSettings, gpus: Gpus
) -> DryRunDone:
    """Return what llama.cpp would plan for ``settings``, from what it planned for ``base_settings``.

    Args:
        gpus: Names and free bytes of the GPUs it would use with ``settings``.

    Raises:
        AppError: A tensor override is not a regular expression.
    """
    n_ctx = _padded(settings.n_ctx or base.n_ctx_train)
    layers = layer_devices(len(base.layers) - 1, settings, gpus)
    caches = tuple(
        _scaled(cache, index, layout, base, base_settings, settings, layers, n_ctx)
        for index, cache in enumerate(base.caches)
    )
    recurrent = _moved(sum(base.recurrent.values()), _devices(layout.shape.recurrent, layers, settings))
    windowed = sum(cache.size_bytes for cache in caches[1:]) if layout.shape.n_swa else 0
    return msgspec.structs.replace(
        base,
        n_ctx=n_ctx,
        layers=layers,
        overridden=overridden(layout, settings),
        caches=caches,
        recurrent=recurrent,
        compute=_compute(layout, base, base_settings, settings, layers, gpus, n_ctx),
        checkpoint_bytes=sum(recurrent.values()) + windowed,
        state_bytes=sum(recurrent.values()) + sum(cache.size_bytes for cache in caches),
    )


def formula_run(layout: ModelLayout, settings: LoadSettings, gpus: Gpus) -> DryRunDone:
    """Return an estimate from the header alone.

    Raises:
        AppError: A tensor override is not a regular expression.
    """
    shape = layout.shape
    n_ctx = _padded(settings.n_ctx or layout.outline.n_ctx_train or 4096)
    layers = layer_devices(layout.n_layer, settings, gpus)
    full = [heads > 0 and not seen for heads, seen in zip(shape.kv_heads, shape.windowed, strict=True)]
    windowed = [heads > 0 and seen for heads, seen in zip(shape.kv_heads, shape.windowed, strict=True)]
    caches = [_cache(layout, full, settings, layers, n_ctx)]
    if any(windowed):
        caches.append(_cache(layout, windowed, settings, layers, _window_cells(shape.n_swa, settings, n_ctx)))
    state = _size(4 * shape.state_elements * sum(shape.recurrent))
    recurrent = _moved(state, _devices(shape.recurrent, layers, settings))
    n_ubatch = min(settings.n_ubatch or settings.n_batch, n_ctx)
    width = shape.n_embd * (_ACTIVATIONS + _EXPERT_ACTIVATIONS * shape.n_expert_used)
    compute = _size(4 * n_ubatch * width + _mask_bytes(n_ctx, n_ubatch))
    copies = _copied_bytes(layout, settings, layers, gpus)
    window_bytes = sum(cache.size_bytes for cache in caches[1:])
    return DryRunDone(
        n_ctx=n_ctx,
        n_ctx_train=layout.outline.n_ctx_train,
        layers=layers,
        overridden=overridden(layout, settings),
        repacked={},
        unused=(),
        caches=tuple(caches),
        recurrent=recurrent,
        compute={name: compute + (copies if name != CPU else 0) for name in _computing(settings, layers, gpus)},
        output={CPU: 4 * shape.n_vocab},
        needs_checkpoints=any(shape.recurrent) or bool(window_bytes),
        checkpoint_bytes=state + window_bytes,
        state_bytes=state + sum(cache.size_bytes for cache in caches),
    )


def _size(value: float) -> int:
    return round(min(value, _MOST_BYTES))


def _padded(n_ctx: int) -> int:
    return max(CELLS, n_ctx + -n_ctx % CELLS)


def _window_cells(n_swa: int, settings: LoadSettings, n_ctx: int) -> int:
    """``size_swa`` of llama-kv-cache-iswa.cpp."""
    n_ubatch = min(settings.n_ubatch or settings.n_batch, n_ctx)
    return _padded(min(n_ctx, n_swa + n_ubatch))


def _mask_bytes(n_ctx: int, n_ubatch: int) -> int:
    """The mask of flash attention, in f16."""
    return 2 * n_ctx * n_ubatch


def _cache(
    layout: ModelLayout, holds: Sequence[bool], settings: LoadSettings, layers: Sequence[str], cells: int
) -> Cache:
    shape = layout.shape
    heads = sum(count for count, held in zip(shape.kv_heads, holds, strict=True) if held)
    return Cache(
        cells=cells,
        k_bytes=_size(cells * heads * shape.key_length * KV_BYTES[settings.type_k]),
        v_bytes=_size(cells * heads * shape.value_length * KV_BYTES[settings.type_v]),
        layers=dict(Counter(_devices(holds, layers, settings))),
    )


def _scaled(
    cache: Cache,
    index: int,
    layout: ModelLayout,
    base: DryRunDone,
    base_settings: LoadSettings,
    settings: LoadSettings,
    layers: Sequence[str],
    n_ctx: int,
) -> Cache:
    is_window = index > 0 and layout.shape.n_swa > 0
    cells = _window_cells(layout.shape.n_swa, settings, n_ctx) if is_window else n_ctx
    grown = cells / max(1, cache.cells)
    holds = _holding(layout, index, sum(cache.layers.values()), len(base.caches))
    k_ratio = KV_BYTES[settings.type_k] / KV_BYTES[base_settings.type_k]
    v_ratio = KV_BYTES[settings.type_v] / KV_BYTES[base_settings.type_v]
    return Cache(
        cells=cells,
        k_bytes=_size(cache.k_bytes * grown * k_ratio),
        v_bytes=_size(cache.v_bytes * grown * v_ratio),
        layers=dict(Counter(_devices(holds, layers, settings))) or cache.layers,
    )


def _holding(layout: ModelLayout, index: int, count: int, caches: int) -> Sequence[bool]:
    """Return which blocks a cache belongs to; all of them where the header does not tell."""
    shape = layout.shape
    wants_window = caches > 1 and index > 0
    holds = [
        heads > 0 and (caches == 1 or seen == wants_window)
        for heads, seen in zip(shape.kv_heads, shape.windowed, strict=True)
    ]
    return holds if sum(holds) == count else [True] * layout.n_layer


def _devices(holds: Iterable[bool], layers: Sequence[str], settings: LoadSettings) -> list[str]:
    """Return the device of each block that holds something."""
    return [device if settings.offload_kqv else CPU for held, device in zip(holds, layers, strict=False) if held]


def _moved(size: int, devices: Sequence[str]) -> dict[str, int]:
    """Return ``size`` in equal parts for every block, by device."""
    return {device: round(size * count / len(devices)) for device, count in Counter(devices).items()} if size else {}


def _compute(
    layout: ModelLayout,
    base: DryRunDone,
    base_settings: LoadSettings,
    settings: LoadSettings,
    layers: Sequence[str],
    gpus: Gpus,
    n_ctx: int,
) -> dict[str, int]:
    before = min(base_settings.n_ubatch or base_settings.n_batch, base.n_ctx)
    now = min(settings.n_ubatch or settings.n_batch, n_ctx)
    mask = _mask_bytes(n_ctx, now) - _mask_bytes(base.n_ctx, before) * now // before
    had = [(name, 0) for name in base.compute if name != CPU]
    copies = _copied_bytes(layout, settings, layers, gpus) - _copied_bytes(layout, base_settings, base.layers, had)
    largest = max(base.compute.values(), default=0)
    return {
        device: max(
            0,
            base.compute.get(device, largest if device != CPU else 0) * now // before
            + mask
            + (copies if device != CPU else 0),
        )
        for device in _computing(settings, layers, gpus)
    }


def _computing(settings: LoadSettings, layers: Sequence[str], gpus: Gpus) -> list[str]:
    """Return the devices that take part: a GPU without a single layer too, if prompts are computed on it."""
    borrowed = [name for name, _free in gpus] if settings.op_offload and settings.split_mode != "none" else []
    return list(dict.fromkeys([CPU, *layers, *borrowed]))


def _copied_bytes(layout: ModelLayout, settings: LoadSettings, layers: Sequence[str], gpus: Gpus) -> int:
    """What a GPU takes for weights that lie on the CPU: in prompts it copies them over, two at a time."""
    if not settings.op_offload or not gpus:
        return 0
    on_cpu = (
        weight.size_bytes
        for weight in layout.weights
        if (weight.is_expert and weight.layer < settings.n_cpu_moe)
        or (0 <= weight.layer < len(layers) and layers[weight.layer] == CPU)
    )
    return 2 * max(on_cpu, default=0)
