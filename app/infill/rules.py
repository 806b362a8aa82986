"""When a completion is worth asking for, and how long it may get. Pure."""

from __future__ import annotations

import re
from typing import Literal

from app.engine.sampling import Sampling
from app.infill.surroundings import Surroundings

#: A line that is so long is no line a person writes on.
MOST_COLUMNS = 1000
#: A completion that takes longer is of no use any more; in seconds.
TIME_LIMIT_S = 10.0
LINE_TOKENS, BLOCK_TOKENS = 48, 112
#: What may stand behind the cursor where nobody asked: brackets, quotes and marks that close something.
_CLOSING = re.compile(r"[\s)\]}>\"'`;:,]*\Z")
#: At the end of a line they begin a block.
_OPENERS = ":{(["

Shape = Literal["line", "block"]


def is_apt(around: Surroundings) -> bool:
    """Tell whether a pause here is a reason to propose something unasked."""
    has_something = bool(around.before.strip())
    return has_something and len(around.head) < MOST_COLUMNS and _CLOSING.match(around.tail) is not None


def shape_of(around: Surroundings) -> Shape:
    """Return whether the rest of a line is wanted, or several lines."""
    if around.tail.strip():
        return "line"
    head = around.head.rstrip()
    return "block" if not head or head[-1] in _OPENERS else "line"


def sampling_for(shape: Shape) -> Sampling:
    """Return the sampling of completions, whatever the chat's is: the likeliest text, and little of it."""
    if shape == "line":
        return Sampling(temperature=0.0, max_tokens=LINE_TOKENS, stop=("\n",))
    return Sampling(temperature=0.0, max_tokens=BLOCK_TOKENS)
