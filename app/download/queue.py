"""The downloads of the application: in order, one or two at a time, kept over restarts and a dying process."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from app.catalog.variants import Variant
from app.download.leaving import Leaving
from app.download.limits import back_off_s
from app.download.messages import (
    AnyDownloadEvent,
    Check,
    Fetch,
    Halt,
    Limit,
    Progress,
)
from app.download.names import targets
from app.download.outcomes import RESTING, brought_back, changed, heard, survived
from app.download.process import DownloadProcess
from app.download.store import DownloadStore
from app.download.tuning import Tuning
from app.download.values import Download
from app.errors import AppError
from app.ipc.transport import Transport

#: A process that ends so often without getting anything further will not do better next time.
MOST_DEATHS = 5


@dataclass
class _Entry:
    download: Download
    token: str = field(default="", repr=False)
    request: int = 0
    is_checking: bool = False


class DownloadQueue:
    """The list of downloads and the process that works on it.

    All on the thread that owns the transport. ``tick`` is to be called about once a second. Downloads are values:
    look at ``downloads`` again after ``on_change``, which comes a few times a second at most for each.

    Args:
        state_path: The JSON file that keeps the list, without tokens; None: it ends with the queue.
        on_change: Called when ``downloads`` has changed.
        find_token: Finds the Hugging Face token for downloads of an earlier start.
        resumes: What was under way at the last end goes on at once; else it waits as paused.
        parallel: How many may run at a time.
    """

    def __init__(
        self,
        transport: Transport,
        state_path: Path | None,
        on_change: Callable[[], None],
        *,
        find_token: Callable[[], str] = lambda: "",
        resumes: bool = True,
        parallel: int = 1,
        bytes_per_second: float = 0.0,
        tuning: Tuning | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_change = on_change
        self._find_token = find_token
        self._parallel = parallel
        self._rate = bytes_per_second
        self._tuning = tuning or Tuning()
        self._clock = clock
        self._dice = random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._process = DownloadProcess(transport, self._on_event, self._on_death, clock=clock)
        self._store = DownloadStore(state_path)
        self._leaving = Leaving(self._process)
        self._deaths = 0
        self._start_after = 0.0
        kept, self._next_id = self._store.load()
        self._entries = [_Entry(brought_back(download, resumes=resumes)) for download in kept]
        self.notice = self._store.notice
        self._start_next()

    @property
    def downloads(self) -> tuple[Download, ...]:
        """All downloads in order."""
        return tuple(entry.download for entry in self._entries)

    @property
    def is_busy(self) -> bool:
        """Whether closing the program would interrupt a download."""
        return any(entry.download.state not in RESTING for entry in self._entries)

    @property
    def pid(self) -> int | None:
        """The process that downloads, while there is one."""
        return self._process.pid

    def get(self, number: int) -> Download:
        """Return a download by id. Raises KeyError."""
        return self._entry(number).download

    # --- verbs ------------------------------------------------------------------------------------------

    def add(self, variant: Variant, folder: Path | str, token: str = "") -> Download:
        """Add a download, or go on with the one of the same files in the same folder.

        Raises:
            AppError: A name of the repository is not accepted.
        """
        targets(Path(folder), variant)
        for entry in self._entries:
            same = entry.download
            if (same.variant.source, same.variant.files, same.folder) == (variant.source, variant.files, str(folder)):
                entry.token = token or entry.token
                if same.state in RESTING:
                    self._change(entry, state="queued", problem="", hint="", path="")
                    self._start_next()
                return entry.download
        download = Download(id=self._next_id, variant=variant, folder=str(folder), state="queued")
        self._next_id += 1
        self._entries.append(_Entry(download, token))
        self._listed()
        self._start_next()
        return self.get(download.id)

    def pause(self, number: int) -> None:
        """Stop a download and keep what was fetched; the next one takes its turn."""
        entry = self._entry(number)
        if entry.download.state in RESTING:
            return
        self._halt(entry)
        self._change(entry, state="done" if entry.is_checking else "paused", problem="", hint="")

    def resume(self, number: int) -> None:
        """Go on with a paused or failed download; one that waits tries at once."""
        entry = self._entry(number)
        if entry.download.state in {"paused", "failed", "waiting"}:
            self._halt(entry)
            self._deaths, self._start_after = 0, 0.0
            self._change(entry, state="queued", problem="", hint="")
            self._start_next()

    def cancel(self, number: int, *, keep_partial: bool = False) -> None:
        """Take a download off the list; finished files stay, what is incomplete is deleted unless it is to be kept."""
        entry = self._entry(number)
        self._entries.remove(entry)
        self._leaving.add(entry.download, entry.request, keeps=keep_partial)
        self._listed()
        self._start_next()

    def remove(self, number: int) -> None:
        """Take a download off the list and touch no file."""
        self.cancel(number, keep_partial=True)

    def verify(self, number: int) -> None:
        """Hash a finished download; a damaged one becomes "failed", and ``resume`` fetches the damaged chunks alone."""
        entry = self._entry(number)
        if entry.download.state != "done" or entry.request:
            return
        entry.request, entry.is_checking = self._process.next_request(), True
        self._change(entry, state="verifying", done_bytes=0, problem="", hint="")
        download = entry.download
        self._process.send(
            Check(request=entry.request, variant=download.variant, folder=download.folder, tuning=self._tuning)
        )

    def move(self, number: int, index: int) -> None:
        """Put a download at another place of the list; what runs goes on."""
        entry = self._entry(number)
        self._entries.remove(entry)
        self._entries.insert(index, entry)
        self._listed()

    def set_limit(self, bytes_per_second: float) -> None:
        """Let all downloads together take so much of the line; 0 for no limit."""
        self._rate = bytes_per_second
        self._process.send(Limit(bytes_per_second=bytes_per_second))

    def set_parallel(self, count: int) -> None:
        """Let so many run at a time; what runs already goes on."""
        self._parallel = max(1, count)
        self._start_next()

    def set_connections(self, count: int) -> None:
        """Let each file have so many connections, from the next one that is begun."""
        self._tuning = msgspec.structs.replace(self._tuning, connections=max(1, count))

    def tick(self) -> None:
        """Watch the process, and start it anew after its death."""
        self._process.tick()
        self._start_next()

    def close(self) -> None:
        """End the process and keep the list; what is under way comes back at the next start."""
        self._process.close()
        self._save()

    # --- the process ------------------------------------------------------------------------------------

    def _start_next(self) -> None:
        if self._clock() < self._start_after:
            return
        self._leaving.go_on()
        for entry in tuple(self._entries):
            active = sum(1 for other in self._entries if other.request and not other.is_checking)
            if active + self._leaving.running >= self._parallel:
                return
            if not entry.request and entry.download.state in {"queued", "waiting"}:
                entry.request = self._process.next_request()
                self._change(entry, state="checking", problem="", hint="")
                self._send_fetch(entry)  # last, for it may hear at once that there can be no process

    def _send_fetch(self, entry: _Entry) -> None:
        variant, folder = entry.download.variant, entry.download.folder
        token = entry.token or (self._find_token() if variant.source == "huggingface" else "")
        was_running = self._process.is_running
        self._process.send(
            Fetch(request=entry.request, variant=variant, folder=folder, token=token, tuning=self._tuning)
        )
        if not was_running and self._rate:
            self._process.send(Limit(bytes_per_second=self._rate))

    def _halt(self, entry: _Entry) -> None:
        if entry.request:
            self._process.send(Halt(request=entry.request))

    def _on_event(self, event: AnyDownloadEvent) -> None:
        if not self._leaving.hear(event):
            for entry in self._entries:
                if entry.request == event.request:
                    self._take(entry, event)
                    break
        self._start_next()

    def _take(self, entry: _Entry, event: AnyDownloadEvent) -> None:
        is_checking = entry.is_checking
        if not isinstance(event, Progress):
            entry.request, entry.is_checking = 0, False
        elif event.fetched_bytes > entry.download.fetched_bytes:
            self._deaths = 0
        self._put(entry, heard(entry.download, event, is_checking=is_checking))

    def _on_death(self, lost: tuple[int, ...], why: str) -> None:
        self._deaths += 1
        self._start_after = self._clock() + back_off_s(self._deaths, self._tuning.retry_s, self._dice)
        self._leaving.lose(lost)
        for entry in self._entries:
            if entry.request in lost:
                is_hopeless, is_checking = self._deaths > MOST_DEATHS, entry.is_checking
                entry.request, entry.is_checking = 0, False
                self._put(entry, survived(entry.download, why, is_checking=is_checking, is_hopeless=is_hopeless))

    # --- the list ---------------------------------------------------------------------------------------

    def _entry(self, number: int) -> _Entry:
        for entry in self._entries:
            if entry.download.id == number:
                return entry
        raise KeyError(number)

    def _change(self, entry: _Entry, **fields: object) -> None:
        self._put(entry, changed(entry.download, **fields))

    def _put(self, entry: _Entry, download: Download) -> None:
        before, entry.download = entry.download, download
        if download.state != before.state:
            self._save()
        if download != before:
            self._on_change()

    def _listed(self) -> None:
        self._save()
        self._on_change()

    def _save(self) -> None:
        try:
            self._store.save(list(self.downloads), self._next_id)
        except OSError as error:
            self.notice = AppError(
                "The list of downloads could not be saved",
                f"{error.strerror or error}.",
                "Downloads go on; after a restart they have to be started by hand.",
            )
