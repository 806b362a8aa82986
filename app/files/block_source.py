"""A block of code as it stands in a reply, for those who show it and those who put it into files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BlockSource:
    """A block of code as it stands in a reply.

    Attributes:
        text: The code.
        language: As its fence says.
        info: All that stands behind its fence.
        lead: The text just before it.
    """

    text: str
    language: str = ""
    info: str = ""
    lead: str = ""
