"""The view of one changed file, bounded."""

from __future__ import annotations

from app.tools.views import MAX_VIEW_CHARACTERS, DiffView

#: Lines kept in front of the first change where the beginning of a text is left out.
_LINES_BEFORE = 20


def diff_view(path: str, before: str | None, after: str | None) -> DiffView:
    """Return a file's two texts; where they are too long, the part about the first change."""
    old, new = (_unix(before), _unix(after))
    if len(old or "") + len(new or "") <= MAX_VIEW_CHARACTERS:
        return DiffView(path=path, before=old, after=new)
    start = _start(old or "", new or "")
    most = MAX_VIEW_CHARACTERS // 2
    return DiffView(
        path=path,
        before=None if old is None else old[start : start + most],
        after=None if new is None else new[start : start + most],
        is_cut=True,
        first_line=(old or new or "").count("\n", 0, start) + 1,
    )


def _unix(text: str | None) -> str | None:
    return None if text is None else text.replace("\r\n", "\n")


def _start(old: str, new: str) -> int:
    """Return where a line begins a little before the texts first differ."""
    low, high = 0, min(len(old), len(new))
    while low < high:  # the longest common beginning, by halving: a comparison of slices is fast
        middle = (low + high + 1) // 2
        low, high = (middle, high) if old[:middle] == new[:middle] else (low, middle - 1)
    start = low
    for _ in range(_LINES_BEFORE):
        start = old.rfind("\n", 0, max(start - 1, 0)) + 1
        if start == 0:
            break
    return start
