"""The planning child, asked and waited for."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType
from typing import Self

from app.engine.messages import LoadSettings
from app.fit.dry_run import DryRun, DryRunDone, DryRunEvent, Headers
from app.ipc.job import JobCommand, JobFailed, JobProcess
from app.ipc.popen_transport import PopenTransport

LIMIT_S = 60.0


class Planner:
    """``app.engine.llama.dry_run`` as a process of its own; shadows go to ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._transport = PopenTransport()
        self.job: JobProcess[DryRunEvent] = JobProcess(
            self._transport, "app.engine.llama.dry_run", DryRunEvent, "llama.cpp's planning"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.job.close()
        self._transport.close()

    def ask(self, command: JobCommand) -> DryRunEvent:
        """Return what a command is answered."""
        answers: list[DryRunEvent] = []
        self.job.ask(command, answers.append, limit_s=LIMIT_S)
        ends = time.monotonic() + LIMIT_S
        while not answers and time.monotonic() < ends:
            self._transport.pump(0.1)
            self.job.tick()
        return answers[0]

    def plan(self, path: Path, settings: LoadSettings) -> DryRunDone | JobFailed:
        """Plan the load of a file."""
        event = self.ask(
            DryRun(headers=Headers(key=str(path), path=str(path)), settings=settings, folder=str(self.folder))
        )
        assert isinstance(event, DryRunDone | JobFailed)
        return event

    def planned(self, path: Path, settings: LoadSettings) -> DryRunDone:
        """Plan the load of a file; a failure is an error."""
        done = self.plan(path, settings)
        assert isinstance(done, DryRunDone), done
        return done
