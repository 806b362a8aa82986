"""A diff as rows to be drawn: side by side or one below the other, unchanged stretches folded. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.files.hunks import MAX_MATCHED_LINES, Hunk, TextDiff
from app.tools.line_diff import CONTEXT, Tone
from app.tools.visible import with_signs

#: More of a line is not drawn.
MAX_CHARACTERS = 2000
#: More rows of one hunk are not drawn: nobody reads a file that was written anew line by line.
MAX_HUNK_ROWS = 3000
#: A stretch of more lines unfolds at both of its ends first.
MAX_UNFOLDED = 400
#: So many lines of a change are compared by words with those in their place.
_MOST_PAIRED = 50


@dataclass(frozen=True)
class Cell:
    """One line of one text.

    Attributes:
        number: From 1.
        text: Without its end; hidden characters have signs.
        partner: The line that it replaced, or was replaced by; None where there is no such line.
        note: What is to be known of its end, in words.
    """

    number: int
    text: str
    tone: Tone = "same"
    partner: str | None = None
    note: str = ""


@dataclass(frozen=True)
class LineRow:
    """A row of text; one below the other each has one side, or both where they are the same."""

    left: Cell | None
    right: Cell | None
    hunk: int = -1


@dataclass(frozen=True)
class FoldRow:
    """Unchanged lines that are not shown: the first of them in both texts, from 0, and how many."""

    before: int
    after: int
    count: int


@dataclass(frozen=True)
class BarRow:
    """Where a hunk begins."""

    hunk: int


@dataclass(frozen=True)
class CommentRow:
    """Where what is said about a hunk stands, below it."""

    hunk: int


@dataclass(frozen=True)
class RestRow:
    """More lines of a hunk, too many to be drawn."""

    hunk: int


Row = LineRow | FoldRow | BarRow | CommentRow | RestRow


class RowMaker:
    """Makes the rows of one diff.

    Args:
        is_split: Side by side.
        has_bars: Each hunk gets a row for what can be done with it.
        is_unfolded: Unchanged lines are all shown.
    """

    def __init__(self, diff: TextDiff, *, is_split: bool, has_bars: bool, is_unfolded: bool = False) -> None:
        self._diff = diff
        self._is_split = is_split
        self._has_bars = has_bars
        self._is_unfolded = is_unfolded
        # An end as on Windows is shown only where it is what changed.
        self._hides_cr = not any(map(_changes_ends, diff.hunks))

    def rows(self) -> Iterator[Row]:
        """Yield all rows, in order."""
        before = after = 0
        for number, hunk in enumerate(self._diff.hunks):
            yield from self._between(before, after, hunk.before_start - before, is_first=number == 0, is_last=False)
            if self._has_bars:
                yield BarRow(number)
            yield from self._hunk_rows(number, hunk)
            if self._has_bars:
                yield CommentRow(number)
            before, after = hunk.before_end, hunk.after_end
        count = len(self._diff.before) - before
        yield from self._between(before, after, count, is_first=not self._diff.hunks, is_last=True)

    def unfold(self, fold: FoldRow) -> list[Row]:
        """Return the rows in the place of a fold; a long one leaves a shorter fold in its middle."""
        if fold.count <= MAX_UNFOLDED:
            return list(self._same(fold.before, fold.after, fold.count))
        part = MAX_UNFOLDED // 2
        rest = fold.count - 2 * part
        end = fold.before + part + rest, fold.after + part + rest
        return [
            *self._same(fold.before, fold.after, part),
            FoldRow(fold.before + part, fold.after + part, rest),
            *self._same(*end, part),
        ]

    def _between(self, before: int, after: int, count: int, *, is_first: bool, is_last: bool) -> Iterator[Row]:
        head, tail = 0 if is_first else CONTEXT, 0 if is_last else CONTEXT
        hidden = count - head - tail
        if hidden <= 1 or self._is_unfolded:
            yield from self._same(before, after, count)
            return
        yield from self._same(before, after, head)
        yield FoldRow(before + head, after + head, hidden)
        yield from self._same(before + head + hidden, after + head + hidden, tail)

    def _same(self, before: int, after: int, count: int) -> Iterator[LineRow]:
        for place in range(count):
            text = self._shown(self._diff.before[before + place])
            yield LineRow(Cell(before + place + 1, text), Cell(after + place + 1, text))

    def _hunk_rows(self, number: int, hunk: Hunk) -> Iterator[Row]:
        for shown, row in enumerate(self._changes(number, hunk)):
            if shown == MAX_HUNK_ROWS:
                yield RestRow(number)
                return
            yield row

    def _changes(self, number: int, hunk: Hunk) -> Iterator[LineRow]:
        before = after = 0
        ends = (len(hunk.before), len(hunk.after), 0)
        for old, new, size in [*hunk.matches(), ends]:
            removed = self._cells(hunk.before[before:old], hunk.before_start + before, "removed")
            added = self._cells(hunk.after[after:new], hunk.after_start + after, "added")
            pairs = list(zip(removed, added, strict=False))[:_MOST_PAIRED]
            removed[: len(pairs)] = [_paired(cell, other) for cell, other in pairs]
            added[: len(pairs)] = [_paired(other, cell) for cell, other in pairs]
            yield from self._arranged(number, removed, added)
            for row in self._same(hunk.before_start + old, hunk.after_start + new, size):
                yield LineRow(row.left, row.right, number)
            before, after = old + size, new + size

    def _arranged(self, number: int, removed: Sequence[Cell], added: Sequence[Cell]) -> Iterator[LineRow]:
        if not self._is_split:
            yield from (LineRow(cell, None, number) for cell in removed)
            yield from (LineRow(None, cell, number) for cell in added)
            return
        for place in range(max(len(removed), len(added))):
            left = removed[place] if place < len(removed) else None
            yield LineRow(left, added[place] if place < len(added) else None, number)

    def _cells(self, lines: Sequence[str], start: int, tone: Tone) -> list[Cell]:
        return [
            Cell(
                start + place + 1,
                self._shown(line),
                tone,
                note="" if line.endswith(("\n", "\r")) else "No line end at the end of the file",
            )
            for place, line in enumerate(lines[: MAX_HUNK_ROWS + 1])
        ]

    def _shown(self, line: str) -> str:
        text = line.removesuffix("\n")
        text = text.removesuffix("\r") if self._hides_cr else text
        return with_signs(text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}\u2026")


def _paired(cell: Cell, other: Cell) -> Cell:
    return Cell(cell.number, cell.text, cell.tone, other.text, cell.note)


def _changes_ends(hunk: Hunk) -> bool:
    """Whether a line of a hunk got another end and nothing else; of a very long hunk nobody asks."""
    if len(hunk.before) + len(hunk.after) > MAX_MATCHED_LINES:
        return False
    before, after = (
        {(line.rstrip("\r\n"), line.endswith("\r\n")) for line in side} for side in (hunk.before, hunk.after)
    )
    return any((text, not is_windows) in after for text, is_windows in before if text)
