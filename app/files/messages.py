"""What the process that reads and writes files is asked, and what it answers. Values only.

Paths travel as ``app.tools.names.shown`` gives them, for not every name is UTF-8; texts to be saved or kept travel as
bytes ("surrogatepass"), for a half of a character is none either.
"""

from __future__ import annotations

import msgspec

from app.files.recovery import RecoveryRecord
from app.files.text_file import FileStamp, TextFile, TextFormat
from app.ipc.job import JobCommand, JobEvent, JobFailed


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """Where a window keeps what must survive a crash.

    Attributes:
        folder: For all windows.
        session: This window's name.
    """

    folder: str
    session: str


class FileCommand(JobCommand, frozen=True, kw_only=True):
    """Every command says whose it is, for the process may have been started anew."""

    home: Home


class ReadFile(FileCommand, tag="read", frozen=True, kw_only=True):
    """Read a file; answered by ``FileDone``, a long text before that by a ``FilePiece`` each."""

    path: str
    encoding: str = ""


class SaveFile(FileCommand, tag="save", frozen=True, kw_only=True):
    """Write a file; answered by ``FileDone``, whose text is empty: whoever asked knows it.

    Attributes:
        file: Its text is there only where line endings are mixed, and otherwise not needed.
    """

    file: TextFile
    text: bytes
    path: str = ""
    new_format: TextFormat | None = None
    force: bool = False


class NewFile(FileCommand, tag="new", frozen=True, kw_only=True):
    """Make a file; answered like ``SaveFile``."""

    path: str
    text: bytes
    format: TextFormat
    force: bool = False


class LookForChanges(FileCommand, tag="look", frozen=True, kw_only=True):
    """Tell which files, by path and stamp, are not as they were; answered by ``Changed``."""

    files: tuple[tuple[str, FileStamp], ...]


class KeepText(FileCommand, tag="keep", frozen=True, kw_only=True):
    """Keep a text that is not saved; the record's own is empty. Answered by ``FileWorkDone``."""

    key: str
    record: RecoveryRecord
    text: bytes


class ForgetText(FileCommand, tag="forget", frozen=True, kw_only=True):
    """Keep it no more; answered by ``FileWorkDone``."""

    key: str


class FindLeft(FileCommand, tag="find_left", frozen=True, kw_only=True):
    """Find what a crash has left; answered by a ``LeftText`` each, then ``LeftAll``."""


class FilePiece(JobEvent, tag="piece", frozen=True, kw_only=True):
    """A part of a file's text, in order: taking a long one at once would hold up the window."""

    is_last = False

    text: str


class FileDone(JobEvent, tag="file", frozen=True, kw_only=True):
    """A file that was read or written; its text is empty where that came in pieces."""

    file: TextFile


class Changed(JobEvent, tag="changed", frozen=True, kw_only=True):
    """The paths of files that changed."""

    paths: tuple[str, ...]


class FileWorkDone(JobEvent, tag="done", frozen=True, kw_only=True):
    """It is done."""


class LeftText(JobEvent, tag="left_text", frozen=True, kw_only=True):
    """A text that was left; the record's own is empty."""

    is_last = False

    record: RecoveryRecord
    text: bytes


class LeftAll(JobEvent, tag="left_all", frozen=True, kw_only=True):
    """All were told; ``notes`` are sentences on what could not be used or was put right."""

    notes: tuple[str, ...] = ()


Command = ReadFile | SaveFile | NewFile | LookForChanges | KeepText | ForgetText | FindLeft
FileEvent = FilePiece | FileDone | Changed | FileWorkDone | LeftText | LeftAll | JobFailed
EVENT_TYPE = FileEvent
