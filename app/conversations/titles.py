"""A conversation's title from its first message. Pure."""

from __future__ import annotations

import re

LONGEST = 60
UNTITLED = "New conversation"
_FENCE = re.compile(r"^\s*(```|~~~).*?^\s*\1[ \t]*$", re.DOTALL | re.MULTILINE)


def title_of(text: str) -> str:
    """Return a short title: the first sentence outside code, cut at a word."""
    prose = _FENCE.sub("\n", text)
    lines = [re.sub(r"^[#>*\-\s]+", "", line).strip() for line in (prose if prose.strip() else text).splitlines()]
    line = next((line for line in lines if line and not line.startswith(("```", "~~~"))), "")
    sentence = re.split(r"(?<=[.!?])\s", line, maxsplit=1)[0].strip()
    if len(sentence) <= LONGEST:
        return sentence or UNTITLED
    cut = sentence[:LONGEST].rsplit(maxsplit=1)[0] if " " in sentence[:LONGEST] else sentence[: LONGEST - 1]
    return cut.rstrip(",;:") + "…"
