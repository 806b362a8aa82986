"""One file on its way: several connections fetch chunks close to each other, while the front of the hash follows."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from app.download.body import READ_BYTES, Body
from app.download.errors import Stopped, Trouble
from app.download.hashing import Hasher
from app.download.limits import Limiter, back_off_s
from app.download.part import PartFile
from app.download.repair import Keep, repair
from app.download.source import Source
from app.download.tuning import Tuning

#: A server that has ignored a range so often will go on doing so.
_IGNORED_RANGES = 3
#: A connection that brought so much before it was cut works.
_WORKING_BYTES = 64 * 1024
_LIMIT_POLL_S = 0.25
#: Bytes per second of a single connection that need no help.
_FAST = 250e6


@dataclass(frozen=True)
class Rules:
    """What all transfers of a task share."""

    tuning: Tuning
    limiter: Limiter
    stop: threading.Event


class Transfer:
    """Fetches and verifies one partial file; ``run`` returns once its bytes are those that were published."""

    def __init__(self, part: PartFile, source: Source, rules: Rules) -> None:
        self._part = part
        self._source = source
        self._rules = rules
        self._dice = random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._is_over = threading.Event()
        self._turn = threading.Condition()
        self._missing = [n for n in range(part.journal.chunks) if not part.is_complete(n)]
        self._error: Exception | None = None
        self._problems: dict[int, str] = {}
        self._ignored = 0
        self._whole = threading.Lock()
        self._disturbed: set[int] = set()
        self._hasher = Hasher(part, self._is_stopped, self._fetch_again)
        self.threads: list[threading.Thread] = []

    @property
    def problem(self) -> str:
        """Why nothing is coming just now; empty while any connection works."""
        problems = dict(self._problems)
        waiting = [text for text in problems.values() if text]
        return waiting[-1] if waiting and len(waiting) == len(problems) else ""

    def run(self) -> None:
        """Fetch what is missing and verify all of it.

        Raises:
            DownloadError: A person has to do something.
            Stopped: The download was paused or cancelled.
        """
        jobs: list[Callable[[], None]] = [self._sync_now_and_then]
        jobs += [self._connection(n) for n in range(max(1, self._rules.tuning.connections))]
        self.threads = [threading.Thread(target=self._guarded, args=(job,), daemon=True) for job in jobs]
        for thread in self.threads:
            thread.start()
        try:
            self._guarded(self._verify)
        finally:
            self._is_over.set()
            self._part.filled.set()
            with self._turn:
                self._turn.notify_all()
        if self._error is not None:
            raise self._error
        if self._rules.stop.is_set():
            raise Stopped

    def _verify(self) -> None:
        wanted = self._part.file.sha256
        if self._hasher.run() and wanted and self._hasher.hexdigest != wanted:
            repair(self._part, self._hasher, sorted(self._disturbed), self._fetch)

    def _guarded(self, job: Callable[[], None]) -> None:
        try:
            job()
        except Stopped:
            pass
        except Exception as error:  # noqa: BLE001 - raised by ``run``, in the thread that waits for this one
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._error = self._error or error
        self._is_over.set()
        self._part.grown.set()
        self._part.filled.set()

    def _is_stopped(self) -> bool:
        return self._rules.stop.is_set() or self._is_over.is_set()

    # --- chunks -----------------------------------------------------------------------------------------

    def _fetch_again(self, chunk: int) -> None:
        with self._turn:
            self._missing.insert(0, chunk)
            self._turn.notify()

    def _take(self) -> int:
        """Return the next missing chunk, waiting for one to turn out damaged. Raises Stopped."""
        with self._turn:
            while not self._missing:
                if self._is_stopped():
                    raise Stopped
                self._turn.wait()
            return self._missing.pop(0)

    def _connection(self, number: int) -> Callable[[], None]:
        def work() -> None:
            try:
                if number:
                    self._wait_to_be_of_use()
                while True:
                    self._problems.pop(number, None)
                    chunk = self._take()
                    self._problems[number] = ""
                    if self._ignored < _IGNORED_RANGES:
                        self._fetch(chunk, self._keep, self._part.position(chunk), number)
                    if not self._part.is_complete(chunk):
                        self._fetch_whole(number)
            finally:
                self._problems.pop(number, None)

        return work

    def _wait_to_be_of_use(self) -> None:
        """Leave a line that one connection makes good use of to that one: more would only cost processor time."""
        seconds = self._rules.tuning.head_start_s
        while seconds:
            before = self._part.done_bytes
            if self._is_over.wait(seconds):
                raise Stopped
            if self._part.done_bytes - before < _FAST * seconds:
                return

    def _keep(self, chunk: int, data: bytes, _offset: int) -> None:
        self._part.append(chunk, data)

    # --- bytes, over as many tries as it takes ----------------------------------------------------------

    def _fetch(self, chunk: int, keep: Keep, position: int | None = None, number: int = 0) -> None:
        """Hand the bytes of a chunk from ``position`` on to ``keep``; all of it by default.

        Returns early once it is known that the server ignores ranges. Raises DownloadError, Stopped.
        """
        end = self._part.end(chunk)
        at = chunk * self._part.journal.chunk if position is None else position
        failures = 0
        while at < end and (position is None or self._ignored < _IGNORED_RANGES):
            before = at
            try:
                with self._source.open(at, end) as body:
                    self._part.note_etag(self._source.etag)
                    self._refuse_ignored_range(body, at)
                    while data := self._read(body, end):
                        begins = body.position - len(data)
                        useful = data[max(0, at - begins) : end - begins]
                        self._part.count(len(data) - len(useful))
                        if useful:
                            keep(chunk, useful, at)
                            at += len(useful)
                            self._problems[number] = ""
            except Trouble as trouble:
                self._disturbed.add(chunk)
                failures = self._bear(trouble, at - before, failures, number)

    def _fetch_whole(self, number: int) -> None:
        """Read the file from its start, as often as it takes, and keep what is missing: it offers no more."""
        part, failures = self._part, 0
        with self._whole:  # one connection is enough; the others wait here until there is nothing left
            while any(not part.is_complete(chunk) for chunk in range(part.journal.chunks)):
                before = part.done_bytes
                try:
                    with self._source.open(0, part.size) as body:
                        self._part.note_etag(self._source.etag)
                        while data := self._read(body, part.size):
                            self._keep_missing(memoryview(data), body.position - len(data))
                            self._problems[number] = ""
                except Trouble as trouble:
                    failures = self._bear(trouble, part.done_bytes - before, failures, number)

    def _keep_missing(self, data: memoryview, begins: int) -> None:
        while data:
            chunk = begins // self._part.journal.chunk
            piece = data[: self._part.end(chunk) - begins]
            missing = piece[max(0, self._part.position(chunk) - begins) :]
            self._part.count(len(piece) - len(missing))
            if missing:
                self._part.append(chunk, missing)
            data, begins = data[len(piece) :], begins + len(piece)

    def _bear(self, trouble: Trouble, came: int, failures: int, number: int) -> int:
        """Wait before the next try and return how many failed in a row. Raises Stopped."""
        if came >= _WORKING_BYTES and trouble.wait_s is None:
            return 0  # cut in the middle, but the line works: go on at once
        self._problems[number] = trouble.problem
        back_off = back_off_s(failures + 1, self._rules.tuning.retry_s, self._dice)
        self._pause(max(trouble.wait_s or 0.0, back_off))
        return failures + 1

    def _read(self, body: Body, end: int) -> bytes:
        if self._is_stopped():
            raise Stopped
        if body.position >= end:
            return b""
        data = body.read(self._rules.limiter.piece_bytes(READ_BYTES))
        self._rules.limiter.take(len(data))
        while wait_s := self._rules.limiter.wait_s():
            self._pause(min(wait_s, _LIMIT_POLL_S))
        return data

    def _pause(self, seconds: float) -> None:
        if seconds and self._rules.stop.wait(seconds):
            raise Stopped
        if self._is_stopped():
            raise Stopped

    def _refuse_ignored_range(self, body: Body, wanted: int) -> None:
        """Let a server that ignores a range try again; one that always does is read from the file's start."""
        if body.start != wanted:
            self._ignored += 1
            raise Trouble("The server sent the whole file instead of the part it was asked for.")

    def _sync_now_and_then(self) -> None:
        while not self._is_over.is_set():
            self._part.filled.wait(self._rules.tuning.sync_s)
            self._part.filled.clear()
            self._part.sync()
