"""The fit check as the application uses it: probe the machine, open models, plan loads; answers come by callback.

Everything slow is a child's: one reads headers and searches, one probes, and one has llama.cpp plan. Callbacks come on
the thread that owns the transports, with the answer or with ``JobFailed``, once; not at all after ``forget``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from app.engine.messages import LoadSettings, ModelInfo, Stats
from app.fit.automatic import loosened
from app.fit.devices import with_released
from app.fit.dry_run import DryRunEvent
from app.fit.dry_runs import DryRuns
from app.fit.machine import MachineProbe
from app.fit.messages import Choose, Chosen, FitEvent, MakePlan, ModelOpened, PlanMade
from app.fit.open_models import OpenModels
from app.fit.plan import Base, quick_plan
from app.fit.record import (
    RECORDS,
    FitRecord,
    RecordStore,
    after_load,
    after_reply,
    corrections,
    released_bytes,
)
from app.fit.values import FitPlan, Machine, ModelOutline, ModelSource
from app.gguf.access import HubAccess
from app.ipc.job import JobFailed, JobProcess
from app.ipc.transport import Transport
from app.paths import Paths

PLAN_LIMIT_S = 20.0
#: The child with llama.cpp in it, which takes half a gigabyte of a GPU, ends when it has been idle for so long.
IDLE_S = 30.0
#: How often a choice that was too tight is loosened before it is given as it is.
_LOOSENED = 4

OnPlan = Callable[[FitPlan | JobFailed], None]


class FitService:
    """See the module.

    Args:
        make_transport: Makes a transport for a child; the caller closes them.
        paths: Where headers, speeds and records are kept, and models downloaded to.
        access: For headers of gated models.
    """

    def __init__(
        self,
        make_transport: Callable[[], Transport],
        paths: Paths,
        access: HubAccess | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cache = paths.cache / "fit"
        self._cache.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self._dry: JobProcess[DryRunEvent] = JobProcess(
            make_transport(), "app.engine.llama.dry_run", DryRunEvent, "llama.cpp's planning", clock=clock
        )
        self._fit: JobProcess[FitEvent] = JobProcess(
            make_transport(), "app.fit.child", FitEvent, "The fit check", clock=clock
        )
        self._probe = MachineProbe(make_transport(), self._dry, paths.models, self._cache, clock=clock)
        self.records = RecordStore(paths.data / RECORDS)
        self._tickets: set[int] = set()
        self._next_ticket = 1
        self._released: dict[str, int] = {}
        self._models = OpenModels(self._fit, self._cache, access or HubAccess())
        self._chosen: dict[ModelSource, LoadSettings] = {}
        self._runs = DryRuns(self._dry, self._cache)
        self._used_at = clock()

    # --- what can be asked ------------------------------------------------------------------------------

    @property
    def machine(self) -> Machine | None:
        """What the last probe found, as it will be once the model that is loaded has made room for the next."""
        found = self._probe.machine
        return found and with_released(found, self._released)

    def set_loaded(self, model: ModelInfo | None) -> None:
        """Say which model the engine holds now: its memory is free again when another is loaded."""
        self._released = released_bytes(model.memory) if model else {}

    def set_access(self, access: HubAccess) -> None:
        """Use another access token from now on."""
        self._models.access = access

    def record_load(self, plan: FitPlan, model: ModelInfo) -> FitRecord:
        """Keep what a load really took beside its plan; return both."""
        record = after_load(plan, model)
        self.records.add(record)
        return record

    def record_reply(self, plan: FitPlan, stats: Stats) -> None:
        """Keep the speeds of a reply beside its plan's; later estimates are corrected by them."""
        if record := after_reply(plan, stats):
            self.records.add(record)

    def probe(self, on_done: Callable[[Machine], None]) -> int:
        """Look at the machine, anew: what is free changes. There is always an answer, if only of the CPU."""
        ticket = self._ticket()
        self._probe.look(lambda _found: self._answer(ticket, on_done, self.machine))
        return ticket

    def open(self, source: ModelSource, on_done: Callable[[ModelOutline | JobFailed], None]) -> int:
        """Read a model's headers."""
        ticket = self._ticket()

        def opened(found: ModelOpened | JobFailed) -> None:
            self._answer(ticket, on_done, found if isinstance(found, JobFailed) else found.layout.outline)

        self._models.open(source, opened)
        return ticket

    def plan(self, source: ModelSource, settings: LoadSettings, on_done: OnPlan) -> int:
        """Plan a load exactly."""
        ticket = self._ticket()
        self._plan(ticket, source, settings, lambda plan: self._answer(ticket, on_done, plan))
        return ticket

    def best(self, source: ModelSource, wishes: Mapping[str, Any], on_done: OnPlan) -> int:
        """Choose the settings that make the most of this machine, and plan them exactly.

        Args:
            wishes: Fields of ``LoadSettings`` that are already decided, by name.
        """
        ticket = self._ticket()
        start = msgspec.structs.replace(LoadSettings(), **wishes)

        def done(plan: FitPlan | JobFailed) -> None:
            if isinstance(plan, FitPlan):
                self._chosen[source] = plan.settings
            self._answer(ticket, on_done, plan)

        def planned(base: Base | JobFailed | None, machine: Machine, opened: ModelOpened) -> None:
            if isinstance(base, JobFailed):
                done(base)
                return
            command = Choose(
                layout=opened.layout, wishes=start, wished=tuple(wishes), base=base, machine=machine,
                corrections=corrections(self.records.read()),
            )  # fmt: skip
            self._fit.ask(command, lambda event: chosen(event, opened), limit_s=PLAN_LIMIT_S)

        def chosen(event: FitEvent, opened: ModelOpened) -> None:
            if isinstance(event, Chosen):
                self._plan(ticket, source, event.settings, lambda plan: checked(plan, opened, _LOOSENED))
            else:
                done(_failed(event))

        def checked(plan: FitPlan | JobFailed, opened: ModelOpened, tries: int) -> None:
            looser = None if isinstance(plan, JobFailed) else loosened(plan, wishes, opened.layout)
            if looser is None or not tries:
                done(plan)
            else:
                self._plan(ticket, source, looser, lambda again: checked(again, opened, tries - 1))

        self._prepare(ticket, source, start, planned, done)
        return ticket

    def quick(self, source: ModelSource, settings: LoadSettings) -> FitPlan | None:
        """Return a plan at once, by arithmetic, within milliseconds; None while model or machine are not known yet.

        Raises:
            AppError: A tensor override is not a regular expression.
        """
        opened, machine = self._models.known(source), self.machine
        if opened is None or machine is None:
            return None
        base = self._runs.nearest(opened.headers.key, settings)
        return quick_plan(opened.layout, settings, machine, base, corrections(self.records.read()))

    def quick_best(self, source: ModelSource, wishes: Mapping[str, Any]) -> FitPlan | None:
        """Return what was chosen last for a model, with other wishes, at once; None where nothing was chosen yet.

        Raises:
            AppError: A tensor override is not a regular expression.
        """
        chosen = self._chosen.get(source)
        if chosen is None:
            return None
        changed: dict[str, Any] = {"use_extra_bufts": None, **wishes}  # whether that still fits is decided anew
        return self.quick(source, msgspec.structs.replace(chosen, **changed))

    def outline(self, source: ModelSource) -> ModelOutline | None:
        """Return what a model's headers say; None where they were not read yet."""
        opened = self._models.known(source)
        return opened.layout.outline if opened else None

    def forget(self, ticket: int) -> None:
        """Want an answer no more; a dry run nobody waits for is not begun."""
        self._tickets.discard(ticket)
        self._runs.drop_unwanted()

    def tick(self) -> None:
        """To be called about once a second: end what hangs, and llama.cpp where it is idle."""
        self._dry.tick()
        self._fit.tick()
        self._probe.tick()
        if self._runs.is_busy or self._probe.is_looking:
            self._used_at = self._clock()
        elif self._dry.pid is not None and self._clock() - self._used_at > IDLE_S:
            self.rest()

    def rest(self) -> None:
        """End the child with llama.cpp in it, whose driver takes GPU memory: to be called before a load."""
        if not self._runs.is_busy and not self._probe.is_looking:
            self._dry.rest()

    def close(self) -> None:
        """End all children; no callback comes any more."""
        self._tickets.clear()
        for job in (self._dry, self._fit):
            job.close()
        self._probe.close()

    # --- steps ------------------------------------------------------------------------------------------

    def _ticket(self) -> int:
        ticket, self._next_ticket = self._next_ticket, self._next_ticket + 1
        self._tickets.add(ticket)
        return ticket

    def _answer(self, ticket: int, on_done: Callable[[Any], None], answer: Any) -> None:
        if ticket in self._tickets:
            self._tickets.remove(ticket)
            on_done(answer)

    def _plan(self, ticket: int, source: ModelSource, settings: LoadSettings, on_done: OnPlan) -> None:
        def planned(base: Base | JobFailed | None, machine: Machine, opened: ModelOpened) -> None:
            if isinstance(base, JobFailed):
                on_done(base)
                return
            command = MakePlan(
                layout=opened.layout, settings=settings, base=base, machine=machine,
                corrections=corrections(self.records.read()),
            )  # fmt: skip
            self._fit.ask(command, made, limit_s=PLAN_LIMIT_S)

        def made(event: FitEvent) -> None:
            on_done(event.plan if isinstance(event, PlanMade) else _failed(event))

        self._prepare(ticket, source, settings, planned, on_done)

    def _prepare(
        self,
        ticket: int,
        source: ModelSource,
        settings: LoadSettings,
        on_ready: Callable[[Base | JobFailed | None, Machine, ModelOpened], None],
        on_failed: Callable[[JobFailed], None],
    ) -> None:
        """Bring together what planning needs: the machine, the model, and llama.cpp's own plan."""

        def looked(found: Machine) -> None:
            machine = self.machine or found
            self._models.open(source, lambda opened: model_opened(opened, machine))

        def model_opened(opened: ModelOpened | JobFailed, machine: Machine) -> None:
            if isinstance(opened, JobFailed):
                on_failed(opened)
            elif ticket in self._tickets:
                self._runs.ask(
                    opened.headers,
                    settings,
                    lambda base: on_ready(base, machine, opened),
                    lambda: ticket in self._tickets,
                )

        if self.machine is not None:
            looked(self.machine)
        else:
            self._probe.look(looked)


def _failed(event: Any) -> JobFailed:
    if isinstance(event, JobFailed):
        return event
    return JobFailed(
        code="internal", title="Something in Sawhorse failed", message=f"A {type(event).__name__} was not expected."
    )
