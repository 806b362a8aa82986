"""Probes the machine through two children, and gives an answer even if a driver hangs in one of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.engine.messages import Device
from app.fit.devices import put_together, without_system
from app.fit.dry_run import DevicesListed, DryRunEvent, ListDevices
from app.fit.messages import FindSystem, FitEvent, SystemFound
from app.fit.values import Machine
from app.ipc.job import JobFailed, JobProcess
from app.ipc.transport import Transport

#: A first probe measures memory and disk, about two seconds; a hanging driver is given up on after this.
SYSTEM_LIMIT_S = 15.0
DEVICES_LIMIT_S = 15.0


class MachineProbe:
    """Looks at the machine; whoever asks while it looks gets the same answer.

    Args:
        dry: The child that has llama.cpp in it, for its devices.
    """

    def __init__(
        self,
        transport: Transport,
        dry: JobProcess[DryRunEvent],
        models: Path,
        cache: Path,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.machine: Machine | None = None
        self._system: JobProcess[FitEvent] = JobProcess(
            transport, "app.fit.child", FitEvent, "The look at this machine", clock=clock
        )
        self._dry = dry
        self._models, self._cache = models, cache
        self._waiting: list[Callable[[Machine], None]] = []
        self._found: SystemFound | None = None
        self._devices: tuple[Device, ...] | None = None
        self._problem = ""

    @property
    def is_looking(self) -> bool:
        """Whether somebody waits for an answer."""
        return bool(self._waiting)

    def look(self, on_done: Callable[[Machine], None]) -> None:
        """Look, and tell ``on_done`` once; what cannot be found out is a note."""
        self._waiting.append(on_done)
        if len(self._waiting) > 1:
            return
        self._found, self._devices, self._problem = None, None, ""
        self._ask_system(with_drivers=True)
        self._dry.ask(ListDevices(), self._on_devices, limit_s=DEVICES_LIMIT_S)

    def tick(self) -> None:
        """End a child that hangs."""
        self._system.tick()

    def close(self) -> None:
        """End the child; no answer comes any more."""
        self._waiting.clear()
        self._system.close()

    def _ask_system(self, *, with_drivers: bool) -> None:
        command = FindSystem(models=str(self._models), cache=str(self._cache), with_drivers=with_drivers)
        self._system.ask(command, lambda event: self._on_system(event, with_drivers), limit_s=SYSTEM_LIMIT_S)

    def _on_system(self, event: Any, with_drivers: bool) -> None:
        if isinstance(event, SystemFound):
            self._found = event
        elif with_drivers:
            self._ask_system(with_drivers=False)
            return
        else:
            why = event.message if isinstance(event, JobFailed) else "It gave no answer."
            self._found = without_system(f"This machine could not be looked at closely. {why}")
        self._finish()

    def _on_devices(self, event: Any) -> None:
        if isinstance(event, DevicesListed):
            self._devices = event.devices
        else:
            why = event.message if isinstance(event, JobFailed) else "It gave no answer."
            self._devices = ()
            self._problem = f"llama.cpp could not name its devices, so that only the CPU is counted on. {why}"
        self._finish()

    def _finish(self) -> None:
        if self._found is None or self._devices is None:
            return
        self.machine = put_together(self._found, self._devices, self._problem)
        waiting, self._waiting = self._waiting, []
        for on_done in waiting:
            on_done(self.machine)
