"""The messages between the download queue and the process that downloads. Values only.

``request`` is that of the command an event belongs to; of a request that ended, nothing more comes.
"""

from __future__ import annotations

import msgspec

from app.catalog.variants import Variant
from app.download.tuning import Tuning
from app.download.values import DownloadState


class DownloadCommand(msgspec.Struct, frozen=True, kw_only=True, tag_field="command"):
    """Something the process is asked to do."""

    request: int = 0


class Fetch(DownloadCommand, tag="fetch", frozen=True, kw_only=True):
    """Download a variant. Answers: Progress…, then Fetched, Halted or DownloadFailed.

    Attributes:
        token: The Hugging Face access token, empty for none. It travels in this message only.
    """

    variant: Variant
    folder: str
    token: str = ""
    tuning: Tuning = Tuning()


class Check(DownloadCommand, tag="check", frozen=True, kw_only=True):
    """Verify a finished variant. Answers as ``Fetch``."""

    variant: Variant
    folder: str
    tuning: Tuning = Tuning()


class Halt(DownloadCommand, tag="halt", frozen=True, kw_only=True):
    """Stop the work of request ``request``; it answers Halted, unless it ends by itself before."""


class Discard(DownloadCommand, tag="discard", frozen=True, kw_only=True):
    """Delete what has been fetched of a variant; finished files stay. Answers: Discarded or DownloadFailed."""

    variant: Variant
    folder: str


class Limit(DownloadCommand, tag="limit", frozen=True, kw_only=True):
    """Let all downloads together take so many bytes per second; 0 for no limit. No answer."""

    bytes_per_second: float = 0.0


AnyDownloadCommand = Fetch | Check | Halt | Discard | Limit


class DownloadEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Something the process says."""

    request: int = 0


class Progress(DownloadEvent, tag="progress", frozen=True, kw_only=True):
    """How far a request is, a few times a second as long as it lasts; fields as in ``Download``."""

    state: DownloadState
    done_bytes: int
    fetched_bytes: int
    speed: float = 0.0
    problem: str = ""


class Fetched(DownloadEvent, tag="fetched", frozen=True, kw_only=True):
    """All files are there and verified."""

    path: str
    fetched_bytes: int = 0


class Halted(DownloadEvent, tag="halted", frozen=True, kw_only=True):
    """It stopped because it was asked to."""


class Discarded(DownloadEvent, tag="discarded", frozen=True, kw_only=True):
    """The partial files are gone."""


class DownloadFailed(DownloadEvent, tag="download_failed", frozen=True, kw_only=True):
    """It needs a person; fields are those of ``DownloadError``."""

    code: str
    title: str
    message: str = ""
    hint: str = ""
    detail: str = ""


AnyDownloadEvent = Progress | Fetched | Halted | Discarded | DownloadFailed
