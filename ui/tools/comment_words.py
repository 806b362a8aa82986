"""What a person said about hunks of a run, as one message to the model. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.files.hunks import Hunk

#: More lines of a hunk are not repeated: the model wrote them and can read the file.
MAX_LINES = 80
_TICKS = re.compile(r"`{3,}")


@dataclass(frozen=True)
class Comment:
    """What was said about one hunk; ``is_rejected``: the person took the hunk back."""

    path: str
    hunk: Hunk
    text: str
    is_rejected: bool = False


def count_words(count: int) -> str:
    """Return a number of comments in words."""
    return "1 comment" if count == 1 else f"{count:,} comments"


def message_of(comments: Sequence[Comment]) -> str:
    """Return the message: for each comment the file, the lines, the hunk as a diff, and what was said."""
    parts = [f"I reviewed your changes and have {count_words(len(comments))}."]
    for comment in comments:
        lines = _diff(comment.hunk)
        diff = "\n".join(lines)
        fence = "`" * max(3, *(len(ticks) + 1 for ticks in _TICKS.findall(diff)), 3)
        where = f"`{comment.path}`, {_where(comment.hunk)}"
        taken = " (I took this change back; the file has the lines from before)" if comment.is_rejected else ""
        parts.append(f"{where}{taken}:\n\n{fence}diff\n{diff}\n{fence}\n\n{comment.text.strip()}")
    return "\n\n".join(parts)


def _where(hunk: Hunk) -> str:
    start, count = (hunk.after_start, len(hunk.after)) if hunk.after else (hunk.before_start, len(hunk.before))
    gone = "" if hunk.after else " before the change"
    return f"line {start + 1}{gone}" if count == 1 else f"lines {start + 1} to {start + count}{gone}"


def _diff(hunk: Hunk) -> list[str]:
    head = f"@@ -{hunk.before_start + 1},{len(hunk.before)} +{hunk.after_start + 1},{len(hunk.after)} @@"
    lines, before, after = [head], 0, 0
    ends = (len(hunk.before), len(hunk.after), 0)
    for old, new, size in [*hunk.matches(), ends]:
        lines += [f"-{_bare(line)}" for line in hunk.before[before:old]]
        lines += [f"+{_bare(line)}" for line in hunk.after[after:new]]
        lines += [f" {_bare(line)}" for line in hunk.before[old : old + size]]
        before, after = old + size, new + size
    more = len(lines) - 1 - MAX_LINES
    return lines if more <= 0 else [*lines[: MAX_LINES + 1], f"({more:,} more lines)"]


def _bare(line: str) -> str:
    return line.rstrip("\r\n")
