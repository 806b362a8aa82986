"""What is said to the process that puts blocks of code into files, and what it answers."""

from __future__ import annotations

from app.errors import AppError
from app.files.block_source import BlockSource
from app.files.block_target import NamedFile
from app.ipc.job import JobCommand, JobEvent, JobFailed

MODULE = "app.files.block_job"


class CannotPlaceBlockError(AppError):
    """It is not clear where a block belongs in its file."""

    code = "cannot_place"


class PlaceBlock(JobCommand, tag="place", frozen=True, kw_only=True):
    """Put a block into a file's text, and write nothing. Answers: BlockPlaced.

    Attributes:
        path: Absolute.
        shown: Below the open folder.
        before: The text as it is in the editor; None: read the file.
        named: What the block said of its file.
    """

    path: str
    shown: str
    before: str | None
    source: BlockSource
    named: NamedFile | None = None


class BlockPlaced(JobEvent, tag="placed", frozen=True, kw_only=True):
    """A file's text before and after; see ``app.files.placing.Placed``."""

    before: str
    text: str
    how: str
    warning: str = ""


BlockEvent = BlockPlaced | JobFailed
