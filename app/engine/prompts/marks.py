"""Stand-ins for text that must pass through a chat template unseen and be found again behind it."""

from __future__ import annotations

import re
from itertools import count


class Marks:
    """Gives each piece of text a mark: letters and digits only, so that no filter or JSON escape changes it.

    Found again in any case, since a template may write in capitals.
    """

    def __init__(self, avoid: str) -> None:
        """Choose marks that do not occur in ``avoid``, the same ones for the same text."""
        folded = avoid.casefold()
        prefix = next(prefix for n in count() if (prefix := f"zq{n}x") not in folded)
        self._prefix = prefix
        self._texts: list[str] = []
        self.pattern = re.compile(rf"{prefix}(\d+)y", re.IGNORECASE)

    def put(self, text: str) -> str:
        """Return a new mark for ``text``."""
        self._texts.append(text)
        return f"{self._prefix}{len(self._texts) - 1}y"

    def text(self, match: re.Match[str]) -> str:
        """Return what the mark found by ``pattern`` stands for."""
        return self._texts[int(match[1])]

    def places(self, text: str) -> dict[str, list[int]]:
        """Return where each mark stands unchanged in ``text``."""
        places: dict[str, list[int]] = {}
        for match in self.pattern.finditer(text):
            places.setdefault(match[0], []).append(match.start())
        return places

    def restored(self, text: str) -> str:
        """Return ``text`` with every mark replaced by what it stands for, marks within that included."""
        while self.pattern.search(text):
            text = self.pattern.sub(self.text, text)
        return text
