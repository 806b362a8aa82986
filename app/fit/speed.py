"""How fast a model will be: bytes touched for each token by the speed of where they lie. Pure.

An estimate with a range, no promise. Its constants are fits to measured runs of llama.cpp (80B-A3B on an H100 with
its experts on either side, on two cores, and what others publish for A100, M2 Ultra, Strix Halo and RTX cards); each
says what it was fitted to. What this machine did with a model before corrects them (``app.fit.record``).
"""

from __future__ import annotations

import msgspec

from app.engine.messages import LoadSettings
from app.fit.dry_run import DryRunDone
from app.fit.layout import ModelLayout
from app.fit.memory import CPU_MARGIN_BYTES, Need
from app.fit.placement import CPU, DeviceWeights
from app.fit.values import Machine, Speed

#: Of its bandwidth, what a device reaches in generation: low, estimate, high.
_CPU_REACH = (0.5, 0.7, 0.85)
_GPU_REACH = (0.6, 0.75, 0.9)
#: Seconds a block costs beside its bytes, for its many small kernels: dense, more with experts, more if recurrent.
#: 109 us for a recurrent block with experts on an H100, 143 on an A100; 30 for a dense one on an RTX 4090.
_DENSE_S, _EXPERTS_S, _RECURRENT_S = 30e-6, 35e-6, 50e-6
#: The same on a CPU, where recurrence and experts cost more, and most on many threads that wait for each other: 7
#: tokens/s on two cores, 7 to 12 on a desktop's eight, 11 on a server's sixteen, of memory that would allow twice that.
_CPU_DENSE_S = (80e-6, 40e-6, 20e-6)
_CPU_EXPERTS_S = (1.2e-3, 0.35e-3, 0.1e-3)
#: Going from GPU to CPU and back for the experts of one block.
_CROSSING_S = 150e-6
#: Prompt: floating-point operations per byte of a GPU's bandwidth. 10 on an H100, 7 on an A100, 11 on an M2 Ultra.
_FLOPS_PER_BYTE = (5.0, 9.0, 14.0)
#: Prompt on the CPU: operations per second and core: 36 G on a desktop, 107 G with AVX-512; and what repacking adds.
_CORE_FLOPS = (25e9, 60e9, 110e9)
_REPACK_GAIN = 1.5
#: Bytes per second from memory to a GPU, for experts it borrows in prompts (PCIe 3 to 5).
_BUS = (10e9, 25e9, 45e9)
#: Of a disk's sequential speed, what page faults all over a file reach.
_FAULT_REACH = (0.25, 0.5, 1.0)
#: Generation is estimated with this many tokens in the context.
_CONTEXT_TOKENS = 2048
_DEFAULT_GPU_BANDWIDTH = 300e9  # where a driver does not tell: between a notebook's and a desktop's


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured here, by what was estimated, for one kind of placement; ``runs`` say how often."""

    prompt: float = 1.0
    generation: float = 1.0
    runs: int = 0


def placement_kind(need: Need) -> str:
    """Return "cpu", "gpu", or "mixed" where both hold blocks or experts: what a correction is kept for."""
    on_gpu = any(weights.total for name, weights in need.weights.items() if name != CPU)
    cpu = need.weights[CPU]
    if not on_gpu:
        return "cpu"
    return "mixed" if cpu.dense + cpu.experts else "gpu"


def estimate(
    layout: ModelLayout,
    run: DryRunDone,
    settings: LoadSettings,
    need: Need,
    machine: Machine,
    correction: Correction | None = None,
) -> tuple[Speed | None, Speed | None]:
    """Return the speeds of prompt and generation; None where a bandwidth that matters is not known."""
    touched = _Touched(layout, run, settings, need, machine)
    correction = correction or Correction()
    return (
        _speed([touched.prompt_seconds(level) for level in range(3)], correction.prompt, correction.runs),
        _speed([touched.token_seconds(level) for level in range(3)], correction.generation, correction.runs),
    )


def _speed(seconds: list[float | None], factor: float, runs: int) -> Speed | None:
    known = [value for value in seconds if value]
    if len(known) < 3:
        return None
    low, estimated, high = sorted(factor / value for value in known)
    if runs:  # what was measured here says more than what is usual
        low, high = max(low, 0.7 * estimated), min(high, 1.4 * estimated)
    return Speed(low=low, estimate=estimated, high=high)


class _Touched:
    """The bytes and operations of one plan. ``level`` is 0 for a slow machine of its kind, 1 usual, 2 fast."""

    def __init__(
        self, layout: ModelLayout, run: DryRunDone, settings: LoadSettings, need: Need, machine: Machine
    ) -> None:
        shape = layout.shape
        self._layout, self._run, self._settings, self._need, self._machine = layout, run, settings, need, machine
        self._used = shape.n_expert_used / shape.n_expert if shape.n_expert else 1.0
        self._bandwidth = {device.name: device.bandwidth for device in machine.devices}
        self._gpus = {device.name for device in machine.devices if device.kind != "cpu"}

    def token_seconds(self, level: int) -> float | None:
        """Seconds for one token of a reply."""
        seconds = 0.0
        for name, weights in self._need.weights.items():
            bandwidth = self._reached(name, level)
            if not bandwidth:
                return None
            seconds += (weights.dense + weights.experts * self._used) / bandwidth
        for cache in self._run.caches:
            per_layer = cache.size_bytes * min(1.0, _CONTEXT_TOKENS / cache.cells) / max(1, sum(cache.layers.values()))
            for name, layers in cache.layers.items():
                seconds += per_layer * layers / (self._reached(name, level) or 1e12)
        faults = self._faulted(self._need.weights[CPU], every_expert=False, level=level)
        return None if faults is None else seconds + self._block_seconds(level) + faults

    def prompt_seconds(self, level: int) -> float | None:
        """Seconds for one token of a prompt: a micro-batch's, by its tokens."""
        tokens = max(1, min(self._settings.n_ubatch or self._settings.n_batch, self._run.n_ctx))
        has_gpu = any(name in self._gpus for name in self._run.layers)
        seconds = self._block_seconds(level)
        elements = self._layout.active_elements
        for name, weights in self._need.weights.items():
            is_borrowed = name == CPU and has_gpu and self._settings.op_offload and tokens >= 32
            bandwidth = _BUS[level] if is_borrowed else self._reached(name, level)
            if not bandwidth:
                return None
            seconds += (weights.dense + weights.experts) / bandwidth
        seconds += 2 * elements * tokens / self._flops(has_gpu=has_gpu, level=level)
        faults = self._faulted(self._need.weights[CPU], every_expert=True, level=level)
        return None if faults is None else (seconds + faults) / tokens

    def _reached(self, device: str, level: int) -> float:
        if device in self._gpus:
            return (self._bandwidth.get(device) or _DEFAULT_GPU_BANDWIDTH) * _GPU_REACH[level]
        return self._bandwidth.get(device, 0.0) * _CPU_REACH[level]

    def _flops(self, *, has_gpu: bool, level: int) -> float:
        if has_gpu:
            names = [name for name in self._run.layers if name in self._gpus]
            usual = max(self._bandwidth.get(name) or _DEFAULT_GPU_BANDWIDTH for name in names)
            return usual * _FLOPS_PER_BYTE[level]
        cpu = self._need.weights[CPU]
        share = cpu.repacked / cpu.total if cpu.total else 0.0
        cores = max(1, self._settings.n_threads_batch or self._machine.physical_cores)
        return cores * _CORE_FLOPS[level] * (1 + (_REPACK_GAIN - 1) * share)

    def _block_seconds(self, level: int) -> float:
        shape, seconds = self._layout.shape, 0.0
        crossed = self._layout.expert_layers
        for layer, device in enumerate(self._run.layers[:-1]):
            is_recurrent = layer < len(shape.recurrent) and shape.recurrent[layer]
            if device not in self._gpus:
                is_plain = layer not in crossed and not is_recurrent
                seconds += (_CPU_DENSE_S if is_plain else _CPU_EXPERTS_S)[level]
                continue
            seconds += _DENSE_S + (_EXPERTS_S if layer in crossed else 0.0)
            seconds += _RECURRENT_S if is_recurrent else 0.0
            seconds += _CROSSING_S if layer in crossed and layer < self._settings.n_cpu_moe else 0.0
        return seconds

    def _faulted(self, cpu: DeviceWeights, *, every_expert: bool, level: int) -> float | None:
        """Seconds spent on pages that are not in memory; None if that happens and the disk's speed is unknown.

        What is read for every token stays in memory, so that it is experts that are missing, as long as there are any.
        """
        plan = self._need.cpu
        room = plan.free_bytes - (plan.needed_bytes - plan.mapped_bytes) - CPU_MARGIN_BYTES
        missing = cpu.mapped - max(0, room)
        if missing <= 0:
            return 0.0
        if not self._machine.disk_bandwidth:
            return None
        experts = min(missing, cpu.mapped_experts)
        read = (experts if every_expert else experts * self._used) + (missing - experts)
        return read / (self._machine.disk_bandwidth * _FAULT_REACH[level])
