"""All files of one variant, one after the other: look at what is there, make room, fetch, verify, name."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx2

from app.catalog.variants import RemoteFile, Variant
from app.download import disk
from app.download.errors import DownloadError, Stopped
from app.download.finished import Finished, finish, remove_partial
from app.download.limits import Limiter, Meter
from app.download.messages import Progress
from app.download.names import Target, make_folders, targets
from app.download.part import PartFile, write_error
from app.download.source import Source, open_client
from app.download.transfer import Rules, Transfer
from app.download.tuning import Tuning
from app.download.values import DownloadState

#: So much more than a download needs has to be free: filesystems keep books too.
SPARE = 0.05


class Task:
    """One download, run by a thread of its own; ``stop`` and ``progress`` are for others.

    Args:
        token: The Hugging Face access token; empty for none. Other sources never see it.
        free_bytes: How much fits into a folder's disk.
    """

    def __init__(
        self,
        variant: Variant,
        folder: Path,
        token: str,
        tuning: Tuning,
        limiter: Limiter,
        *,
        free_bytes: Callable[[Path], int] = disk.free_bytes,
    ) -> None:
        self._variant = variant
        self._folder = folder
        self._token = token
        self._stop = threading.Event()
        self._rules = Rules(tuning, limiter, self._stop)
        self._free_bytes = free_bytes
        self._meter = Meter()
        self._lock = threading.Lock()
        self._finished_bytes = 0
        self._finished_fetched = 0
        self._checked_bytes = 0
        self._parts: dict[str, PartFile] = {}
        self._transfer: Transfer | None = None
        self._threads: list[threading.Thread] = []
        self._state: DownloadState = "checking"

    def stop(self) -> None:
        """Pause; ``run`` ends soon with ``Stopped``."""
        self._stop.set()

    def progress(self) -> Progress:
        """Return how far it is."""
        transfer = self._transfer
        with self._lock:
            parts = list(self._parts.values())
            done = self._finished_bytes + sum(part.done_bytes for part in parts)
            fetched = self._finished_fetched + sum(part.fetched_bytes for part in parts)
        if self._state == "verifying" or (self._state == "checking" and self._checked_bytes):
            done = self._checked_bytes
        speed = self._meter.speed(fetched)
        state, problem = self._state, transfer.problem if transfer else ""
        if state == "running":
            is_all_here = done >= self._variant.size_bytes
            state = "waiting" if problem else "verifying" if is_all_here else "running"
        return Progress(
            state=state,
            done_bytes=done,
            fetched_bytes=fetched,
            speed=speed if state == "running" else 0.0,
            problem=problem if state == "waiting" else "",
        )

    def run(self) -> str:
        """Fetch all files and return the path llama.cpp is given.

        Raises:
            DownloadError: A person has to do something; what was fetched is kept.
            Stopped: ``stop`` was called.
        """
        places = targets(self._folder, self._variant)
        client = open_client(self._rules.tuning.connections, self._rules.tuning.stall_s)
        try:
            missing = self._look(places)
            self._make_room(missing)
            self._state = "running"
            for file, target in missing:
                self._fetch(client, file, target)
        finally:
            self._close_parts()
            self._close_later(client)
        return str(places[0].final)

    def check(self) -> str:
        """Verify finished files and return the path llama.cpp is given; a damaged one becomes a partial one.

        Raises:
            DownloadError: Something is damaged or missing ("damaged"): to be fetched again by ``run``.
            Stopped: ``stop`` was called.
        """
        self._state = "verifying"
        places = targets(self._folder, self._variant)
        faults: list[str] = []
        for file, target in zip(self._variant.files, places, strict=True):
            with _disk_in_words(target):
                faults += self._finished(file, target).check()
        if faults:
            raise DownloadError(
                "damaged",
                "The model on disk is damaged",
                " ".join(faults),
                "Resume the download: only the damaged parts are fetched again.",
            )
        return str(places[0].final)

    def _finished(self, file: RemoteFile, target: Target) -> Finished:
        return Finished(file, target, self._variant, self._rules.tuning.chunk_bytes, self._count_checked)

    def _count_checked(self, count: int) -> None:
        if self._stop.is_set():
            raise Stopped
        self._checked_bytes += count

    def _look(self, places: Sequence[Target]) -> list[tuple[RemoteFile, Target]]:
        """Return what is not finished yet; a file of that name that is not ours is never overwritten."""
        missing = []
        for file, target in zip(self._variant.files, places, strict=True):
            make_folders(self._folder, target)
            with _disk_in_words(target):
                manifest = self._finished(file, target).accept()
                if manifest is None:
                    missing.append((file, target))
                    continue
                remove_partial(target)
            with self._lock:
                self._finished_bytes += file.size_bytes
                self._finished_fetched += manifest.fetched_bytes
        for file, target in missing:
            self._parts[file.name] = PartFile(file, target, self._rules.tuning.chunk_bytes)
        return missing

    def _make_room(self, missing: Sequence[tuple[RemoteFile, Target]]) -> None:
        needed = sum(max(0, file.size_bytes - disk.allocated_bytes(target.part)) for file, target in missing)
        free = self._free_bytes(self._folder) if missing else 0
        if needed * (1 + SPARE) > free:
            short = needed * (1 + SPARE) - free
            raise DownloadError(
                "no_space",
                "There is not enough space on the disk",
                f"{self._folder} has {free / 1e9:.1f} GB free; {needed / 1e9:.1f} GB more and 5 % to spare are needed.",
                f"Free {short / 1e9:.1f} GB or choose another folder, then resume.",
            )
        for part in self._parts.values():
            part.reserve()

    def _fetch(self, client: httpx2.Client, file: RemoteFile, target: Target) -> None:
        part, tuning = self._parts[file.name], self._rules.tuning
        source = Source(
            client,
            file,
            self._variant,
            token=self._token,
            etag=part.journal.etag,
            stall_s=tuning.stall_s,
            is_stopped=self._stop.is_set,
        )
        self._transfer = transfer = Transfer(part, source, self._rules)
        try:
            transfer.run()
        except DownloadError as error:
            if error.code == "changed" and not file.sha256:
                part.close()
                remove_partial(target)  # nothing could tell old bytes from new ones later
            raise
        finally:
            self._threads += transfer.threads
        part.sync()
        digests = tuple(part.journal.digest(chunk).hex() for chunk in range(part.journal.chunks))
        fetched = part.fetched_bytes
        part.close()
        with _disk_in_words(target):
            finish(file, target, self._variant, tuning.chunk_bytes, digests, fetched)
        with self._lock:
            del self._parts[file.name]
            self._finished_bytes += file.size_bytes
            self._finished_fetched += fetched

    def _close_parts(self) -> None:
        for part in self._parts.values():
            with contextlib.suppress(DownloadError, Stopped):
                part.sync()
            part.close()

    def _close_later(self, client: httpx2.Client) -> None:
        """Close the connections once no thread uses them; one may still be waiting for a name to be resolved."""

        def close() -> None:
            for thread in self._threads:
                thread.join()
            client.close()

        threading.Thread(target=close, daemon=True).start()


@contextlib.contextmanager
def _disk_in_words(target: Target) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise write_error(error, target) from error
