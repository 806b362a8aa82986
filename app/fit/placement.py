"""Which weights lie on which device, and how: mapped from disk, copied, or repacked. Pure.

As llama.cpp decides it: blocks count from the end, output included; the input's table stays on the CPU; overrides
come first. ``llama_model::load_tensors`` and ``llama_model_loader::create_tensor`` are what is followed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.engine.messages import LoadSettings
from app.errors import AppError
from app.fit.dry_run import DryRunDone
from app.fit.layout import INPUT, OUTPUT, ModelLayout, Weight

CPU = "CPU"
#: Buffers are made of tensors padded to this (TENSOR_ALIGNMENT of ggml); GPUs pad to 128, which is no more than that.
_PADDING = 32


@dataclass
class DeviceWeights:
    """Weights on one device; sizes in bytes.

    Attributes:
        dense: Read for every token, whichever the experts.
        experts: Of all experts; each token reads some of them.
        mapped: Of all of these, those that are pages of the file.
        repacked: Those that are kept in another format.
        span: What llama.cpp logs as the size of the mapped buffers: from the first to the last tensor of each file.
    """

    dense: int = 0
    experts: int = 0
    rows: int = 0
    mapped: int = 0
    mapped_experts: int = 0
    repacked: int = 0
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All of them; ``rows`` are those of which each token reads one row alone."""
        return self.dense + self.experts + self.rows

    @property
    def span(self) -> int:
        """Bytes from the first to the last mapped tensor, of every file."""
        return sum(last - first for first, last in self.spans.values())


def place(layout: ModelLayout, run: DryRunDone, settings: LoadSettings) -> dict[str, DeviceWeights]:
    """Return the weights of each device.

    Args:
        run: llama.cpp's plan for ``settings``.
    """
    devices: dict[str, DeviceWeights] = {CPU: DeviceWeights()}
    unused = set(run.unused)
    for weight in layout.weights:
        if weight.name in unused:
            continue
        for number, device in enumerate(_uses(layout, run, weight)):
            _add(devices.setdefault(device, DeviceWeights()), weight, number, device, run, settings)
    return devices


def _uses(layout: ModelLayout, run: DryRunDone, weight: Weight) -> Iterator[str]:
    """Yield the devices a tensor is put on: one; or two, for an input table that is the output's too."""
    at_input = weight.layer == INPUT
    device = CPU if at_input else run.layers[-1] if weight.layer == OUTPUT else _layer(run, weight.layer)
    yield device_of(run.overridden[weight.name]) if weight.name in run.overridden else device
    if at_input and layout.is_tied and weight.name == "token_embd.weight":
        output = run.layers[-1]
        if output != CPU or len(run.repacked.get(weight.name, ())) > 1:
            yield output


def _layer(run: DryRunDone, layer: int) -> str:
    return run.layers[layer] if layer < len(run.layers) else CPU


def _add(to: DeviceWeights, weight: Weight, number: int, device: str, run: DryRunDone, settings: LoadSettings) -> None:
    size = weight.size_bytes + -weight.size_bytes % _PADDING
    types = run.repacked.get(weight.name, ())
    is_cpu = device == CPU
    type_ = types[min(number, len(types) - 1)] if types else CPU
    is_repacked = is_cpu and bool(settings.use_extra_bufts) and type_ != CPU
    if number and is_cpu and not is_repacked:
        return  # the same tensor in the same memory is there once
    if weight.layer == INPUT and not number:
        to.rows += size
    elif weight.is_expert:
        to.experts += size
    else:
        to.dense += size
    if is_repacked:
        to.repacked += size
    elif is_cpu and settings.use_mmap:
        to.mapped += size
        to.mapped_experts += size if weight.is_expert else 0
        first, last = to.spans.get(weight.file, (weight.offset, weight.offset))
        to.spans[weight.file] = (min(first, weight.offset), max(last, weight.offset + weight.size_bytes))


def device_of(buffer_type: str) -> str:
    """Return the device whose memory a buffer type takes: pinned and repacked memory is the CPU's own."""
    if buffer_type.endswith("_Host") or buffer_type.split("_", maxsplit=1)[0] in {CPU, "AMX", "BLAS"}:
        return CPU
    return buffer_type.removesuffix("_Mapped").removesuffix("_Private").removesuffix("_Split")


# --- the same by arithmetic, where llama.cpp has not been asked yet ---------------------------------------------


def layer_devices(n_layer: int, settings: LoadSettings, gpus: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """Return the device of each block, and last of the output.

    Args:
        gpus: Names and free bytes of the GPUs llama.cpp would use, in its order.
    """
    used = list(gpus)
    if settings.split_mode == "none" and used:
        used = used[settings.main_gpu : settings.main_gpu + 1] or used[:1]
    wanted = settings.n_gpu_layers if settings.n_gpu_layers >= 0 else n_layer + 1
    on_gpu = min(wanted, n_layer + 1) if used else 0
    first = n_layer + 1 - on_gpu
    shares = list(settings.tensor_split[: len(used)]) if any(settings.tensor_split) else [free for _name, free in used]
    shares += [0.0] * (len(used) - len(shares))
    total = sum(shares) or 1.0
    ends = [sum(shares[: index + 1]) / total for index in range(len(used))]
    return tuple(
        CPU if layer < first else used[_slot(ends, (layer - first) / on_gpu)][0] for layer in range(n_layer + 1)
    )


def _slot(ends: list[float], at: float) -> int:
    """``std::upper_bound``: the first device whose share ends after ``at``."""
    return next((index for index, end in enumerate(ends) if end > at), len(ends) - 1)


def overridden(layout: ModelLayout, settings: LoadSettings) -> dict[str, str]:
    """Return the tensors that ``n_cpu_moe`` and ``tensor_overrides`` put elsewhere, with their buffer type.

    Raises:
        AppError: An override is not a regular expression.
    """
    try:
        patterns = [(re.compile(pattern), buffer) for pattern, buffer in settings.tensor_overrides]
    except re.error as error:
        raise AppError(
            "A tensor override is not a regular expression", f"{error}.", "Correct the pattern in the load settings."
        ) from error
    found = {}
    for weight in layout.weights:
        if weight.is_expert and weight.layer < settings.n_cpu_moe and "exps" in weight.name:
            found[weight.name] = CPU
        elif buffer := next((buffer for pattern, buffer in patterns if pattern.search(weight.name)), ""):
            found[weight.name] = buffer
    return found
