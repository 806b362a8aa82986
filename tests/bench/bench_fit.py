"""How exact the fit check is: what it predicts from headers alone, against what llama.cpp really allocates.

Every variant of Qwen3-Coder-Next's card at its full shape, and models of other architectures at theirs, all sparse
files; contexts from 4K to 256K, three types of KV cache, weights mapped, and repacked where that fits here. Also the
time of a plan once headers are there, and of the arithmetic behind a slider.

``SAWHORSE_BENCH_FIT="large tiny"`` leaves out the full-shape files, each of which takes a minute or more to map.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from app.cli.waiting_fit import WaitingFit, waiting_fit
from app.engine.messages import KvType, LoadSettings
from app.fit.record import actual_bytes, predicted_bytes
from app.fit.values import FitPlan, ModelSource, Part
from app.paths import find_paths
from tests.bench.measurement import Measurement, percentile
from tests.bench.real_load import allocations
from tests.models.build import Builder, starter_path
from tests.models.shapes import LARGE, TINY

GB = 1e9
CONTEXTS = (4_096, 32_768, 131_072, 262_144)
KV_TYPES: tuple[KvType, ...] = ("f16", "q8_0", "q4_0")
#: The card's six, smallest first.
VARIANTS = ("Q4_K_M", "Q5_0", "Q5_K_M", "Q6_K", "Q8_0", "F16")
#: One has types that are not repacked on most processors, the other is repacked whole.
LARGE_QUANTISATIONS = {"Q4_K_M": tuple(LARGE), "Q4_0": ("llama", "qwen3moe")}
#: Most memory a real load may take beside what is mapped, of what is free.
SHARE = 0.4


def run() -> Iterator[Measurement]:
    """Compare predictions with real loads, model by model."""
    builder = _builder()
    wanted = os.environ.get("SAWHORSE_BENCH_FIT", "full large tiny").split()
    with waiting_fit(find_paths()) as fit:
        yield from speeds(fit, builder.full_shape())
        if "tiny" in wanted:
            for model in [starter_path(), *map(builder.tiny, TINY)]:
                yield from compare(fit, model, repack=False)
        if "large" in wanted:
            for quantisation, architectures in LARGE_QUANTISATIONS.items():
                for architecture in architectures:
                    model = builder.large(architecture, quantisation)
                    yield from compare(fit, model, repack=False)
                    yield from compare(fit, model, repack=True)
        if "full" in wanted:
            for quantisation in VARIANTS:
                yield from compare(fit, builder.full_shape(quantisation), repack=False)


def compare(fit: WaitingFit, model: Path, *, repack: bool) -> Iterator[Measurement]:
    """Compare all contexts and KV types of one model, loaded once: in all, and without the weights."""
    source = ModelSource(paths=(str(model),))
    candidates = [
        LoadSettings(n_ctx=n_ctx, type_k=kv, type_v=kv, use_extra_bufts=repack) for n_ctx in CONTEXTS for kv in KV_TYPES
    ]
    plans = [(settings, _plan(fit, source, settings)) for settings in candidates]
    possible = [(settings, plan) for settings, plan in plans if _can_load(plan)]
    if not possible:
        return
    memories = allocations(model, [settings for settings, _plan in possible])
    worst: tuple[float, str] = (0.0, "")
    compared = 0
    for (settings, plan), memory in zip(possible, memories, strict=True):
        if memory is None:
            continue
        predicted = sum(map(predicted_bytes, plan.devices))
        actual = sum(actual_bytes(memory).values())
        compared += 1
        besides = sum(size for parts in memory.values() for part, size in parts.items() if part != "weights")
        error = max(abs(predicted - actual) / actual, abs(_besides_weights(plan) - besides) / besides)
        words = f"{settings.n_ctx // 1024}K {settings.type_k}: {predicted / GB:.3f} GB, took {actual / GB:.3f}"
        worst = max(worst, (error, words))
    how = "repacked" if repack else "mapped"
    yield Measurement(
        f"{model.stem}, {how}: largest error",
        100 * worst[0] if compared else 100.0,
        "%",
        1.0,
        note=f"of {compared}; {worst[1]}",
    )


def _besides_weights(plan: FitPlan) -> int:
    """Return what is predicted for caches, state and buffers alone, which weights would outweigh."""
    parts: tuple[Part, ...] = ("kv_cache", "recurrent_state", "compute", "output")
    return sum(device.parts.get(part, 0) for device in plan.devices for part in parts)


def speeds(fit: WaitingFit, model: Path) -> Iterator[Measurement]:
    """Measure how long a plan takes once the header is there, and a slider's arithmetic."""
    source = ModelSource(paths=(str(model),))
    _plan(fit, source, LoadSettings())
    exact, quick = [], []
    for step in range(20):
        settings = LoadSettings(n_ctx=8192 + 256 * step, n_cpu_moe=step)
        begun = time.perf_counter()
        assert fit.service.quick(source, settings) is not None
        quick.append(1000 * (time.perf_counter() - begun))
        begun = time.perf_counter()
        _plan(fit, source, settings)
        exact.append(time.perf_counter() - begun)
    yield Measurement("an exact plan, header at hand (worst of 20)", max(exact), "s", 1.0)
    yield Measurement("a slider's plan by arithmetic, p95", percentile(quick, 95), "ms", 50.0)


def _plan(fit: WaitingFit, source: ModelSource, settings: LoadSettings) -> FitPlan:
    plan = fit.wait(lambda done: fit.service.plan(source, settings, done))
    assert isinstance(plan, FitPlan)
    return plan


def _can_load(plan: FitPlan) -> bool:
    cpu = plan.devices[0]
    caches = cpu.parts.get("checkpoints", 0) + cpu.parts.get("prompt_cache", 0)
    return cpu.needed_bytes - cpu.mapped_bytes - caches < SHARE * cpu.free_bytes


def _builder() -> Builder:
    folder = os.environ.get("SAWHORSE_TEST_CACHE")
    return Builder(Path(folder) if folder else platformdirs.user_cache_path("sawhorse-tests"))
