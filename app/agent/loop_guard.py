"""Notices a model that goes round in circles: the same call with the same result, or nothing but malformed calls."""

from __future__ import annotations

from typing import Any

import msgspec

from app.agent.trace import RunLimits
from app.tools.tool import Outcome

#: Told with a result that the model has just had; small models need to hear it.
AGAIN = (
    "\n\n(You have made this same call before, and this is the same result. Do not repeat it: answer the person, "
    "or do something else.)"
)


#: GBNF of the beginning of a sentence, in the Latin alphabet or any other.
_LATIN = """([A-Z] [a-z']* " ")"""
_ANY = r"""([A-Z] [a-z']* " " | [^\x00-\x7F])"""


def words_only(question: str) -> str:
    """Return the GBNF of an answer to ``question`` in words, with none of the marks that calls begin with.

    Small models fall into another language when their call is taken from them: they are held to the alphabet.
    """
    return f"root ::= {_LATIN if question.isascii() else _ANY} [^<{{`]+"


class LoopGuard:
    """Counts repetitions since a run began or a person last decided that it goes on."""

    def __init__(self, limits: RunLimits) -> None:
        self._limits = limits
        self._last: bytes = b""
        self._seen: dict[bytes, int] = {}
        self._malformed = 0
        self._name = ""

    def note(
        self, name: str, arguments: dict[str, Any], outcome: Outcome, content: str, *, only_looks: bool = False
    ) -> str:
        """Take in what came of a call; return what to tell the model beside it, before it is stopped.

        A call that may change something and brings something new is progress: counting begins anew. One that
        ``only_looks`` is not, so that circles of several calls are noticed, too.
        """
        if outcome == "invalid":
            self._malformed += 1
            return ""
        self._malformed = 0
        this = msgspec.json.encode((name, arguments, content), order="deterministic")
        if not only_looks and this not in self._seen:
            self._seen.clear()
        self._seen[this] = self._seen.get(this, 0) + 1
        self._last, self._name = this, name
        return AGAIN if self._repeats > 1 else ""

    @property
    def _repeats(self) -> int:
        """How often the last call has brought what it brought now."""
        return self._seen.get(self._last, 0)

    @property
    def repeated(self) -> str:
        """The tool whose call was just repeated with the same result; empty for none."""
        return self._name if self._repeats > 1 else ""

    @property
    def reason(self) -> str:
        """Why the run should stop to ask, in words; empty while it should not."""
        if self._limits.malformed and self._malformed >= self._limits.malformed:
            return f"The model wrote {self._malformed:,} calls in a row that cannot be run."
        if self._limits.repeats and self._repeats >= self._limits.repeats:
            return f"The model called {self._name} {self._repeats:,} times and got the same result."
        return ""
