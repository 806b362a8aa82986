"""The child process that compares long texts; short ones are compared where they are."""

from __future__ import annotations

from collections.abc import Callable

from app.files.hunks import Place, find_places, split_lines
from app.ipc.job import JobCommand, JobEvent, JobFailed, serve

MODULE = "app.files.diff_child"


class Compare(JobCommand, tag="compare", frozen=True, kw_only=True):
    """Compare two texts. Answers: Compared."""

    before: str
    after: str


class Compared(JobEvent, tag="compared", frozen=True, kw_only=True):
    """Where they differ."""

    places: list[Place]


CompareEvent = Compared | JobFailed


def answer(command: Compare, _send: Callable[[JobEvent], None]) -> JobEvent:
    """Answer a command."""
    return Compared(places=find_places(split_lines(command.before), split_lines(command.after)))


if __name__ == "__main__":
    serve(Compare, answer)
