"""What a person chose by hand of a plan's settings; the rest is Sawhorse's to choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.engine.messages import KvType


@dataclass(frozen=True)
class Wishes:
    """None: automatic.

    Attributes:
        n_ctx: Context size in tokens.
        kv_type: Type of the K and the V cache.
        n_cpu_moe: Layers whose experts stay on the CPU.
        n_gpu_layers: Layers on the GPU.
    """

    n_ctx: int | None = None
    kv_type: KvType | None = None
    n_cpu_moe: int | None = None
    n_gpu_layers: int | None = None

    @staticmethod
    def of(fields: Mapping[str, Any]) -> Wishes:
        """Return the wishes among fields of LoadSettings."""
        return Wishes(fields.get("n_ctx"), fields.get("type_k"), fields.get("n_cpu_moe"), fields.get("n_gpu_layers"))

    def fields(self) -> dict[str, Any]:
        """Return them as fields of LoadSettings."""
        fields = {
            "n_ctx": self.n_ctx,
            "type_k": self.kv_type,
            "type_v": self.kv_type,
            "n_cpu_moe": self.n_cpu_moe,
            "n_gpu_layers": self.n_gpu_layers,
        }
        return {name: value for name, value in fields.items() if value is not None}

    @property
    def is_automatic(self) -> bool:
        """Whether nothing was chosen by hand."""
        return self == Wishes()


@dataclass(frozen=True)
class PlanValues:
    """What the controls show: the settings in force, and between what they can be chosen.

    Attributes:
        n_ctx_train: The most the model was trained for.
        n_layer: Layers; ``n_expert_layer`` of them hold experts, 0 for none.
        has_gpu: Whether there is anything to put layers on but the CPU.
        fixed: Names of wishes that the settings of Sawhorse decide, where nothing was chosen here.
        has_more: Something was chosen by hand that has no control here.
    """

    n_ctx: int
    kv_type: KvType
    n_cpu_moe: int
    n_gpu_layers: int
    n_ctx_train: int
    n_layer: int
    n_expert_layer: int
    has_gpu: bool
    fixed: frozenset[str] = frozenset()
    has_more: bool = False


_LEAST_CONTEXT = 1024


def context_stops(n_ctx_train: int) -> tuple[int, ...]:
    """Return the context sizes a slider stops at: powers of two, and the most the model was trained for."""
    most = max(n_ctx_train, _LEAST_CONTEXT)
    powers = [2**power for power in range(10, most.bit_length()) if 2**power < most]
    return (*powers, most)
