"""Which lines of a text are new when it becomes another. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher

#: Of a longer stretch every line counts as changed: comparing takes the square of the lines.
MAX_COMPARED = 600


def changed_lines(before: str, after: str) -> tuple[int, ...]:
    """Return the lines of ``after``, from 1, that are not in ``before``; where some only went, the line behind."""
    old, new = before.split("\n"), after.split("\n")
    begin = 0
    while begin < min(len(old), len(new)) and old[begin] == new[begin]:
        begin += 1
    end = 0
    while end < min(len(old), len(new)) - begin and old[-1 - end] == new[-1 - end]:
        end += 1
    old, new, last = old[begin : len(old) - end], new[begin : len(new) - end], len(new)
    if not old and not new:
        return ()
    if max(len(old), len(new)) > MAX_COMPARED:
        return tuple(range(begin + 1, begin + len(new) + 1)) or (min(begin + 1, last),)
    found: set[int] = set()
    for tag, _old_begin, _old_end, first, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "delete":
            found.add(min(begin + first + 1, last))
        elif tag != "equal":
            found.update(range(begin + first + 1, begin + stop + 1))
    return tuple(sorted(found))
