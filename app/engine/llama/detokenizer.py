"""Bytes of tokens to text, a piece at a time and never half a character. Pure."""

from __future__ import annotations

import codecs


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
