"""The downloading process as its parent sees it: started when needed, ended when idle, its death noticed."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.download.messages import (
    AnyDownloadCommand,
    AnyDownloadEvent,
    Check,
    Discard,
    Fetch,
    Progress,
)
from app.ipc.codec import FrameDecoder, FrameError, encode
from app.ipc.launch import child_command
from app.ipc.transport import ChildExit, Transport

#: While it works it tells its progress a few times a second; a process silent for so long hangs.
SILENT_S = 60.0
#: A process with nothing to do is ended after so long.
IDLE_S = 10.0


class DownloadProcess:
    """Sends commands and hands on events, all on the thread that owns the transport.

    Args:
        on_event: Hears every event of a request that has not ended.
        on_death: Hears the requests that were lost, and why in a sentence. Not called for an idle process.
    """

    def __init__(
        self,
        transport: Transport,
        on_event: Callable[[AnyDownloadEvent], None],
        on_death: Callable[[tuple[int, ...], str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._on_event = on_event
        self._on_death = on_death
        self._clock = clock
        self._decoder: FrameDecoder[AnyDownloadEvent] = FrameDecoder(AnyDownloadEvent)
        self._requests: set[int] = set()
        self._next_request = 1
        self._is_running = False
        self._is_closed = False
        self._killed_for = ""
        self._heard_at = 0.0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._transport.pid

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._is_running

    def next_request(self) -> int:
        """Return a number for a request."""
        number, self._next_request = self._next_request, self._next_request + 1
        return number

    def send(self, command: AnyDownloadCommand) -> None:
        """Send a command, starting the process if it begins work; others are for a running process only."""
        if isinstance(command, Fetch | Check | Discard):
            self._requests.add(command.request)
            if not self._is_running:
                self._start()
        if self._is_running:
            self._transport.write(encode(command))

    def tick(self) -> None:
        """End a process that hangs or has nothing to do."""
        if not self._is_running or self._killed_for:
            return
        silent_s = self._clock() - self._heard_at
        if self._requests and silent_s > SILENT_S:
            self._end(f"It gave no sign of life for {SILENT_S:.0f} seconds")
        elif not self._requests and silent_s > IDLE_S:
            self._end("idle")

    def close(self) -> None:
        """End the process; nothing is lost, for the journals lie on the disk. No callback comes any more."""
        self._is_closed = True
        self._requests.clear()
        if self._is_running:
            self._transport.kill()

    def _end(self, why: str) -> None:
        self._killed_for = why
        self._transport.kill()

    def _start(self) -> None:
        self._decoder = FrameDecoder(AnyDownloadEvent)
        self._is_running, self._killed_for = True, ""
        self._heard_at = self._clock()
        self._transport.start(child_command("app.download.worker"), self._on_bytes, self._on_exit)

    def _on_bytes(self, data: bytes) -> None:
        if self._is_closed or self._killed_for:
            return
        self._heard_at = self._clock()
        try:
            for event in self._decoder.feed(data):
                self._take(event)
        except FrameError as error:
            self._end(f"What it sent could not be understood ({error})")

    def _take(self, event: AnyDownloadEvent) -> None:
        if self._is_closed or event.request not in self._requests:
            return
        if not isinstance(event, Progress):
            self._requests.discard(event.request)
        self._on_event(event)

    def _on_exit(self, end: ChildExit) -> None:
        self._is_running = False
        lost, self._requests = tuple(sorted(self._requests)), set()
        if lost and not self._is_closed:
            self._on_death(lost, self._killed_for or end.why)
