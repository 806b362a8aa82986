"""What loads really took and how fast they really were, beside what was predicted; kept, and learnt from."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

import msgspec

from app.engine.messages import ModelInfo, Stats, Value
from app.fit.placement import device_of
from app.fit.speed import Correction
from app.fit.values import DevicePlan, FitPlan

#: The name of the file, below the folder of data.
RECORDS = "fit-records.jsonl"
MAX_RECORDS = 400
#: Of a kind of placement, the latest runs that count.
_LATEST = 20
#: A reply must have been so long, or a prompt, for its speed to mean something.
MIN_GENERATED, MIN_PROMPT = 32, 256
#: Parts that are not there right after a load: our prompt cache takes them as it goes.
_LATER = frozenset({"checkpoints", "prompt_cache"})
_MAPPED = "_Mapped"


class FitRecord(Value, frozen=True, kw_only=True):
    """One load, or the speeds of one reply after it.

    Attributes:
        at: Seconds since 1970.
        placement: As in ``FitPlan``.
        predicted, actual: Bytes by device, as llama.cpp logs its buffers; empty for a reply.
        estimated, measured: Tokens per second, prompt and generation, before corrections; 0 where not measured.
    """

    at: float
    model: str
    placement: str
    n_ctx: int
    predicted: dict[str, int] = msgspec.field(default_factory=dict)
    actual: dict[str, int] = msgspec.field(default_factory=dict)
    estimated: tuple[float, float] = (0.0, 0.0)
    measured: tuple[float, float] = (0.0, 0.0)

    @property
    def error(self) -> float:
        """How far the prediction of memory was off, as a share of what was taken; 0 for a reply."""
        actual = sum(self.actual.values())
        return abs(sum(self.predicted.values()) - actual) / actual if actual else 0.0


class RecordStore:
    """Records as JSON lines, the oldest forgotten; a damaged line is skipped."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._records: list[FitRecord] | None = None

    def read(self) -> list[FitRecord]:
        """Return all records, oldest first."""
        if self._records is None:
            self._records = list(_read(self._file))[-MAX_RECORDS:]
        return self._records

    def add(self, record: FitRecord) -> None:
        """Keep a record; a full disk costs no more than that."""
        records = self.read()
        records.append(record)
        with contextlib.suppress(OSError):
            if len(records) <= MAX_RECORDS:
                with self._file.open("ab") as file:
                    file.write(msgspec.json.encode(record) + b"\n")
                return
            del records[: MAX_RECORDS // 4]
            part = self._file.with_suffix(f".{os.getpid()}.part")
            part.write_bytes(b"".join(msgspec.json.encode(kept) + b"\n" for kept in records))
            part.replace(self._file)


def _read(file: Path) -> Iterable[FitRecord]:
    try:
        lines = file.read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        with contextlib.suppress(msgspec.MsgspecError):
            yield msgspec.json.decode(line, type=FitRecord)


def after_load(plan: FitPlan, model: ModelInfo) -> FitRecord:
    """Return the record of a load: what was predicted, and what llama.cpp took."""
    return FitRecord(
        at=time.time(),
        model=plan.model,
        placement=plan.placement,
        n_ctx=model.n_ctx,
        predicted={device.name: predicted_bytes(device) for device in plan.devices if device.needed_bytes},
        actual=actual_bytes(model.memory),
    )


def after_reply(plan: FitPlan, stats: Stats) -> FitRecord | None:
    """Return the record of a reply's speeds; None if it was too short to tell."""
    is_long = stats.generated_tokens >= MIN_GENERATED and stats.generate_seconds > 0
    is_read = stats.processed_tokens >= MIN_PROMPT and stats.prompt_seconds > 0
    if not is_long and not is_read:
        return None
    speeds = (plan.prompt_speed, plan.generation_speed)
    estimated = tuple(
        speed.estimate / factor if speed else 0.0 for speed, factor in zip(speeds, plan.corrected_by, strict=True)
    )
    return FitRecord(
        at=time.time(),
        model=plan.model,
        placement=plan.placement,
        n_ctx=plan.n_ctx,
        estimated=(estimated[0], estimated[1]),
        measured=(
            stats.processed_tokens / stats.prompt_seconds if is_read else 0.0,
            stats.generated_tokens / stats.generate_seconds if is_long else 0.0,
        ),
    )


def predicted_bytes(device: DevicePlan) -> int:
    """Return what llama.cpp will log for a device: mapped weights as it counts them, without our own caches."""
    parts = sum(size for part, size in device.parts.items() if part not in _LATER)
    return parts - device.mapped_bytes + device.mapped_span


def actual_bytes(memory: dict[str, dict[str, int]]) -> dict[str, int]:
    """Return what llama.cpp logged, by device and not by buffer type."""
    found: dict[str, int] = {}
    for buffer, parts in memory.items():
        device = device_of(buffer)
        found[device] = found.get(device, 0) + sum(parts.values())
    return found


def released_bytes(memory: dict[str, dict[str, int]]) -> dict[str, int]:
    """Return what a loaded model's end gives back, by device; mapped pages of a file count as free already."""
    return actual_bytes({buffer: parts for buffer, parts in memory.items() if not buffer.endswith(_MAPPED)})


def corrections(records: Sequence[FitRecord]) -> dict[str, Correction]:
    """Return, by kind of placement, what was measured by what was estimated: the median of the latest runs."""
    found = {}
    for placement in {record.placement for record in records}:
        runs = [record for record in records if record.placement == placement and any(record.measured)]
        prompt = _ratios(runs, 0)
        generation = _ratios(runs, 1)
        if prompt or generation:
            found[placement] = Correction(
                prompt=median(prompt) if prompt else 1.0,
                generation=median(generation) if generation else 1.0,
                runs=max(len(prompt), len(generation)),
            )
    return found


def _ratios(records: Sequence[FitRecord], index: int) -> list[float]:
    pairs = [(record.measured[index], record.estimated[index]) for record in records]
    return [measured / estimated for measured, estimated in pairs if measured and estimated][-_LATEST:]


def summary(records: Sequence[FitRecord]) -> dict[str, float | int]:
    """Return the error of the predictions over all loads, for ``sawhorse doctor``."""
    loads = [record.error for record in records if record.actual]
    if not loads:
        return {"loads": 0}
    return {"loads": len(loads), "median_error": median(loads), "largest_error": max(loads), "last_error": loads[-1]}
