"""What the readers of one reply share."""

from __future__ import annotations

from dataclasses import dataclass

from app.agent.formats.sink import OpenCall, Sink
from app.agent.formats.source import Source


@dataclass
class Reading:
    """One reply being read.

    Attributes:
        tags_win: A call ran on to the end of the reply, so that closing tags end calls wherever they stand.
        rereads: How often a call was read a second time; bounded, so that time stays linear in the length.
    """

    source: Source
    sink: Sink
    tags_win: bool = False
    rereads: int = 0

    def note_unclosed(self, call: OpenCall, tag: bytes, at: int, end: int) -> int:
        """Note that a closing tag is missing at a position; return where the call ends, which else is ``end``.

        Where the reply was cut off there, even within the tag, the call may be incomplete.
        """
        data = self.source.data
        begun = bytes(data[at : at + len(tag)])
        is_last = at + len(begun) >= len(data) and tag.startswith(begun)
        is_cut = self.source.is_cut and is_last
        code = "truncated" if is_cut else "not_closed"
        self.sink.note(call, code, f"The closing {tag.decode()} is missing.", is_fatal=is_cut)
        return len(data) if is_last and begun else end
