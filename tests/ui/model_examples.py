"""Honest example values of models, variants and plans, for tests of the model dialog and for pictures of it.

The bytes of Qwen3-Coder-Next are those of its published files and of llama.cpp's allocations for them; the
machines are invented.
"""

from __future__ import annotations

from msgspec.structs import replace

from app.engine.messages import LoadSettings
from app.fit.values import Change, DevicePlan, FitPlan, Speed
from ui.models.fit_words import CHECKING, mark_of
from ui.models.variant_model import VariantRow
from ui.models.wishes import PlanValues

GB = 1_000_000_000
GIB = 1024**3
MIB = 1024**2

QWEN_SIZES = {"Q4_K_M": 48.4, "Q5_0": 55.0, "Q5_K_M": 56.7, "Q6_K": 65.5, "Q8_0": 84.8, "F16": 159.0}
QUALITY = {
    "Q4_K_M": "The usual choice; slight loss",
    "Q5_0": "Older format, much like Q5_K_M",
    "Q5_K_M": "Very close to the original",
    "Q6_K": "Practically the original",
    "Q8_0": "As good as the original",
    "F16": "The original",
}


def cpu_device(weights: int, *, total=64 * GIB, free=51 * GIB, context=32768, mapped=0) -> DevicePlan:
    """Return the plan of a machine without a GPU for a hybrid model."""
    parts = {
        "weights": weights,
        "kv_cache": context * 24 * 1024,
        "recurrent_state": 75 * MIB,
        "compute": 420 * MIB,
        "output": 2 * MIB,
        "checkpoints": 2 * GIB,
        "prompt_cache": GIB,
    }
    return DevicePlan(
        name="CPU", description="", kind="cpu", total_bytes=total, free_bytes=free, parts=parts, mapped_bytes=mapped
    )


def gpu_device(name="CUDA0", description="NVIDIA GeForce RTX 4090", *, total=24 * GIB, free=22 * GIB, weights=17 * GIB):
    """Return the plan of a GPU."""
    parts = {"weights": weights, "kv_cache": 768 * MIB, "recurrent_state": 75 * MIB, "compute": 900 * MIB}
    return DevicePlan(name=name, description=description, kind="gpu", total_bytes=total, free_bytes=free, parts=parts)


FITS = FitPlan(
    model="Qwen3-Coder-Next",
    settings=LoadSettings(n_ctx=32768, n_gpu_layers=0),
    devices=(cpu_device(int(48.4 * GB)),),
    verdict="fits",
    reason="Needs 53.2 GB of the 54.8 GB that are free, and leaves 1.5 GB.",
    method="dry_run",
    n_ctx=32768,
    prompt_speed=Speed(low=61, estimate=74, high=92),
    generation_speed=Speed(low=14, estimate=17, high=21),
)
OFFLOAD = FitPlan(
    model="Qwen3-Coder-Next",
    settings=LoadSettings(n_ctx=32768, n_gpu_layers=-1, n_cpu_moe=31),
    devices=(cpu_device(32 * GIB), gpu_device()),
    verdict="fits_with_offload",
    reason="The experts of 31 of 48 layers stay in main memory; everything else is on the GPU, with 1.1 GB to spare.",
    method="dry_run",
    n_ctx=32768,
    prompt_speed=Speed(low=310, estimate=390, high=480),
    generation_speed=Speed(low=26, estimate=31, high=37),
)
TWO_GPUS = replace(
    OFFLOAD,
    settings=LoadSettings(n_ctx=32768, n_gpu_layers=-1, n_cpu_moe=8),
    devices=(
        cpu_device(9 * GIB),
        gpu_device(weights=20 * GIB),
        gpu_device("CUDA1", "NVIDIA RTX A5000 with a rather long marketing name, Laptop Edition", weights=19 * GIB),
    ),
)
MAPPED = replace(
    FITS,
    devices=(cpu_device(int(84.8 * GB), mapped=int(84.8 * GB)),),
    verdict="mapped",
    reason="84.8 GB of weights do not fit the 54.8 GB that are free. Mapped from disk, about 36 GB are read again and "
    "again at 2.1 GB/s.",
    generation_speed=Speed(low=0.8, estimate=1.4, high=2.2),
    prompt_speed=Speed(low=4, estimate=6, high=9),
    changes=(Change(words="Choose Q4_K_M instead", settings=LoadSettings()),),
)
TOO_LARGE = replace(
    FITS,
    settings=LoadSettings(n_ctx=262144, n_gpu_layers=0),
    devices=(cpu_device(int(65.5 * GB), context=262144),),
    verdict="too_large",
    reason="Needs 76.0 GB of memory; 54.8 GB of 68.7 GB are free.",
    short_bytes=int(21.2 * GB),
    short_device="CPU",
    n_ctx=262144,
    generation_speed=None,
    prompt_speed=None,
    changes=(
        Change(words="Use 32K context", settings=LoadSettings(n_ctx=32768)),
        Change(words="Map from disk", settings=LoadSettings(use_mmap=True)),
        Change(words="Use q8_0 for the KV cache", settings=LoadSettings(type_k="q8_0", type_v="q8_0")),
    ),
)
FORMULA = replace(
    FITS,
    method="formula",
    reason="This llama.cpp does not know the architecture \u201cminimax-m9\u201d, so this is an estimate by formula, "
    "not a plan. It cannot be loaded before Sawhorse is updated.",
)


