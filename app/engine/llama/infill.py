"""The context in which completions in the editor are made, beside the conversation's.

It is made for the first completion and costs memory only then. A second sequence in the conversation's own context
would take its cells, double the recurrent state of every load, and shift where the conversation lies; saving and
restoring the conversation would take a tenth of a second and more each way, and lose one that is larger than the
memory for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import llama_cpp.llama_cpp as llama
import msgspec

from app.engine.llama import bindings
from app.engine.llama.hardware import available_bytes
from app.engine.llama.parameters import context_parameters
from app.engine.llama.reader import Reader
from app.engine.messages import LoadSettings
from app.engine.prompts.infill import MOST_AFTER, MOST_BEFORE, MOST_OTHERS, ROOM
from app.errors import AppError

#: Tokens; more than a prompt of full size has.
INFILL_CONTEXT = MOST_BEFORE + MOST_AFTER + MOST_OTHERS + ROOM + 96
#: Tokens computed at once: compute buffers grow with it, and short prompts gain nothing from more.
INFILL_UBATCH = 256
INFILL_CHECKPOINT_BYTES = 512 * 1024**2
#: Left free beside what the context takes.
MARGIN_BYTES = 256 * 1024**2

Memory = Mapping[str, Mapping[str, int]]


class NoInfill(AppError):  # noqa: N818 - reads as the state it is
    """A model that cannot fill in the middle."""

    def __init__(self) -> None:
        super().__init__(
            "This model has no fill-in-the-middle tokens",
            "Completion in the editor needs a model that was trained with them.",
            "Load a coding model that has them, such as Qwen2.5-Coder or Qwen3-Coder.",
        )


class NoRoomForInfill(AppError):  # noqa: N818 - reads as the state it is
    """Not enough memory for the completions' context."""


def make_infill_reader(model: Any, settings: LoadSettings, n_ctx: int, memory: Memory) -> Reader:
    """Make the context for completions.

    Args:
        model: The ``llama_model``.
        settings: What it was loaded with.
        n_ctx: The size of the conversation's context, in tokens.
        memory: What that context took, by device and part.

    Raises:
        NoRoomForInfill: There is not enough memory left.
    """
    own = infill_settings(settings, n_ctx)
    gpus = _free_on_gpus()
    for device, needed in expected_bytes(memory, gpus, n_ctx, own.n_ctx).items():
        free = gpus[device] if device in gpus else available_bytes()
        if needed + MARGIN_BYTES > free:
            raise _no_room(f"{device}: {needed / 2**20:,.0f} MiB are needed, {free / 2**20:,.0f} MiB are free.")
    context = llama.llama_init_from_model(model, context_parameters(own, model))
    if not context:
        raise _no_room("llama.cpp could not make another context.")
    checkpoints = min(settings.checkpoint_bytes, INFILL_CHECKPOINT_BYTES)
    return Reader(context, model, checkpoint_bytes=checkpoints, saved_bytes=0)


def infill_context(n_ctx: int) -> int:
    """Return the size of the completions' context, in tokens, beside a conversation's of ``n_ctx``."""
    return min(INFILL_CONTEXT, n_ctx)


def infill_settings(settings: LoadSettings, n_ctx: int) -> LoadSettings:
    """Return the settings of the completions' context: a small one of the same kind."""
    n_ctx = infill_context(n_ctx)
    n_ubatch = min(INFILL_UBATCH, settings.n_ubatch or settings.n_batch)
    return msgspec.structs.replace(settings, n_ctx=n_ctx, n_batch=min(settings.n_batch, n_ctx), n_ubatch=n_ubatch)


def expected_bytes(memory: Memory, gpus: Collection[str], n_ctx: int, infill_ctx: int) -> dict[str, int]:
    """Return what the completions' context takes at most, by GPU and "CPU", from what the conversation's took."""
    expected: dict[str, int] = {}
    for name, parts in memory.items():
        size = parts.get("kv_cache", 0) * infill_ctx // max(1, n_ctx)
        size += parts.get("recurrent_state", 0) + parts.get("compute", 0) + parts.get("output", 0)
        device = name if name in gpus else "CPU"
        expected[device] = expected.get(device, 0) + size
    return expected


def _free_on_gpus() -> dict[str, int]:
    devices = map(bindings.describe_device, bindings.device_handles())
    return {device.name: device.free_bytes for device in devices if device.kind in {"gpu", "igpu"}}


def _no_room(message: str) -> NoRoomForInfill:
    return NoRoomForInfill(
        "There is no memory for completion",
        message,
        "Load the model with a smaller context size, or close other programs.",
    )
