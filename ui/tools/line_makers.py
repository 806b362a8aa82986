"""Results as lines: a diff, an excerpt of a file, what a search found. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from app.conversations.parts import CallProblem
from app.tools.line_diff import CONTEXT, diff_rows
from app.tools.views import DiffView, FileView, Match, MatchesView
from app.tools.visible import make_visible
from ui.tools.lines_pane import Line

#: More lines of a result are not built, for nobody scrolls through them in a card; what is copied has them all.
MAX_LINES = 1200
_SIGNS = {"added": "+", "removed": "\u2212", "same": " "}


def diff_lines(view: DiffView) -> list[Line]:
    """Return a unified diff with the line numbers of both texts."""
    rows = diff_rows(make_visible(view.before or ""), make_visible(view.after or ""))
    skipped = view.first_line - 1
    width = len(str(skipped + max((max(row.before, row.after) for row in rows[-CONTEXT - 1 :]), default=0)))
    is_one_sided = view.before is None or view.after is None
    lines = []
    for row in rows[:MAX_LINES]:
        if row.tone == "gap":
            lines.append(Line(row.text, "\u22ef", "gap"))
            continue
        numbers = [row.before or row.after] if is_one_sided else [row.before, row.after]
        gutter = " ".join(f"{number + skipped if number else '':>{width}}" for number in numbers)
        tone = "" if row.tone == "same" else row.tone
        spans = tuple((begin, end, row.tone) for begin, end in row.spans)
        lines.append(Line(row.text, f"{gutter} {_SIGNS[row.tone]}", tone, spans))
    if view.is_cut:
        lines.append(Line("The rest is left out here.", "\u22ef", "gap"))
    return [*lines, *_rest(len(rows) - MAX_LINES)]


def file_lines(view: FileView) -> list[Line]:
    """Return an excerpt with its line numbers, and where the file goes on."""
    every = make_visible(view.text).removesuffix("\n").split("\n")
    texts = every[:MAX_LINES]
    lines = [Line(text, str(number)) for number, text in enumerate(texts, view.first_line)]
    if view.first_line > 1:
        lines.insert(0, Line(f"{view.first_line - 1:,} lines before", "\u22ef", "gap"))
    if len(every) > MAX_LINES:
        return [*lines, *_rest(len(every) - MAX_LINES)]
    rest = view.total_lines - (view.first_line + len(texts) - 1)
    if rest > 0:
        lines.append(Line(f"{rest:,} lines after", "\u22ef", "gap"))
    return lines


def match_lines(view: MatchesView) -> list[Line]:
    """Return what was found, file by file."""
    lines: list[Line] = []
    for path, found in groupby(view.matches[:MAX_LINES], key=lambda match: match.path):
        lines.append(Line(make_visible(path), tone="heading"))
        lines += [_match_line(match) for match in found]
    listed = min(len(view.matches), MAX_LINES)
    if view.total > listed:
        lines.append(Line(f"{view.total - listed:,} more are not listed", "\u22ef", "gap"))
    return lines or [Line("No matches.", tone="gap")]


def numbered(text: str) -> list[Line]:
    """Return plain lines without numbers."""
    lines = make_visible(text).removesuffix("\n").split("\n")
    return [*(Line(line) for line in lines[:MAX_LINES]), *_rest(len(lines) - MAX_LINES)]


def problem_lines(raw: str, problems: Iterable[CallProblem]) -> list[Line]:
    """Return what the model wrote, with the places of its problems marked."""
    spans = sorted((p.start, p.end) for p in problems if p.end > p.start)
    lines, place = [], 0
    every = raw.split("\n")
    for number, text in enumerate(every[:MAX_LINES], 1):
        inside = [(max(b - place, 0), min(e - place, len(text))) for b, e in spans]
        visible, marked = visible_spans(text, [(b, e) for b, e in inside if b < e])
        marks = tuple((b, e, "problem") for b, e in marked)
        lines.append(Line(visible, str(number), "", marks))
        place += len(text) + 1
    return [*lines, *_rest(len(every) - MAX_LINES)]


def visible_spans(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Return ``text`` with hidden characters visible, and where the same stretches of it are now."""
    shown = make_visible(text)
    if shown == text:
        return shown, list(spans)
    return shown, [(len(make_visible(text[:begin])), len(make_visible(text[:end]))) for begin, end in spans]


def _rest(count: int) -> list[Line]:
    return [Line(f"{count:,} more lines are not shown", "\u22ef", "gap")] if count > 0 else []


def _match_line(match: Match) -> Line:
    text, spans = visible_spans(match.text, match.spans)
    return Line(text, str(match.line), "", tuple((begin, end, "match") for begin, end in spans))
