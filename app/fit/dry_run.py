"""What a dry run is asked and what it answers: llama.cpp's own plan of a load. Values only; sizes in bytes.

The child is ``app.engine.llama.dry_run``.
"""

from __future__ import annotations

from app.engine.messages import Device, LoadSettings, Value
from app.ipc.job import JobCommand, JobEvent, JobFailed


class Headers(Value, frozen=True, kw_only=True):
    """Where llama.cpp finds the headers of a model.

    Attributes:
        key: Names the content: dry runs of equal keys and settings are equal.
        path: The first of the local files; empty where only headers are here.
        heads: Otherwise, files that hold the first bytes of each of the model's files.
        lengths: The full lengths of those files.
    """

    key: str
    path: str = ""
    heads: tuple[str, ...] = ()
    lengths: tuple[int, ...] = ()


class DryRun(JobCommand, tag="dry_run", frozen=True, kw_only=True):
    """Plan a load. Answers: DryRunDone, or JobFailed with code "unsupported" where llama.cpp cannot.

    Attributes:
        settings: As a load would get them, with ``use_extra_bufts`` chosen.
        folder: Where shadow files may be made.
    """

    headers: Headers
    settings: LoadSettings
    folder: str


class ListDevices(JobCommand, tag="devices", frozen=True, kw_only=True):
    """Name llama.cpp's devices. Answers: DevicesListed."""


class Cache(Value, frozen=True, kw_only=True):
    """One KV cache; a model with a sliding window has two.

    Attributes:
        layers: How many of its layers lie on each device.
    """

    cells: int
    k_bytes: int
    v_bytes: int
    layers: dict[str, int]

    @property
    def size_bytes(self) -> int:
        """Bytes of K and V."""
        return self.k_bytes + self.v_bytes


class DryRunDone(JobEvent, tag="dry_run", frozen=True, kw_only=True):
    """What llama.cpp would do.

    Attributes:
        layers: The device of each block, and last of the output.
        overridden: Tensors that overrides put elsewhere, with the buffer type.
        repacked: Tensors that would be copied into another format on the CPU, where they are on the CPU, with
            ``use_extra_bufts``; by buffer type. A tensor that is used twice is named twice.
        unused: Tensors of the file that are not loaded.
        recurrent, compute, output: Bytes by device.
        checkpoint_bytes: The most one checkpoint of our prompt cache takes.
        state_bytes: The most a saved conversation takes, without its checkpoints.
        needs_checkpoints: Whether the prompt cache makes checkpoints for this model at all.
    """

    n_ctx: int
    n_ctx_train: int
    layers: tuple[str, ...]
    overridden: dict[str, str]
    repacked: dict[str, tuple[str, ...]]
    unused: tuple[str, ...]
    caches: tuple[Cache, ...]
    recurrent: dict[str, int]
    compute: dict[str, int]
    output: dict[str, int]
    needs_checkpoints: bool
    checkpoint_bytes: int
    state_bytes: int


class DevicesListed(JobEvent, tag="devices", frozen=True, kw_only=True):
    """llama.cpp's devices, in its order."""

    devices: tuple[Device, ...]


DryRunCommand = DryRun | ListDevices
DryRunEvent = DryRunDone | DevicesListed | JobFailed
