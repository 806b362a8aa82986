"""Bytes of tokens to text, a piece at a time and never half a character. Pure."""

from __future__ import annotations

import codecs
from collections.abc import Iterable


class Detokenizer:
    """An incremental UTF-8 decoder: the work per token does not grow with the text."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, piece: bytes) -> str:
        """Return the characters completed by ``piece``."""
        return self._decoder.decode(piece)

    def finish(self) -> str:
        """Return what is left: a replacement character where the text ends inside a character."""
        return self._decoder.decode(b"", final=True)


def spelled(pieces: Iterable[bytes]) -> tuple[str, tuple[int, ...]]:
    """Return the text of tokens and how many of its characters are complete after each."""
    decoder = Detokenizer()
    texts: list[str] = []
    ends: list[int] = []
    length = 0
    for piece in pieces:
        texts.append(decoder.feed(piece))
        length += len(texts[-1])
        ends.append(length)
    texts.append(decoder.finish())
    return "".join(texts), tuple(ends)
