"""Has llama.cpp plan loads, one at a time, the latest question first; remembers the answers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from app.engine.messages import LoadSettings
from app.fit.dry_run import DryRun, DryRunDone, DryRunEvent, Headers
from app.fit.plan import Base
from app.ipc.job import JobFailed, JobProcess

#: A first run starts the child and may wait for a GPU's driver; the others take a third of a second.
LIMIT_S = 30.0
_KEPT = 512

#: What comes of a dry run; None for an architecture llama.cpp does not know.
Answer = Base | JobFailed | None
RunKey = tuple[str, LoadSettings]


@dataclass
class _Wanted:
    """A dry run that is waited for: what to ask, whom to tell, and whether they still want to hear."""

    command: DryRun
    waiting: list[tuple[Callable[[Answer], None], Callable[[], bool]]] = field(default_factory=list)

    @property
    def is_wanted(self) -> bool:
        return any(is_wanted() for _on_done, is_wanted in self.waiting)


class DryRuns:
    """See the module; ``folder`` is where shadow files may be made."""

    def __init__(self, job: JobProcess[DryRunEvent], folder: Path) -> None:
        self._job = job
        self._folder = folder
        self._done: OrderedDict[RunKey, DryRunDone | None] = OrderedDict()
        self._latest: dict[str, Base] = {}
        self._wanted: OrderedDict[RunKey, _Wanted] = OrderedDict()
        self._at: RunKey | None = None

    @property
    def is_busy(self) -> bool:
        """Whether somebody waits."""
        return bool(self._wanted)

    def ask(
        self,
        headers: Headers,
        settings: LoadSettings,
        on_done: Callable[[Answer], None],
        is_wanted: Callable[[], bool],
    ) -> None:
        """Have a load planned; ``on_done`` is not called once ``is_wanted`` says no."""
        key = (headers.key, planned(settings))
        if key in self._done:
            self._done.move_to_end(key)
            run = self._done[key]
            on_done(None if run is None else Base(settings=key[1], run=run))
            return
        if key not in self._wanted:
            self._wanted[key] = _Wanted(DryRun(headers=headers, settings=key[1], folder=str(self._folder)))
        self._wanted[key].waiting.append((on_done, is_wanted))
        self._wanted.move_to_end(key)
        self._begin()

    def nearest(self, model: str, settings: LoadSettings) -> Base | None:
        """Return the plan for ``settings`` if there is one, else the latest of the same model."""
        run = self._done.get((model, planned(settings)))
        return Base(settings=planned(settings), run=run) if run is not None else self._latest.get(model)

    def drop_unwanted(self) -> None:
        """Leave out what nobody waits for any more."""
        for key in [key for key, wanted in self._wanted.items() if not wanted.is_wanted and key != self._at]:
            del self._wanted[key]

    def _begin(self) -> None:
        """Begin with what was asked last: a slider has moved on from the others."""
        if self._at is not None or not self._wanted:
            return
        self._at = key = next(reversed(self._wanted))
        self._job.ask(self._wanted[key].command, lambda event: self._on_event(key, event), limit_s=LIMIT_S)

    def _on_event(self, key: RunKey, event: DryRunEvent) -> None:
        self._at = None
        wanted = self._wanted.pop(key)
        answer: Answer
        if isinstance(event, DryRunDone):
            answer = self._latest[key[0]] = Base(settings=key[1], run=event)
            self._keep(key, event)
        elif isinstance(event, JobFailed) and event.code != "unsupported":
            answer = event
        else:
            answer = None
            self._keep(key, None)
        self._begin()
        for on_done, is_wanted in wanted.waiting:
            if is_wanted():
                on_done(answer)

    def _keep(self, key: RunKey, run: DryRunDone | None) -> None:
        self._done[key] = run
        while len(self._done) > _KEPT:
            self._done.popitem(last=False)


def planned(settings: LoadSettings) -> LoadSettings:
    """Return the settings a dry run is made with: what does not change llama.cpp's plan is left at its default."""
    defaults = LoadSettings()
    return msgspec.structs.replace(
        settings,
        n_threads=None,
        n_threads_batch=None,
        use_mmap=True,
        use_mlock=False,
        use_extra_bufts=bool(settings.use_extra_bufts),
        checkpoint_bytes=defaults.checkpoint_bytes,
        prompt_cache_bytes=defaults.prompt_cache_bytes,
    )
