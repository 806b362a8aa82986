"""A conversation's title from its first message. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.chat.reference_text import title_of_references
from app.conversations.parts import ReferencePart

LONGEST = 60
UNTITLED = "New conversation"
_FENCE = re.compile(r"^\s*(```|~~~).*?^\s*\1[ \t]*$", re.DOTALL | re.MULTILINE)


def title_of(text: str, references: Sequence[ReferencePart] = ()) -> str:
    """Return a short title: the first sentence outside code, cut at a word; without words what is pointed at."""
    if not text.strip():
        text = title_of_references(references)
    prose = _FENCE.sub("\n", text)
    lines = [re.sub(r"^[#>*\-\s]+", "", line).strip() for line in (prose if prose.strip() else text).splitlines()]
    line = next((line for line in lines if line and not line.startswith(("```", "~~~"))), "")
    sentence = re.split(r"(?<=[.!?])\s", line, maxsplit=1)[0].strip()
    if len(sentence) <= LONGEST:
        return sentence or UNTITLED
    cut = sentence[:LONGEST].rsplit(maxsplit=1)[0] if " " in sentence[:LONGEST] else sentence[: LONGEST - 1]
    return cut.rstrip(",;:") + "…"
