"""Reading, saving and recovering files as the window uses it: ask, and be called back; a process does the work."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from app.errors import AppError
from app.files.errors import KINDS
from app.files.line_endings import with_line_feeds
from app.files.messages import (
    EVENT_TYPE,
    Changed,
    FileDone,
    FileEvent,
    FilePiece,
    FileWorkDone,
    FindLeft,
    ForgetText,
    Home,
    KeepText,
    LeftAll,
    LeftText,
    LookForChanges,
    NewFile,
    ReadFile,
    SaveFile,
)
from app.files.recovery import LeftOver, RecoveryRecord
from app.files.text_file import TextFile, TextFormat
from app.ipc.job import JobCommand, JobFailed, JobProcess
from app.ipc.transport import Transport
from app.tools.names import meant, shown

MODULE = "app.files.worker"
T = TypeVar("T")


class FileService:
    """Works through what it is asked in turn, in a process of its own.

    ``on_done`` hears exactly once, with the answer or the error, on the thread that owns the transport; errors are of
    the kinds in ``app/files/errors.py``. ``tick`` is to be called about once a second.

    Args:
        folder: Where unsaved texts are kept, and files while they are written in place.
        session: Names the window that the unsaved texts are of.
    """

    def __init__(self, transport: Transport, folder: str, session: str = "") -> None:
        self._job: JobProcess[FileEvent] = JobProcess(transport, MODULE, EVENT_TYPE, "What reads and writes files")
        self._home = Home(folder=shown(folder), session=session or secrets.token_hex(8))
        self._waiting = 0

    @property
    def is_busy(self) -> bool:
        """Whether something is asked and not answered; ``close`` would cut it short."""
        return self._waiting > 0

    def read(self, path: str, encoding: str, on_done: Callable[[TextFile | AppError], None]) -> None:
        """Read a file; see ``read_text_file``."""
        command = ReadFile(home=self._home, path=shown(path), encoding=encoding)
        pieces: list[str] = []

        def whole(event: FileDone) -> TextFile:
            return _received(event.file, "".join(pieces) or event.file.text)

        self._ask(command, FileDone, whole, on_done, on_part=lambda event: pieces.append(event.text))

    def save(
        self,
        file: TextFile,
        text: str,
        on_done: Callable[[TextFile | AppError], None],
        *,
        path: str = "",
        new_format: TextFormat | None = None,
        force: bool = False,
    ) -> None:
        """Write a file; see ``save_text_file``."""
        # Only for lines that end each in their own way is it needed what the text was before.
        sent = msgspec.structs.replace(file, path=shown(file.path), text=file.text if file.endings else "")
        command = SaveFile(
            home=self._home, file=sent, text=_bytes(text), path=shown(path), new_format=new_format, force=force
        )
        self._ask(command, FileDone, lambda event: _received(event.file, with_line_feeds(text)), on_done)

    def new(
        self,
        path: str,
        text: str,
        text_format: TextFormat,
        on_done: Callable[[TextFile | AppError], None],
        *,
        force: bool = False,
    ) -> None:
        """Make a file; see ``new_text_file``."""
        command = NewFile(home=self._home, path=shown(path), text=_bytes(text), format=text_format, force=force)
        self._ask(command, FileDone, lambda event: _received(event.file, with_line_feeds(text)), on_done)

    def find_changed(self, files: Sequence[TextFile], on_done: Callable[[tuple[str, ...] | AppError], None]) -> None:
        """Tell the paths of those files that are not on disk as they were."""
        known = tuple((shown(file.path), file.stamp) for file in files)
        command = LookForChanges(home=self._home, files=known)
        self._ask(command, Changed, lambda event: tuple(map(meant, event.paths)), on_done)

    def keep(self, key: str, record: RecoveryRecord, on_done: Callable[[AppError | None], None]) -> None:
        """Keep a text that is not saved, in place of the one before under this key; ``on_done`` hears of a failure."""
        sent = msgspec.structs.replace(
            record, path=shown(record.path), text="", saved_at=record.saved_at or time.time()
        )
        command = KeepText(home=self._home, key=key, record=sent, text=_bytes(record.text))
        self._ask(command, FileWorkDone, lambda _: None, on_done)

    def forget(self, key: str, on_done: Callable[[AppError | None], None] = lambda _: None) -> None:
        """Keep it no more."""
        self._ask(ForgetText(home=self._home, key=key), FileWorkDone, lambda _: None, on_done)

    def find_left(self, on_done: Callable[[LeftOver | AppError], None]) -> None:
        """Find the texts that a crash has left, and what else there is to say about it; see ``Recovery.left``."""
        records: list[RecoveryRecord] = []

        def take(event: LeftText) -> None:
            text = event.text.decode("utf-8", "surrogatepass")
            records.append(msgspec.structs.replace(event.record, path=meant(event.record.path), text=text))

        def all_of(event: LeftAll) -> LeftOver:
            return LeftOver(records=tuple(records), notes=event.notes)

        self._ask(FindLeft(home=self._home), LeftAll, all_of, on_done, on_part=take)

    def tick(self) -> None:
        """Notice a process that has been silent for too long."""
        self._job.tick()

    def close(self) -> None:
        """End the process; nobody is called back any more."""
        self._job.close()

    def _ask(
        self,
        command: JobCommand,
        expected: Any,
        take: Callable[[Any], T],
        on_done: Callable[[T | AppError], None],
        on_part: Callable[[Any], None] = lambda _: None,
    ) -> None:
        def hear(event: FileEvent) -> None:
            if isinstance(event, LeftText | FilePiece):
                on_part(event)
                return
            self._waiting -= 1
            if isinstance(event, expected):
                on_done(take(event))
            else:
                on_done(_error(event))

        self._waiting += 1
        self._job.ask(command, hear)


def _error(event: FileEvent) -> AppError:
    if not isinstance(event, JobFailed):
        return AppError("What reads and writes files gave an answer to another question")
    for kind in KINDS:
        if event.code == kind.code:
            return kind(event.title, event.message, event.hint, event.detail)
    return event.error()


def _received(file: TextFile, text: str) -> TextFile:
    return msgspec.structs.replace(file, path=meant(file.path), text=text)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
