"""Opens models through the child that reads headers, once each; remembers them until their files change."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from app.fit.messages import FitEvent, HeaderProgress, ModelOpened, OpenModel
from app.fit.values import ModelSource
from app.gguf.access import HubAccess
from app.ipc.job import JobFailed, JobProcess

#: How long a server may send nothing; what it sends is told as progress.
LIMIT_S = 60.0

OnOpened = Callable[[ModelOpened | JobFailed], None]
Stamp = tuple[tuple[int, int], ...]


class OpenModels:
    """See the module; ``access`` may be changed at any time, and counts for what is opened after."""

    def __init__(self, job: JobProcess[FitEvent], cache: Path, access: HubAccess) -> None:
        self.access = access
        self._job = job
        self._cache = cache
        self._opened: dict[ModelSource, tuple[Stamp, ModelOpened]] = {}
        self._waiting: dict[ModelSource, list[OnOpened]] = {}

    def known(self, source: ModelSource) -> ModelOpened | None:
        """Return a model that was opened before."""
        found = self._opened.get(source)
        return found[1] if found else None

    def open(self, source: ModelSource, on_done: OnOpened) -> None:
        """Open a model, or take the one that was opened before if its files are the same."""
        stamp = _stamp(source)
        found = self._opened.get(source)
        if found is not None and found[0] == stamp:
            on_done(found[1])
            return
        self._waiting.setdefault(source, []).append(on_done)
        if len(self._waiting[source]) == 1:
            command = OpenModel(
                source=source, cache=str(self._cache), token=self.access.token, token_host=self.access.host
            )
            self._job.ask(command, lambda event: self._on_event(source, stamp, event), limit_s=LIMIT_S)

    def _on_event(self, source: ModelSource, stamp: Stamp, event: FitEvent) -> None:
        if isinstance(event, HeaderProgress):
            return
        if isinstance(event, ModelOpened):
            self._opened[source] = (stamp, event)
        for on_done in self._waiting.pop(source, []):
            on_done(event if isinstance(event, ModelOpened) else _failed(event))


def _failed(event: FitEvent) -> JobFailed:
    if isinstance(event, JobFailed):
        return event
    name = type(event).__name__
    return JobFailed(code="internal", title="Something in Sawhorse failed", message=f"A {name} was not expected.")


def _stamp(source: ModelSource) -> Stamp:
    """Return what tells that a local file is another one now: its length and time."""
    found = []
    for path in source.paths:
        with contextlib.suppress(OSError):
            status = Path(path).stat()
            found.append((status.st_size, status.st_mtime_ns))
    return tuple(found)
