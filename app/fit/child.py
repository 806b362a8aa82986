"""A child process for what may hang, wait or be deceived: headers, drivers, measuring, and long searches.

Run as ``python -m app.fit.child``; its commands and events are the protocol of ``app.fit.service``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from app.fit.automatic import best_settings, suggest
from app.fit.headers import HeaderStore
from app.fit.messages import (
    Choose,
    Chosen,
    FindSystem,
    FitCommand,
    HeaderProgress,
    MakePlan,
    ModelOpened,
    OpenModel,
    PlanMade,
)
from app.fit.plan import make_plan, quick_run
from app.fit.probe import find_system
from app.fit.values import FitPlan, Method
from app.ipc.job import JobEvent, serve


def answer(command: Any, send: Callable[[JobEvent], None]) -> JobEvent:
    """Do one command.

    Raises:
        AppError: The headers cannot be read, or a setting is not understood.
    """
    match command:
        case FindSystem():
            return find_system(Path(command.models), Path(command.cache), with_drivers=command.with_drivers)
        case OpenModel():
            layout, headers = HeaderStore(Path(command.cache)).open(
                command.source,
                command.token,
                command.token_host,
                lambda total: send(HeaderProgress(fetched_bytes=total)),
            )
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
