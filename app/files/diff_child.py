"""The child process that compares long texts; short ones are compared where they are."""

from __future__ import annotations

from collections.abc import Callable

from app.files.hunks import Place, find_places, split_lines
from app.ipc.job import JobCommand, JobEvent, JobFailed, serve

#: A few seconds at most, in which nobody waits.
_MOST_STEPS = 3_000_000
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
    places = find_places(split_lines(command.before), split_lines(command.after), most_steps=_MOST_STEPS)
    return Compared(places=places)


if __name__ == "__main__":
    serve(Compare, answer)
