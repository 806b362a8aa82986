"""What the fit check's child is asked, and what it answers. Values only; sizes in bytes."""

from __future__ import annotations

from typing import ClassVar

from app.engine.messages import LoadSettings, Value
from app.fit.dry_run import Headers
from app.fit.layout import ModelLayout
from app.fit.plan import Base
from app.fit.speed import Correction
from app.fit.values import FitPlan, Machine, ModelSource
from app.ipc.job import JobCommand, JobEvent, JobFailed


class GpuFacts(Value, frozen=True, kw_only=True):
    """What a driver says of one GPU; ``total_bytes`` helps to tell which of llama.cpp's devices it is."""

    name: str
    total_bytes: int
    used_bytes: int
    bandwidth: float = 0.0
    others: tuple[tuple[str, int], ...] = ()


class SystemFound(JobEvent, tag="system", frozen=True, kw_only=True):
    """The machine without llama.cpp's devices; sizes in bytes, bandwidths in bytes per second."""

    total_bytes: int
    available_bytes: int
    limit_bytes: int | None
    swap_total_bytes: int
    swap_free_bytes: int
    others: tuple[tuple[str, int], ...]
    disk_free_bytes: int
    memory_bandwidth: float
    disk_bandwidth: float
    physical_cores: int
    gpus: tuple[GpuFacts, ...]
    notes: tuple[str, ...] = ()


class FindSystem(JobCommand, tag="find_system", frozen=True, kw_only=True):
    """Probe the machine. Answers: SystemFound.

    Attributes:
        with_drivers: Ask the GPUs' drivers too, one of which may hang.
    """

    models: str
    cache: str
    with_drivers: bool = True


class OpenModel(JobCommand, tag="open", frozen=True, kw_only=True):
    """Read a model's headers. Answers: HeaderProgress…, ModelOpened.

    Attributes:
        cache: Where headers of remote files are kept.
        token: For the hub; ``token_host`` is the only host it is sent to.
    """

    source: ModelSource
    cache: str
    token: str = ""
    token_host: str = ""


class HeaderProgress(JobEvent, tag="reading", frozen=True, kw_only=True):
    """How many bytes were fetched so far: a slow connection is not a silent one."""

    is_last: ClassVar[bool] = False

    fetched_bytes: int


class ModelOpened(JobEvent, tag="opened", frozen=True, kw_only=True):
    """What planning needs of a model."""

    layout: ModelLayout
    headers: Headers


class MakePlan(JobCommand, tag="plan", frozen=True, kw_only=True):
    """Turn a dry run into an answer, with the changes that would make it fit. Answers: PlanMade.

    Attributes:
        base: llama.cpp's plan for its settings; None where it cannot plan this model.
    """

    layout: ModelLayout
    settings: LoadSettings
    base: Base | None
    machine: Machine
    corrections: dict[str, Correction]


class PlanMade(JobEvent, tag="plan", frozen=True, kw_only=True):
    """The answer."""

    plan: FitPlan


class Choose(JobCommand, tag="choose", frozen=True, kw_only=True):
    """Look for the best settings. Answers: Chosen."""

    layout: ModelLayout
    wishes: LoadSettings
    wished: tuple[str, ...]
    base: Base | None
    machine: Machine
    corrections: dict[str, Correction]


class Chosen(JobEvent, tag="chosen", frozen=True, kw_only=True):
    """The best settings that were found."""

    settings: LoadSettings


FitCommand = FindSystem | OpenModel | MakePlan | Choose
FitEvent = SystemFound | HeaderProgress | ModelOpened | PlanMade | Chosen | JobFailed