def values_of(plan: FitPlan, *, n_ctx_train=262144, n_layer=48, n_expert_layer=48) -> PlanValues:
    """Return what the controls show of a plan."""
    return PlanValues(
        n_ctx=plan.n_ctx,
        kv_type=plan.settings.type_k,
        n_cpu_moe=plan.settings.n_cpu_moe,
        n_gpu_layers=plan.settings.n_gpu_layers,
        n_ctx_train=n_ctx_train,
        n_layer=n_layer,
        n_expert_layer=n_expert_layer,
        has_gpu=any(device.kind != "cpu" for device in plan.devices),
    )


def qwen_rows(*, is_rounded=False) -> list[VariantRow]:
    """Return the six variants of the card, with the verdicts of the invented machine."""
    marks = {"Q4_K_M": FITS, "Q5_0": MAPPED, "Q5_K_M": MAPPED, "Q6_K": MAPPED, "Q8_0": MAPPED}
    rows = []
    for name, size in QWEN_SIZES.items():
        plan = marks.get(name, TOO_LARGE)
        rows.append(
            VariantRow(
                key=name,
                quantization=name,
                size_bytes=int(size * GB),
                bits_per_weight=size * 8 / 80,
                quality=QUALITY[name],
                mark=mark_of(plan),
                why=plan.reason,
                speed=plan.generation_speed,
                files=4,
                is_rounded=is_rounded,
                is_best=name == "Q4_K_M",
            )
        )
    return rows


def many_rows() -> list[VariantRow]:
    """Return 30 variants with long names, in every state."""
    states = ["away", "here", "running", "paused", "waiting", "queued", "verifying", "failed", "incomplete"]
    rows = []
    for number in range(30):
        plan = (FITS, OFFLOAD, MAPPED, TOO_LARGE, FORMULA)[number % 5]
        name = (
            f"UD-IQ{number % 8 + 1}_XXS-imatrix-calibrated-{number}"
            if number % 3 == 0
            else f"Q{number % 8 + 1}_K_{number}"
        )
        rows.append(
            VariantRow(
                key=name,
                quantization=name,
                size_bytes=(number * 5 + 1) * GB // 2,
                bits_per_weight=1.5 + number / 4,
                quality="Made with an importance matrix; noticeably worse at long tool calls",
                mark=CHECKING if number > 24 else mark_of(plan),
                speed=plan.generation_speed,
                state=states[number % len(states)],
                share=number / 30,
                files=number % 4 + 1,
                place="LM Studio" if number % 2 else "Sawhorse",
                is_best=number == 5,
            )
        )
    return rows
