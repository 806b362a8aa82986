"""Cancelled downloads on their way out: stopped first, then deleted, unless what was fetched is to be kept."""

from __future__ import annotations

from collections.abc import Iterable

from app.download.messages import AnyDownloadEvent, Discard, Fetched, Halt, Progress
from app.download.process import DownloadProcess
from app.download.values import Download


class Leaving:
    """What the list does not hold any more, and the process still has to do."""

    def __init__(self, process: DownloadProcess) -> None:
        self._process = process
        self._halting: dict[int, tuple[Download, bool]] = {}  # by request; whether the partial is kept
        self._discards: dict[int, Discard] = {}

    @property
    def running(self) -> int:
        """How many have been told to stop and have not yet."""
        return len(self._halting)

    def add(self, download: Download, request: int, *, keeps: bool) -> None:
        """Let a download go; ``request`` is what the process works on for it, 0 for nothing."""
        if request:
            self._halting[request] = download, keeps
            self._process.send(Halt(request=request))
        elif not keeps and download.state != "done":
            self._discard(download)

    def hear(self, event: AnyDownloadEvent) -> bool:
        """Take an event; tell whether it was for one of these."""
        if event.request in self._discards:
            del self._discards[event.request]
        elif event.request not in self._halting:
            return False
        elif not isinstance(event, Progress):
            download, keeps = self._halting.pop(event.request)
            if not keeps and not isinstance(event, Fetched):
                self._discard(download)
        return True

    def lose(self, requests: Iterable[int]) -> None:
        """Take note that the process died with these requests; ``go_on`` makes up for it."""
        for request in requests:
            download, keeps = self._halting.pop(request, (None, True))
            if download is not None and not keeps:
                self._discards[request] = _discard(request, download)

    def go_on(self) -> None:
        """Ask again for what a process did not come to before it died."""
        if not self._process.is_running:
            for discard in tuple(self._discards.values()):
                self._process.send(discard)

    def _discard(self, download: Download) -> None:
        command = _discard(self._process.next_request(), download)
        self._discards[command.request] = command
        self._process.send(command)


def _discard(request: int, download: Download) -> Discard:
    return Discard(request=request, variant=download.variant, folder=download.folder)
