"""Completions that were made, so that typing what one says, or going back, asks for nothing. Pure."""

from __future__ import annotations

from collections import OrderedDict

#: How many are kept, and how many typed characters one may be older than the cursor.
MOST_KEPT, MOST_TYPED = 64, 160
#: How much of the text on both sides has to be equal.
_BEFORE, _AFTER = 400, 120


class KeptCompletions:
    """The latest completions by the text around them."""

    def __init__(self) -> None:
        self._texts: OrderedDict[tuple[str, str], str] = OrderedDict()

    @property
    def has_any(self) -> bool:
        """Whether there is something to find."""
        return bool(self._texts)

    def keep(self, before: str, after: str, text: str) -> None:
        """Remember what belongs between two texts; empty for nothing."""
        key = _key(before, after)
        self._texts[key] = text
        self._texts.move_to_end(key)
        while len(self._texts) > MOST_KEPT:
            self._texts.popitem(last=False)

    def find(self, before: str, after: str) -> str | None:
        """Return what is left of a completion after what was typed of it; None if there is none."""
        for typed in range(min(len(before), MOST_TYPED) + 1):
            text = self._texts.get(_key(before[: len(before) - typed], after))
            if text is None or not text.startswith(before[len(before) - typed :]):
                continue
            if typed == 0 or len(text) > typed:
                return text[typed:]
        return None

    def clear(self) -> None:
        """Forget all: another model would say something else."""
        self._texts.clear()


def _key(before: str, after: str) -> tuple[str, str]:
    return before[-_BEFORE:], after[:_AFTER]
