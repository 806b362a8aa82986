"""What the fit check says: a machine, a plan of memory on its devices, a verdict, and speeds. Values only.

Sizes are bytes, bandwidths bytes per second, speeds tokens per second.
"""

from __future__ import annotations

from typing import Literal

from app.catalog.variants import RemoteFile
from app.engine.messages import LoadSettings, Value

Part = Literal["weights", "kv_cache", "recurrent_state", "compute", "output", "checkpoints", "prompt_cache"]
#: In the order they are drawn.
PARTS: tuple[Part, ...] = (
    "weights", "kv_cache", "recurrent_state", "compute", "output", "checkpoints", "prompt_cache",
)  # fmt: skip
Verdict = Literal["fits", "fits_with_offload", "mapped", "too_large"]
#: "dry_run": llama.cpp planned the load itself; "formula": an estimate, for what this llama.cpp does not know.
Method = Literal["dry_run", "formula"]


class ModelSource(Value, frozen=True, kw_only=True):
    """Where the headers of a model can be read: local files, or files that can be fetched; all shards in order.

    Exactly one of ``paths`` and ``files`` is given.
    """

    paths: tuple[str, ...] = ()
    files: tuple[RemoteFile, ...] = ()


class MachineDevice(Value, frozen=True, kw_only=True):
    """Memory that a model can be put into: the machine's own (``kind`` "cpu", name "CPU"), or a GPU's.

    Attributes:
        name: llama.cpp's name, such as "CPU" or "CUDA0".
        description: For people, such as "NVIDIA H100 80GB".
        free_bytes: What can be taken now, after what others use.
        others: Names of the programs that use most of it, with their bytes; empty where unknown.
        bandwidth: Bytes per second its memory is read at; 0 where unknown.
        shares_memory: Its memory is the machine's own (Apple's chips, integrated GPUs): what it takes, the CPU lacks.
    """

    name: str
    description: str
    kind: Literal["cpu", "gpu", "igpu", "accel"]
    total_bytes: int
    free_bytes: int
    others: tuple[tuple[str, int], ...] = ()
    bandwidth: float = 0.0
    shares_memory: bool = False


class Machine(Value, frozen=True, kw_only=True):
    """What the probe found.

    Attributes:
        devices: The CPU first.
        limit_bytes: The container's limit of memory (cgroup), None for none.
        disk_free_bytes: Where models are downloaded to.
        disk_bandwidth: Bytes per second that disk is read at; 0 where it was not measured.
        physical_cores: That this process may use.
        notes: What could not be found out, in sentences.
    """

    devices: tuple[MachineDevice, ...]
    swap_total_bytes: int = 0
    swap_free_bytes: int = 0
    limit_bytes: int | None = None
    disk_free_bytes: int = 0
    disk_bandwidth: float = 0.0
    physical_cores: int = 1
    notes: tuple[str, ...] = ()


class DevicePlan(Value, frozen=True, kw_only=True):
    """What a load will take of one device.

    Attributes:
        parts: Bytes by part; parts of nothing are left out.
        mapped_bytes: Of the weights, those mapped from disk: they need not be in memory, but are slow outside it.
        mapped_span: What llama.cpp will log for them: each file's bytes from the first mapped tensor to the last.
    """

    name: str
    description: str
    kind: Literal["cpu", "gpu", "igpu", "accel"]
    total_bytes: int
    free_bytes: int
    parts: dict[Part, int]
    mapped_bytes: int = 0
    mapped_span: int = 0

    @property
    def needed_bytes(self) -> int:
        """All parts together."""
        return sum(self.parts.values())


class Speed(Value, frozen=True, kw_only=True):
    """An estimated speed in tokens per second, with the range it most likely lies in."""

    low: float
    estimate: float
    high: float


class Change(Value, frozen=True, kw_only=True):
    """A change of the load settings that would make a model fit, in words and as settings."""

    words: str
    settings: LoadSettings


class FitPlan(Value, frozen=True, kw_only=True):
    """The answer: what a model with these settings will need here.

    Attributes:
        settings: Every None replaced by what was chosen.
        verdict: Whether it fits.
        reason: The verdict in words and numbers, for people.
        short_bytes: How much is missing, on ``short_device``; 0 unless it is "too_large".
        changes: What would make it fit, best first.
        prompt_speed, generation_speed: None where nothing can be said.
        corrected_by: What these speeds were multiplied with (prompt, generation), from earlier runs here.
        placement: "cpu", "gpu" or "mixed".
    """

    model: str
    settings: LoadSettings
    devices: tuple[DevicePlan, ...]
    verdict: Verdict
    reason: str
    method: Method
    n_ctx: int
    short_bytes: int = 0
    short_device: str = ""
    changes: tuple[Change, ...] = ()
    prompt_speed: Speed | None = None
    generation_speed: Speed | None = None
    corrected_by: tuple[float, float] = (1.0, 1.0)
    placement: str = "cpu"


class ModelOutline(Value, frozen=True, kw_only=True):
    """What the headers of a model say, as far as choosing needs it.

    Attributes:
        n_layer: Blocks; ``n_expert_layer`` of them hold experts (0: not a mixture of experts).
        n_params: Weights in all; bits per weight are ``8 * size_bytes / n_params``.
        size_bytes: Bytes of all tensors.
        fetched_bytes: Bytes that were fetched to read it.
    """

    name: str
    architecture: str
    n_layer: int
    n_expert_layer: int
    n_ctx_train: int
    n_params: int
    size_bytes: int
    is_recurrent: bool = False
    fetched_bytes: int = 0
