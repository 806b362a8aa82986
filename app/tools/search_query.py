"""What is searched for and what a line found is; ripgrep and the search in Python share it. Pure."""

from __future__ import annotations

import msgspec

#: Larger files are passed over.
MAX_FILE_BYTES = 16 * 2**20
#: Matching lines counted; a search with more is stopped there.
MAX_COUNTED = 20_000
TOO_MANY = f"{MAX_COUNTED:,} lines match already"
#: Of a line with a match, so much about the first one is kept.
MAX_LINE_CHARACTERS = 400
MAX_SPANS = 20
MAX_CONTEXT = 10


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A search.

    Attributes:
        base: Names that lead to the folder or file searched.
        glob: What a file's path has to match; "" for every file.
        context: Lines shown around each match.
    """

    pattern: str
    base: tuple[str, ...] = ()
    glob: str = ""
    is_regex: bool = True
    ignore_case: bool = False
    context: int = 0


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line with a match, or one around it, cut to what can be shown.

    Attributes:
        spans: (begin, end) characters of ``text`` that match.
    """

    path: str
    number: int
    text: str
    spans: tuple[tuple[int, int], ...] = ()
    is_match: bool = True


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What a search found, by path and line.

    Attributes:
        stopped: Why it ended early, in words; empty when it did not.
    """

    lines: tuple[Line, ...]
    stopped: str = ""


def clip(path: str, number: int, text: str, spans: list[tuple[int, int]], *, is_match: bool = True) -> Line:
    """Return a line of bounded length that shows the first match."""
    spans = [(begin, min(end, len(text))) for begin, end in spans if begin <= len(text)][:MAX_SPANS]
    if len(text) > MAX_LINE_CHARACTERS:
        start = max(0, (spans[0][0] if spans else 0) - MAX_LINE_CHARACTERS // 4)
        end = start + MAX_LINE_CHARACTERS
        before, after = "…" if start else "", "…" if end < len(text) else ""
        text = before + text[start:end] + after
        move = len(before) - start
        spans = [
            (begin + move, min(stop + move, MAX_LINE_CHARACTERS + len(before))) for begin, stop in spans if begin < end
        ]
    return Line(path=path, number=number, text=text, spans=tuple(spans), is_match=is_match)


def in_order(lines: list[Line]) -> tuple[Line, ...]:
    """Return lines by folder, file and number, as both searches give them."""
    return tuple(sorted(lines, key=lambda line: (line.path.split("/"), line.number)))
