"""A file of a run as text to be reviewed: what the run found, what it left, and what the person wants of that. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.errors import AppError
from app.files.hunks import Hunk, apply_hunks, find_accepted
from app.tools.context import ToolError
from app.tools.text import TextFile, decode
from app.tools.tool import Wanted

#: More of a file is not shown hunk by hunk.
MAX_SHOWN_BYTES = 4_000_000
_NOTHING = TextFile("")


@dataclass(frozen=True)
class ReviewText:
    """The two texts whose hunks are shown.

    Attributes:
        after: What the run left; where somebody changed the file since, what was there then.
        now: What is there now.
        is_theirs: ``after`` is not what the run left.
    """

    before: TextFile
    after: TextFile
    now: TextFile
    is_theirs: bool = False

    def accepted(self, hunks: Sequence[Hunk]) -> frozenset[int] | None:
        """Return the hunks that are in the file now; None if it is nothing that could be made of them."""
        if self.now.text == self.after.text:
            return frozenset(range(len(hunks)))
        if self.now.text == self.before.text:
            return frozenset()
        return find_accepted(self.before.text, hunks, self.now.text)

    def as_it_is(self) -> ReviewText:
        """Return the same with what is there now in the place of what the run left."""
        return ReviewText(self.before, self.now, self.now, is_theirs=True)

    def wanted(self, hunks: Sequence[Hunk], accepted: Collection[int]) -> Wanted:
        """Return what is to stand in the file with these hunks.

        Raises:
            AppError: It cannot be written in the file's encoding.
        """
        if not accepted:
            return "before"
        if len(accepted) == len(hunks) and not self.is_theirs:
            return "after"
        try:
            return self.after.encode(apply_hunks(self.before.text, hunks, accepted))
        except ToolError as error:
            raise AppError("The file could not be written", str(error), "Accept or reject it whole.") from error


def review_text(before: bytes | None, after: bytes | None, now: bytes | None) -> ReviewText | None:
    """Return a file as text, each side None where there is no file; None if it cannot be shown as text."""
    first, second, third = (_NOTHING if data is None else _decoded(data) for data in (before, after, now))
    return None if first is None or second is None or third is None else ReviewText(first, second, third)


def _decoded(data: bytes) -> TextFile | None:
    return decode(data) if len(data) <= MAX_SHOWN_BYTES else None


def whole_words(before: int | None, after: int | None, *, is_text: bool) -> str:
    """Return what is said of a file that is not shown by hunks; sizes in bytes, None for no file."""
    what = "Too long to be shown here" if is_text else "Not text"
    if before is None:
        return f"{what}: {after:,} bytes."
    if after is None:
        return f"{what}: there were {before:,} bytes."
    return f"{what}: {before:,} bytes before, {after:,} bytes now."
