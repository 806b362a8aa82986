"""A child process for what may hang, wait or be deceived: headers, drivers, measuring, and long searches.

Run as ``python -m app.fit.child``; its commands and events are the protocol of ``app.fit.service``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from app.engine.messages import LoadSettings
from app.fit.automatic import best_settings, suggest
from app.fit.dry_run import Headers
from app.fit.headers import HeaderStore
from app.fit.layout import ModelLayout
from app.fit.plan import Base, make_plan, quick_run
from app.fit.probe import SystemFound, find_system
from app.fit.speed import Correction
from app.fit.values import FitPlan, Machine, Method, ModelSource
from app.ipc.job import JobCommand, JobEvent, JobFailed, serve


class FindSystem(JobCommand, tag="find_system", frozen=True, kw_only=True):
    """Probe the machine. Answers: SystemFound.

    Attributes:
        with_drivers: Ask the GPUs' drivers too, one of which may hang.
    """

    models: str
    cache: str
    with_drivers: bool = True


class OpenModel(JobCommand, tag="open", frozen=True, kw_only=True):
    """Read a model's headers. Answers: ModelOpened.

    Attributes:
        cache: Where headers of remote files are kept.
        token: For the hub; ``token_host`` is the only host it is sent to.
    """

    source: ModelSource
    cache: str
    token: str = ""
    token_host: str = ""


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
FitEvent = SystemFound | ModelOpened | PlanMade | Chosen | JobFailed


def answer(command: Any, _send: Callable[[JobEvent], None]) -> JobEvent:
    """Do one command.

    Raises:
        AppError: The headers cannot be read, or a setting is not understood.
    """
    match command:
        case FindSystem():
            return find_system(Path(command.models), Path(command.cache), with_drivers=command.with_drivers)
        case OpenModel():
            layout, headers = HeaderStore(Path(command.cache)).open(command.source, command.token, command.token_host)
            return ModelOpened(layout=layout, headers=headers)
        case MakePlan():
            return PlanMade(plan=plan_with_changes(command))
        case Choose():
            wishes = {name: getattr(command.wishes, name) for name in command.wished}
            settings = best_settings(command.layout, command.machine, wishes, command.base, command.corrections)
            return Chosen(settings=settings)
        case _:
            raise TypeError(f"{type(command).__name__} is not work")


def plan_with_changes(command: MakePlan) -> FitPlan:
    """Return the answer; one that is too large comes with what would make it fit."""
    layout, machine, base = command.layout, command.machine, command.base
    run = base.run if base else quick_run(layout, command.settings, machine, None)
    method: Method = "dry_run" if base else "formula"
    plan = make_plan(layout, run, command.settings, machine, method, command.corrections)
    if plan.verdict != "too_large":
        return plan
    changes = suggest(layout, command.settings, machine, base, command.corrections)
    return msgspec.structs.replace(plan, changes=changes)


if __name__ == "__main__":
    serve(FitCommand, answer)
