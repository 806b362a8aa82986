"""The process that downloads: hears commands at any time, works on each request in a thread of its own."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from app.download.body import READ_BYTES
from app.download.errors import DownloadError, Stopped
from app.download.finished import remove_partial
from app.download.limits import Limiter
from app.download.messages import (
    AnyDownloadCommand,
    Check,
    Discard,
    Discarded,
    DownloadEvent,
    DownloadFailed,
    Fetch,
    Fetched,
    Halt,
    Halted,
    Limit,
)
from app.download.names import targets
from app.download.recent import MOST_BYTES
from app.download.task import Task
from app.ipc.child import Channel, open_channel

#: At most four progress events a second.
PROGRESS_S = 0.25
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3  # malloc.h


class Worker:
    """Does what commands say; ``send`` may be called from any thread."""

    def __init__(self, send: Callable[[DownloadEvent], None]) -> None:
        self._send = send
        self._limiter = Limiter()
        self._tasks: dict[int, Task] = {}

    def obey(self, command: AnyDownloadCommand) -> None:
        """Begin what a command asks for, and return at once."""
        match command:
            case Fetch():
                task = Task(command.variant, Path(command.folder), command.token, command.tuning, self._limiter)
                self._begin(command.request, task, task.run)
            case Check():
                task = Task(command.variant, Path(command.folder), "", command.tuning, self._limiter)
                self._begin(command.request, task, task.check)
            case Halt():
                if command.request in self._tasks:
                    self._tasks[command.request].stop()
            case Discard():
                threading.Thread(target=self._discard, args=(command,), daemon=True).start()
            case Limit():
                self._limiter.set(command.bytes_per_second)

    def _begin(self, request: int, task: Task, work: Callable[[], str]) -> None:
        self._tasks[request] = task
        threading.Thread(target=self._work, args=(request, task, work), daemon=True).start()

    def _work(self, request: int, task: Task, work: Callable[[], str]) -> None:
        is_over = threading.Event()
        reporter = threading.Thread(target=self._report, args=(request, task, is_over), daemon=True)
        reporter.start()
        try:
            path = work()
            last: DownloadEvent = Fetched(path=path)
        except Stopped:
            last = Halted()
        except DownloadError as error:
            last = DownloadFailed(
                code=error.code, title=error.title, message=error.message, hint=error.hint, detail=error.detail
            )
        except Exception as error:  # noqa: BLE001 - reported to the parent, where people can read it
            last = DownloadFailed(
                code="internal",
                title="Something in Sawhorse failed",
                message=f"{type(error).__name__}: {error}",
                hint="This is a fault of Sawhorse; please report it.",
                detail=repr(error),
            )
        is_over.set()
        reporter.join()
        self._tell(request, task.progress())
        del self._tasks[request]
        self._tell(request, last)

    def _report(self, request: int, task: Task, is_over: threading.Event) -> None:
        while not is_over.wait(PROGRESS_S):
            self._tell(request, task.progress())

    def _discard(self, command: Discard) -> None:
        try:
            for target in targets(Path(command.folder), command.variant):
                remove_partial(target)
            last: DownloadEvent = Discarded()
        except (OSError, DownloadError) as error:
            last = DownloadFailed(
                code="unwritable", title="The partial download could not be deleted", message=f"{error}."
            )
        self._tell(command.request, last)

    def _tell(self, request: int, event: DownloadEvent) -> None:
        self._send(msgspec.structs.replace(event, request=request))


def _keep_freed_memory() -> None:
    """Let glibc keep freed pieces for the next ones: to fault in each megabyte anew costs as much as to copy it."""
    if sys.platform != "linux":
        return
    tell = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if tell is not None:
        tell(_M_MMAP_THRESHOLD, 2 * READ_BYTES)
        tell(_M_TRIM_THRESHOLD, 4 * MOST_BYTES)
        tell(_M_TOP_PAD, MOST_BYTES)


def main() -> None:
    """Serve until the parent closes its end."""
    _keep_freed_memory()
    channel: Channel[AnyDownloadCommand] = open_channel(AnyDownloadCommand)
    worker = Worker(channel.send)
    for command in channel:
        worker.obey(command)


if __name__ == "__main__":
    main()
