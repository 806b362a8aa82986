"""What can go wrong with a download: what ends it until a person acts, and what is only tried again."""

from __future__ import annotations

from typing import Literal

from app.errors import AppError

Code = Literal[
    "name", "occupied", "locked", "no_space", "disk_full", "unwritable",
    "gated", "token", "not_found", "refused", "changed", "hash", "damaged",
]  # fmt: skip


class DownloadError(AppError):
    """A download ended and needs a person; what has been fetched is kept.

    Attributes:
        code: Stable, for programs.
    """

    def __init__(self, code: Code, title: str, message: str = "", hint: str = "", detail: str = "") -> None:
        super().__init__(title, message, hint, detail)
        self.code: Code = code


class Trouble(Exception):  # noqa: N818 - it is no error yet
    """Something that may pass: tried again after a while.

    Attributes:
        problem: What happened, as a sentence for people.
        wait_s: How long the server wants us to wait; None where it did not say.
    """

    def __init__(self, problem: str, wait_s: float | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.wait_s = wait_s


class Stopped(Exception):  # noqa: N818 - asked for
    """The download was paused or cancelled."""
